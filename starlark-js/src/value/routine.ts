import { bindArguments } from './bind.ts';
import { parseSignature, type Signature } from './signature.ts';
import type { NamedArgument, Value } from './value.ts';

/** Arguments in the order of the signature; `undefined` for an absent one, arrays for `*args` and `**kwargs`. */
export type BoundArgument = Value | undefined | readonly Value[] | readonly NamedArgument[];

/**
 * The code of a built-in. It takes the bound arguments, after the receiver if it is a method. `never` lets each
 * implementation declare the parameters that its signature promises; `Routine` is what keeps the promise.
 */
export type Implementation = (...bound: never[]) => Value | undefined;

type Run = (...bound: BoundArgument[]) => Value | undefined;

/** The shared part of built-in functions and methods: code, signature and the binding of arguments. */
export class Routine {
  readonly name: string;
  /** The signature as it was written. */
  readonly text: string;
  readonly run: Run;
  readonly doc: string;
  /**
   * The least and the most arguments that can be passed by position. The most is -1 for a variadic routine: its
   * first parameter is `*args`, so a call without keyword arguments passes the positional ones as they are.
   */
  readonly minimum: number;
  readonly maximum: number;
  /** Whether it takes any arguments at all: `*args` and `**kwargs`, and nothing else. */
  readonly #isOpen: boolean;
  #signature: Signature | null = null;

  constructor(text: string, doc: string, minimum: number, maximum: number, run: Implementation) {
    this.text = text;
    this.name = text.slice(0, text.indexOf('('));
    this.doc = doc;
    this.minimum = minimum;
    this.maximum = maximum;
    this.run = run as unknown as Run;
    this.#isOpen = maximum < 0 && /^[^,]*, \*\*[^,]*$/.test(text);
  }

  /** Read on first demand: most programs never ask. */
  get signature(): Signature {
    this.#signature ??= parseSignature(this.text);
    return this.#signature;
  }

  bind(positional: readonly Value[], named: readonly NamedArgument[]): BoundArgument[] {
    return bindArguments(this.signature, positional, named);
  }

  /** Calls a function. */
  call(positional: readonly Value[], named: readonly NamedArgument[]): Value {
    const count = positional.length;
    if (named.length > 0) {
      if (this.#isOpen && named.length === 1) return this.run(positional, named) ?? null;
      return this.run(...this.bind(positional, named)) ?? null;
    }
    if (this.maximum < 0) return this.run(positional) ?? null;
    if (count < this.minimum || count > this.maximum) this.bind(positional, named); // Throws.
    if (count === 1) return this.run(positional[0]) ?? null;
    if (count === 2) return this.run(positional[0], positional[1]) ?? null;
    return this.run(...positional) ?? null;
  }

  /** Calls a method. */
  callOn(receiver: Value, positional: readonly Value[], named: readonly NamedArgument[]): Value {
    const count = positional.length;
    if (named.length > 0) {
      if (this.#isOpen && named.length === 1) return this.run(receiver, positional, named) ?? null;
      return this.run(receiver, ...this.bind(positional, named)) ?? null;
    }
    if (this.maximum < 0) return this.run(receiver, positional) ?? null;
    if (count < this.minimum || count > this.maximum) this.bind(positional, named); // Throws.
    if (count === 0) return this.run(receiver) ?? null;
    if (count === 1) return this.run(receiver, positional[0]) ?? null;
    if (count === 2) return this.run(receiver, positional[0], positional[1]) ?? null;
    return this.run(receiver, ...positional) ?? null;
  }
}
