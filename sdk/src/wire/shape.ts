import { maxDepth } from './copy.ts';

/** Says what a value should have been; null when it is that. */
export type Check = (value: unknown) => string | null;

/** A string. */
export const text: Check = (value) => (typeof value === 'string' ? null : 'text');
/** A string that names something. */
export const id: Check = (value) =>
  typeof value === 'string' && value.length > 0 && value.length <= 256 ? null : 'an id of 1 to 256 characters';
/** A whole number from 0. */
export const count: Check = (value) =>
  Number.isSafeInteger(value) && (value as number) >= 0 ? null : 'a whole number from 0';
/** A number from 0. */
export const amount: Check = (value) => (Number.isFinite(value) && (value as number) >= 0 ? null : 'a number from 0');

/** Any JSON, as deep as {@link maxDepth}: deeper values break whoever walks them. */
export const json: Check = (value) =>
  value === undefined ? 'a value' : isTooDeep(value, 0) ? `nested at most ${maxDepth} deep` : null;

/** A plain object of JSON. */
export const object: Check = (value) =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? json(value) : 'an object';

/** One of these strings. */
export function oneOf(...options: readonly string[]): Check {
  return (value) => (options.includes(value as string) ? null : `one of ${options.join(', ')}`);
}

/** Null, or what the check wants. */
export function nullable(check: Check): Check {
  return (value) => (value === null ? null : nest('null or ', check(value)));
}

/** Absent, or what the check wants. */
export function optional(check: Check): Check {
  return (value) => (value === undefined ? null : check(value));
}

/** A list whose every item is what the check wants. */
export function listOf(check: Check): Check {
  return (value) => {
    if (!Array.isArray(value)) return 'a list';
    for (let index = 0; index < value.length; index++) {
      const expected = check(value[index]);
      if (expected !== null) return `a list whose item ${index} is ${expected}`;
    }
    return null;
  };
}

/** The members of an object, each with its check. */
export type Shape = Readonly<Record<string, Check>>;

/** An object with at least these members; others are let through unread, so that a newer side may add some. */
export function shapeOf(shape: Shape): Check {
  const members = Object.entries(shape);
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'an object';
    for (const [name, check] of members) {
      const expected = check(
        Object.hasOwn(value, name) ? (value as Readonly<Record<string, unknown>>)[name] : undefined,
      );
      if (expected !== null) return `an object whose "${name}" is ${expected}`;
    }
    return null;
  };
}

function nest(prefix: string, expected: string | null): string | null {
  return expected === null ? null : `${prefix}${expected}`;
}

function isTooDeep(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (depth >= maxDepth) return true;
  for (const member of Array.isArray(value) ? value : Object.values(value))
    if (isTooDeep(member, depth + 1)) return true;
  return false;
}
