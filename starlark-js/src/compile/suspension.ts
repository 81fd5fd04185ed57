import { StarlarkError } from '../errors.ts';
import type { Value } from '../value/value.ts';

/** What a generator of a program hands to the driver: a host call that is not finished. */
export type Running = Generator<Suspension, Value, Value>;

/** A call that may have to wait: of a function that is a generator, or of the host. */
export class Suspension {
  readonly running: Running | null;
  readonly promise: PromiseLike<Value> | null;

  constructor(running: Running | null, promise: PromiseLike<Value> | null) {
    this.running = running;
    this.promise = promise;
  }
}

let waitingAllowed = false;

/** Whether the frames below can be left and come back to. */
export function canWait(): boolean {
  return waitingAllowed;
}

/** Runs `body` while waiting is allowed or not, and restores what was. */
export function withWaiting<T>(allowed: boolean, body: () => T): T {
  const before = waitingAllowed;
  waitingAllowed = allowed;
  try {
    return body();
  } finally {
    waitingAllowed = before;
  }
}

/** Runs a generator in a place that cannot wait. Host calls that would wait refuse before they begin. */
export function driveSync(result: unknown): Value {
  const running = result as Running;
  return withWaiting(false, () => {
    const step = running.next(null);
    if (step.done === true) return step.value;
    throw cannotWait('a host call');
  });
}

export function cannotWait(name: string): StarlarkError {
  return new StarlarkError('HOST', `${name} waits for the host, which is not possible here`, [
    'A function that a built-in calls back, such as the key of sorted(), cannot wait: make the host calls before, in a loop.',
    'A host that runs a program with waiting calls has to use runAsync or callAsync.',
  ]);
}

/** Waits inside of a generator. What the promise fails with becomes an error of this place of the program. */
export function* resume(suspension: Suspension): Running {
  if (suspension.running !== null) return yield* suspension.running;
  try {
    return yield suspension;
  } catch (error) {
    throw hostFailure(error);
  }
}

/** An error of the host, made anew where the program can be told its place. */
export function hostFailure(error: unknown): StarlarkError {
  if (error instanceof StarlarkError)
    return new StarlarkError(error.code, error.message, error.notes, { cause: error });
  const message = error instanceof Error ? error.message : String(error);
  return new StarlarkError('HOST', message, [], { cause: error });
}
