import { StarlarkError } from '../errors.ts';
import { StarlarkCallable } from '../value/callable.ts';
import { isInt } from '../value/float.ts';
import { clampInt } from '../value/integer.ts';
import { elementsOf } from '../value/iterate.ts';
import { shortRepr } from '../value/repr.ts';
import { typeName } from '../value/type-name.ts';
import type { Value } from '../value/value.ts';

/** An argument of a type that the built-in does not take. `parameter` is a position such as `1`, or a quoted name. */
export function wrongArgument(routine: string, parameter: string | number, got: Value, want: string): StarlarkError {
  return new StarlarkError('TYPE', `${routine}: for parameter ${parameter}: got ${typeName(got)}, want ${want}`, [
    `value: ${shortRepr(got)}`,
  ]);
}

export function expectString(routine: string, parameter: string | number, v: Value): string {
  if (typeof v !== 'string') throw wrongArgument(routine, parameter, v, 'string');
  return v;
}

/** An int, clamped to the safe range; meant for counts and positions. */
export function expectInt(routine: string, parameter: string | number, v: Value): number {
  if (!isInt(v)) throw wrongArgument(routine, parameter, v, 'int');
  return clampInt(v);
}

export function expectBool(routine: string, parameter: string | number, v: Value): boolean {
  if (typeof v !== 'boolean') throw wrongArgument(routine, parameter, v, 'bool');
  return v;
}

export function expectCallable(routine: string, parameter: string | number, v: Value): StarlarkCallable {
  if (!(v instanceof StarlarkCallable)) throw wrongArgument(routine, parameter, v, 'callable');
  return v;
}

/** The elements of an iterable argument, to be read only. */
export function expectElements(routine: string, parameter: string | number, v: Value): readonly Value[] {
  const elements = elementsOf(v);
  if (elements === undefined) throw notIterableArgument(routine, parameter, v);
  return elements;
}

export function notIterableArgument(routine: string, parameter: string | number, v: Value): StarlarkError {
  const error = wrongArgument(routine, parameter, v, 'iterable');
  if (typeof v !== 'string') return error;
  return new StarlarkError('TYPE', error.message, [
    ...error.notes,
    'A string is not iterable: use s.elems() for its characters.',
  ]);
}
