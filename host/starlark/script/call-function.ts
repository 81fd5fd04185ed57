import type { JsonObject } from '@clay/sdk';
import {
  defaultDialect,
  Module,
  makeFloat,
  type StarlarkFunction,
  type Thread,
  toStarlark,
  type Value,
} from 'starlark-js';

/** Calls any function, also one that is no global. */
export function callFunction(
  fn: Value,
  positional: readonly Value[],
  named: Readonly<Record<string, Value>>,
  thread: Thread,
): Promise<Value> {
  return new Module('call', new Map([['fn', fn]]), defaultDialect, thread).callAsync('fn', positional, named, thread);
}

/** As many arguments as the function takes. */
export function fitting(fn: StarlarkFunction, given: readonly Value[]): readonly Value[] {
  const takes = fn.code.parameters.some(({ kind }) => kind === 'args') ? given.length : fn.code.places;
  return given.slice(0, takes);
}

/** The arguments of a tool, which are checked already, as values of a script. */
export function namedArguments(args: JsonObject, floats: ReadonlySet<string>): Record<string, Value> {
  const named: [string, Value][] = Object.entries(args).map(([name, value]) => [
    name,
    floats.has(name) && typeof value === 'number' ? makeFloat(value) : toStarlark(value),
  ]);
  // fromEntries makes members; assigning would let one named `__proto__` change the prototype.
  return Object.fromEntries(named);
}
