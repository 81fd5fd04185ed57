import type { Binding, FunctionScope } from '../resolve/binding.ts';
import type { Expression, Span, Statement } from '../syntax/ast.ts';
import type { Routine } from '../value/routine.ts';
import type { FunctionFacts } from './analysis.ts';
import type { Code } from './code.ts';
import { variableName } from './names.ts';
import type { ProgramWriter } from './program-writer.ts';
import type { StaticType } from './static-type.ts';

/** Writes the body of one function: statements go out in order, expressions come back as text. */
export class FunctionWriter {
  readonly program: ProgramWriter;
  readonly scope: FunctionScope;
  readonly facts: FunctionFacts;
  /** Locals that have a value at this point on every path. */
  assigned: Set<Binding>;
  /** How many loops of this function surround the current statement. */
  loops = 0;
  /** How many blocks of statements are open; 1 in the function's own. */
  blocks = 0;
  readonly #declared: string[] = [];
  readonly #unboxed = new Map<string, string>();
  #out: string[] = [];
  #temporaries = 0;
  #mostTemporaries = 0;

  /** Variables of the surroundings that have a value whenever the function runs. */
  readonly #outer: readonly ReadonlySet<Binding>[];

  constructor(
    program: ProgramWriter,
    scope: FunctionScope,
    facts: FunctionFacts,
    outer: readonly ReadonlySet<Binding>[],
    assigned: Set<Binding>,
  ) {
    this.program = program;
    this.scope = scope;
    this.facts = facts;
    this.#outer = outer;
    this.assigned = assigned;
  }

  /** Whether the code being written is worth writing out at length. */
  get hot(): boolean {
    return this.facts.hot || this.loops > 0;
  }

  isAssigned(binding: Binding): boolean {
    return this.assigned.has(binding) || this.#outer.some((set) => set.has(binding));
  }

  /** What is assigned at this point, for a function that is made here. */
  get surroundings(): ReadonlySet<Binding>[] {
    return [new Set(this.assigned), ...this.#outer];
  }

  expression(expression: Expression): Code {
    return this.program.grammar.expression(this, expression);
  }

  statements(statements: readonly Statement[]): boolean {
    return this.program.grammar.statements(this, statements);
  }

  /** A helper of the runtime that cannot fail at this place. */
  helper(name: string): string {
    return this.program.helper(name);
  }

  /** A helper of the runtime, marked with the place that its errors belong to. */
  call(name: string, at: Span & { readonly builtin?: string }): string {
    return this.program.marker.mark(at.start, at.end, at.builtin ?? null) + this.program.helper(name);
  }

  /** The code of a built-in, marked with the place of its call. */
  callRoutine(routine: Routine, at: Span & { readonly builtin?: string }): string {
    return this.program.marker.mark(at.start, at.end, at.builtin ?? null) + this.program.routine(routine);
  }

  mark(at: Span): string {
    return this.program.marker.mark(at.start, at.end);
  }

  emit(text: string): void {
    this.#out.push(text);
  }

  /** The text that `body` emits, instead of emitting it. */
  capture(body: () => void): string {
    const outer = this.#out;
    this.#out = [];
    body();
    const text = this.#out.join('');
    this.#out = outer;
    return text;
  }

  /** A variable of generated code that no other part of the current statement uses. */
  temporary(): string {
    const name = `t${this.#temporaries++}`;
    this.#mostTemporaries = Math.max(this.#mostTemporaries, this.#temporaries);
    return name;
  }

  /** Runs `body` and then gives its temporaries free again. */
  scoped<T>(body: () => T): T {
    const before = this.#temporaries;
    const result = body();
    this.#temporaries = before;
    return result;
  }

  /** Adds a variable of the function. */
  declare(name: string): void {
    this.#declared.push(name);
  }

  /**
   * A variable that holds the number of a parameter, unboxed once for the whole call; `undefined` when the argument
   * is no number. Null for values that are not parameters, or that change.
   */
  unboxed(value: Code): string | null {
    const { binding } = value;
    if (binding === undefined || !this.facts.hot || value.type !== 'any') return null;
    if (!binding.isParameter || binding.owner !== this.scope || binding.assignments > 1) return null;
    const name = `q${binding.id}`;
    this.#unboxed.set(name, `${name}=${this.helper('unboxed')}(${value.text})`);
    return name;
  }

  /** All text emitted so far, after the declaration of what it uses. */
  finish(locals: readonly string[]): string {
    const names = [
      ...this.#unboxed.values(),
      ...locals,
      ...this.#declared,
      ...Array.from({ length: this.#mostTemporaries }, (_, i) => `t${i}`),
    ];
    return (names.length === 0 ? '' : `let ${names.join(',')};`) + this.#out.join('');
  }

  typeOf(binding: Binding): StaticType {
    return this.program.types.get(binding) ?? 'any';
  }

  /** Evaluates `value` now, before whatever is emitted next. */
  spill(value: Code): Code {
    if (value.simple) return value;
    const name = this.temporary();
    this.emit(`${name}=${value.text};`);
    return { text: name, type: value.type, simple: true };
  }

  variable(binding: Binding): string {
    return variableName(binding);
  }
}
