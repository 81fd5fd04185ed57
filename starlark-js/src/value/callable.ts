import { StarlarkObject } from './object.ts';
import type { NamedArgument, Value } from './value.ts';

let nextIdentity = 1;

/**
 * Anything that can be called. Functions of a program and built-ins extend it.
 *
 * @example
 * const double = compile('double = lambda x: 2 * x\n').program!.run(new Thread()).get('double');
 * (double as StarlarkCallable).call([4], []); // 8
 */
export abstract class StarlarkCallable extends StarlarkObject {
  #identity = 0;

  /** The name in messages and backtraces. */
  abstract get name(): string;

  abstract call(positional: readonly Value[], named: readonly NamedArgument[]): Value;

  /** Calls with one positional argument: what `sorted(key=)` and its like do for every element. */
  call1(argument: Value): Value {
    return this.call([argument], []);
  }

  override hasValueKey(): boolean {
    return false;
  }

  override hash(): number {
    if (this.#identity === 0) this.#identity = nextIdentity++;
    return Math.imul(this.#identity, 0x9e3779b1);
  }
}
