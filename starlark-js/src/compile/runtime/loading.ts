import { StarlarkError } from '../../errors.ts';
import { didYouMean } from '../../value/spelling.ts';
import type { Value } from '../../value/value.ts';
import { resume, Suspension } from '../suspension.ts';
import { isPromise } from './starting.ts';

/** What a running file needs of its surroundings. */
export interface Surroundings {
  /** The globals of another file, or a promise of them. */
  load(module: string): ReadonlyMap<string, Value> | PromiseLike<ReadonlyMap<string, Value>>;
}

/** `load("module", "a", "b")`: the values of the names, in order. */
export function* loadNames(
  surroundings: Surroundings,
  module: string,
  names: readonly string[],
): Generator<Suspension, readonly Value[], Value> {
  let loaded = surroundings.load(module) as unknown;
  if (isPromise(loaded)) loaded = yield* resume(new Suspension(null, loaded));
  const globals = loaded as ReadonlyMap<string, Value>;
  return names.map((name) => {
    const value = globals.get(name);
    if (value === undefined)
      throw new StarlarkError(
        'LOAD',
        `load: name ${name} not found in module ${module}${didYouMean(name, globals.keys())}`,
      );
    return value;
  });
}
