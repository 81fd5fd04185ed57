import { StarlarkFunction } from './compile/function.ts';
import type { FunctionInfo } from './compile/function-code.ts';
import { callValue } from './compile/runtime/calling.ts';
import { startCall } from './compile/runtime/starting.ts';
import { type Running, Suspension } from './compile/suspension.ts';
import { StarlarkError } from './errors.ts';
import type { Dialect } from './syntax/dialect.ts';
import type { Thread } from './thread.ts';
import { didYouMean } from './value/spelling.ts';
import type { NamedArgument, Value } from './value/value.ts';

/**
 * What a file's run left behind: its globals, frozen.
 *
 * @example
 * const { program } = compile('def double(x):\n    return 2 * x\n');
 * const module = program!.run(new Thread());
 * module.call('double', [21]); // 42
 */
export class Module {
  readonly name: string;
  readonly globals: ReadonlyMap<string, Value>;
  readonly #dialect: Dialect;
  readonly #thread: Thread;

  constructor(name: string, globals: ReadonlyMap<string, Value>, dialect: Dialect, thread: Thread) {
    this.name = name;
    this.globals = globals;
    this.#dialect = dialect;
    this.#thread = thread;
  }

  /** A global's value; undefined when the file has none of that name. */
  get(name: string): Value | undefined {
    return this.globals.get(name);
  }

  /** The functions among the globals: names, parameters, defaults, annotations and docstrings. */
  get functions(): readonly FunctionInfo[] {
    return [...this.globals.values()].flatMap((value) => (value instanceof StarlarkFunction ? [value.code] : []));
  }

  /** Calls a function of the file. The thread is the one that ran the file, unless another is given. */
  call(
    name: string,
    positional: readonly Value[] = [],
    named: Readonly<Record<string, Value>> = {},
    thread: Thread = this.#thread,
  ): Value {
    const callee = this.#callee(name);
    return thread.execute(this.#dialect, () => callValue(callee, positional, pairs(named)));
  }

  /** Calls a function that may wait for the host. */
  callAsync(
    name: string,
    positional: readonly Value[] = [],
    named: Readonly<Record<string, Value>> = {},
    thread: Thread = this.#thread,
  ): Promise<Value> {
    const callee = this.#callee(name);
    return thread.drive(this.#dialect, () => started(callee, positional, pairs(named)));
  }

  #callee(name: string): Value {
    const value = this.globals.get(name);
    if (value !== undefined) return value;
    throw new StarlarkError('ATTRIBUTE', `${this.name} has no global ${name}${didYouMean(name, this.globals.keys())}`);
  }
}

function* started(callee: Value, positional: readonly Value[], named: readonly NamedArgument[]): Running {
  const result = startCall(callee, positional, named);
  if (!(result instanceof Suspension)) return result;
  return result.running === null ? yield result : yield* result.running;
}

function pairs(named: Readonly<Record<string, Value>>): NamedArgument[] {
  return Object.entries(named);
}
