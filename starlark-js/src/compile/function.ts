import { StarlarkError } from '../errors.ts';
import { counters, DEPTH } from '../meter.ts';
import { StarlarkCallable } from '../value/callable.ts';
import type { ReprWriter } from '../value/repr-writer.ts';
import type { NamedArgument, Value } from '../value/value.ts';
import { bindCall } from './bind-call.ts';
import type { FunctionCode } from './function-code.ts';
import { driveSync } from './suspension.ts';

/** The JavaScript of a function: one argument per parameter. A generator when the function may wait. */
export type FunctionBody = (...bound: Value[]) => Value;

/**
 * A function of a program: its code, its defaults, and the variables around it.
 *
 * @example
 * const f = compile('def f(x, y = 1):\n    return x + y\n').program!.run(new Thread()).get('f');
 * (f as StarlarkFunction).code.parameters.map(({ name }) => name); // ['x', 'y']
 */
export class StarlarkFunction extends StarlarkCallable {
  readonly code: FunctionCode;
  readonly js: FunctionBody;
  readonly defaults: readonly Value[];
  /** How many positional arguments may be passed to `js` as they are; -1 when calls need binding or waiting. */
  readonly arity: number;
  readonly #captured: (() => readonly (Value | undefined)[]) | null;

  constructor(
    code: FunctionCode,
    js: FunctionBody,
    defaults: readonly Value[],
    captured: (() => readonly (Value | undefined)[]) | null = null,
  ) {
    super();
    this.code = code;
    this.js = js;
    this.defaults = defaults;
    this.arity = code.isPlain && !code.suspends ? code.places : -1;
    this.#captured = captured;
  }

  get type(): string {
    return 'function';
  }

  get name(): string {
    return this.code.name;
  }

  /** Calls from outside of generated code: by the host, or by a built-in such as `sorted`. It cannot wait. */
  call(positional: readonly Value[], named: readonly NamedArgument[]): Value {
    const left = counters[DEPTH]!;
    if (left <= 0) throw tooDeep();
    counters[DEPTH] = left - 1;
    try {
      const result = this.js(...bindCall(this, positional, named));
      return this.code.suspends ? driveSync(result) : result;
    } finally {
      counters[DEPTH] = left;
    }
  }

  override call1(argument: Value): Value {
    if (this.arity !== 1) return this.call([argument], []);
    const left = counters[DEPTH]!;
    if (left <= 0) throw tooDeep();
    counters[DEPTH] = left - 1;
    const result = this.js(argument);
    counters[DEPTH] = left;
    return result;
  }

  override writeRepr(out: ReprWriter): void {
    out.text(`<function ${this.name}>`);
  }

  override freeze(pending: Value[]): void {
    for (const value of this.defaults) pending.push(value);
    for (const value of this.#captured?.() ?? []) if (value !== undefined) pending.push(value);
  }
}

export function tooDeep(): StarlarkError {
  return new StarlarkError('LIMIT_DEPTH', 'stack overflow: too many calls are open at one time', [
    'Recursion is limited; use a loop, or a list as a stack.',
  ]);
}
