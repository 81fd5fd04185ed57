import { StarlarkError } from '../errors.ts';
import { StarlarkCallable } from '../value/callable.ts';
import { shortRepr } from '../value/repr.ts';
import type { ReprWriter } from '../value/repr-writer.ts';
import { type BoundArgument, type Implementation, Routine } from '../value/routine.ts';
import type { Parameter, Signature } from '../value/signature.ts';
import { acceptsType, parseType, type TypeExpression, typeText } from '../value/type-expression.ts';
import { typeName } from '../value/type-name.ts';
import type { NamedArgument, Value } from '../value/value.ts';

export interface HostFunctionOptions {
  /** What the function does, for documentation and hover. Default empty. */
  readonly doc?: string;
  /** Whether the implementation gives a promise that the program waits for. Default false. */
  readonly suspends?: boolean;
}

/**
 * A function of the host. Its arguments are bound and checked by its signature before the implementation runs, which
 * takes them in the order of the signature: `undefined` for an absent one, arrays for `*args` and `**kwargs`.
 *
 * @example
 * ```ts
 * new HostFunction('double(x: int) -> int', (x: number) => x * 2);
 * ```
 */
export class HostFunction extends StarlarkCallable {
  readonly suspends: boolean;
  readonly doc: string;
  readonly #routine: Routine;
  readonly #types: readonly (TypeExpression | null)[];

  constructor(
    signature: string,
    implementation: Implementation | ((...bound: never[]) => PromiseLike<Value | undefined>),
    options: HostFunctionOptions = {},
  ) {
    super();
    this.suspends = options.suspends ?? false;
    this.doc = options.doc ?? '';
    this.#routine = new Routine(signature, this.doc, 0, 0, implementation as Implementation);
    this.#types = this.signature.parameters.map((p) => (p.type === 'Any' ? null : parseType(p.type)));
  }

  get type(): string {
    return 'builtin_function_or_method';
  }

  get name(): string {
    return this.#routine.name;
  }

  get signature(): Signature {
    return this.#routine.signature;
  }

  /** The checked arguments in the order of the signature. */
  bind(positional: readonly Value[], named: readonly NamedArgument[]): BoundArgument[] {
    const bound = this.#routine.bind(positional, named);
    for (const [i, parameter] of this.signature.parameters.entries()) {
      const type = this.#types[i];
      const argument = bound[i];
      if (type === null || type === undefined || argument === undefined) continue;
      if (parameter.kind === 'args')
        for (const each of argument as readonly Value[]) this.#check(parameter, type, each);
      else if (parameter.kind === 'kwargs')
        for (const [, each] of argument as readonly NamedArgument[]) this.#check(parameter, type, each);
      else this.#check(parameter, type, argument as Value);
    }
    return bound;
  }

  /** Runs the implementation with bound arguments. A suspending one gives a promise. */
  run(bound: readonly BoundArgument[]): unknown {
    return this.#routine.run(...bound);
  }

  /** The call from a place that cannot wait: a suspending function is refused there. */
  call(positional: readonly Value[], named: readonly NamedArgument[]): Value {
    const bound = this.bind(positional, named);
    if (this.suspends)
      throw new StarlarkError('HOST', `${this.name} waits for the host and cannot be called here`, [
        'A built-in such as sorted cannot wait in its callback. Call the function in a loop first, and pass its results.',
      ]);
    return this.#routine.run(...bound) ?? null;
  }

  override writeRepr(out: ReprWriter): void {
    out.text(`<built-in function ${this.name}>`);
  }

  #check(parameter: Parameter, type: TypeExpression, v: Value): void {
    if (acceptsType(type, v)) return;
    throw new StarlarkError(
      'TYPE',
      `${this.name}: for parameter "${parameter.name}": got ${typeName(v)}, want ${typeText(type)}`,
      [`value: ${shortRepr(v)}`],
    );
  }
}
