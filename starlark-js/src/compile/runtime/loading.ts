import { StarlarkError } from '../../errors.ts';
import { didYouMean } from '../../value/spelling.ts';
import type { Value } from '../../value/value.ts';
import { hostFailure, resume, Suspension } from '../suspension.ts';
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
  let loaded: unknown;
  try {
    loaded = surroundings.load(module);
    if (isPromise(loaded)) loaded = yield* resume(new Suspension(null, loaded));
  } catch (error) {
    throw loadFailure(module, error);
  }
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

/** What went wrong in another file is told here in one line; the error itself, with its own backtrace, is the cause. */
function loadFailure(module: string, error: unknown): StarlarkError {
  const { code, notes, message } = hostFailure(error);
  const isOurs = code.startsWith('LIMIT_') || code === 'CANCELLED';
  return new StarlarkError(isOurs ? code : 'LOAD', `cannot load ${module}: ${message}`, notes, { cause: error });
}
