import { StarlarkCallable } from './callable.ts';
import type { ReprWriter } from './repr-writer.ts';
import type { Routine } from './routine.ts';
import type { NamedArgument, Value } from './value.ts';

/** A built-in function of the language. Functions of the host are `HostFunction`s. */
export class Builtin extends StarlarkCallable {
  readonly routine: Routine;

  constructor(routine: Routine) {
    super();
    this.routine = routine;
  }

  get type(): string {
    return 'builtin_function_or_method';
  }

  get name(): string {
    return this.routine.name;
  }

  call(positional: readonly Value[], named: readonly NamedArgument[]): Value {
    return this.routine.call(positional, named);
  }

  override call1(argument: Value): Value {
    const { routine } = this;
    if (routine.minimum > 1 || routine.maximum < 1) return routine.call([argument], []);
    return routine.run(argument) ?? null;
  }

  override writeRepr(out: ReprWriter): void {
    out.text(`<built-in function ${this.name}>`);
  }
}

/** A method of a value, taken without being called, such as `xs.append`. */
export class BoundMethod extends StarlarkCallable {
  readonly receiver: Value;
  readonly routine: Routine;
  readonly #typeName: string;

  constructor(receiver: Value, routine: Routine, typeName: string) {
    super();
    this.receiver = receiver;
    this.routine = routine;
    this.#typeName = typeName;
  }

  get type(): string {
    return 'builtin_function_or_method';
  }

  get name(): string {
    return this.routine.name;
  }

  call(positional: readonly Value[], named: readonly NamedArgument[]): Value {
    return this.routine.callOn(this.receiver, positional, named);
  }

  override freeze(pending: Value[]): void {
    pending.push(this.receiver);
  }

  override writeRepr(out: ReprWriter): void {
    out.text(`<built-in method ${this.name} of ${this.#typeName} value>`);
  }
}
