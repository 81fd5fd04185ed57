import { ClayError } from '../errors.ts';
import type { Json } from '../json.ts';

/** Deeper values are refused: they are cycles, or attacks on whoever walks them. */
export const maxDepth = 200;

const refused = Symbol('refused');

/**
 * Copies a value the way the wire would carry it. `undefined` members of objects are left out, as JSON does; anything
 * else that JSON would change or drop in silence is refused with its path.
 *
 * @param what names the value in the message, such as `the result of tool:roll`
 * @throws ClayError `NOT_CLONEABLE`
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { copyJson } from '@clay/sdk/wire';
 *
 * assert.throws(() => copyJson({ a: [1, undefined] }, 'args'), /args\.a\[1\] is undefined: use null, or leave it out/);
 * ```
 */
export function copyJson(value: unknown, what: string): Json {
  if (value === undefined) return null;
  const copied = copy(value, 0);
  if (copied === refused)
    throw new ClayError('NOT_CLONEABLE', explain(value, what, []) ?? `${what} is not plain JSON.`);
  return copied;
}

/**
 * Refuses what {@link copyJson} would, without copying. Binary parts of a message are let through.
 *
 * @throws ClayError `NOT_CLONEABLE`
 */
export function assertJson(message: object, what: string): void {
  for (const [name, member] of Object.entries(message)) {
    if (name === 'blobs' || member === undefined || isJson(member, 1)) continue;
    const path = `${what}.${name}`;
    throw new ClayError('NOT_CLONEABLE', explain(member, path, []) ?? `${path} is not plain JSON.`);
  }
}

function isJson(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value);
    case 'object':
      break;
    default:
      return false;
  }
  if (value === null) return true;
  if (depth >= maxDepth) return false;
  if (Array.isArray(value)) {
    // By index: `every` would skip holes.
    for (let index = 0; index < value.length; index++) if (!isJson(value[index], depth + 1)) return false;
    return true;
  }
  if (!isPlainObject(value)) return false;
  for (const key of Object.keys(value)) {
    const member = value[key];
    if (member !== undefined && !isJson(member, depth + 1)) return false;
  }
  return true;
}

// The fast way carries no path; only a refusal pays for the second walk that finds it.
function copy(value: unknown, depth: number): Json | typeof refused {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) ? value : refused;
    case 'object':
      break;
    default:
      return refused;
  }
  if (value === null) return null;
  if (depth >= maxDepth) return refused;
  if (Array.isArray(value)) {
    const list: Json[] = [];
    for (let index = 0; index < value.length; index++) {
      const item = copy(value[index], depth + 1);
      if (item === refused) return refused;
      list.push(item);
    }
    return list;
  }
  if (!isPlainObject(value)) return refused;
  const object: Record<string, Json> = {};
  for (const key of Object.keys(value)) {
    const member = value[key];
    if (member === undefined) continue;
    const item = copy(member, depth + 1);
    if (item === refused) return refused;
    if (key === '__proto__') define(object, key, item);
    else object[key] = item;
  }
  return object;
}

// Assigning to `__proto__` would change the prototype instead of making a member.
function define(object: Record<string, Json>, key: string, value: Json): void {
  Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}

function isPlainObject(value: object): value is Record<string, unknown> {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null || isForeignObjectPrototype(prototype);
}

// Objects of another realm (vm contexts) are as plain as ours.
function isForeignObjectPrototype(prototype: object): boolean {
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'isPrototypeOf');
}

function explain(value: unknown, path: string, ancestors: readonly object[]): string | null {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return null;
  if (typeof value === 'number') return Number.isFinite(value) ? null : `${path} is ${value}: JSON has no such number.`;
  if (typeof value === 'undefined') return `${path} is undefined: use null, or leave it out.`;
  if (typeof value === 'bigint') return `${path} is a bigint: pass it as a string.`;
  if (typeof value !== 'object') return `${path} is a ${typeof value}: only plain JSON crosses to another plugin.`;
  if (ancestors.includes(value)) return `${path} is a cycle: it contains itself.`;
  if (ancestors.length >= maxDepth) return `${path} is nested deeper than ${maxDepth} levels.`;
  const inside = [...ancestors, value];
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      const problem = explain(value[index], `${path}[${index}]`, inside);
      if (problem !== null) return problem;
    }
    return null;
  }
  if (!isPlainObject(value)) return `${path} is ${describeInstance(value)}`;
  for (const [key, member] of Object.entries(value)) {
    if (member === undefined) continue;
    const problem = explain(
      member,
      /^[A-Za-z_$][\w$]*$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`,
      inside,
    );
    if (problem !== null) return problem;
  }
  return null;
}

function describeInstance(value: object): string {
  const name = value.constructor?.name || 'object';
  switch (name) {
    case 'Date':
      return 'a Date: pass date.toISOString() or date.getTime().';
    case 'Map':
      return 'a Map: pass Object.fromEntries(map).';
    case 'Set':
      return 'a Set: pass [...set].';
    case 'Promise':
      return 'a Promise: await it first.';
    default:
      return `an instance of ${name}: only plain objects and arrays cross to another plugin.`;
  }
}
