import type { Binding, FunctionScope, Resolution } from '../resolve/binding.ts';
import type { Def, Expression, Lambda, Return, Span, Statement } from '../syntax/ast.ts';
import type { Dialect } from '../syntax/dialect.ts';
import type { Source } from '../syntax/source.ts';
import { StarlarkBytes } from '../value/bytes.ts';
import type { Routine } from '../value/routine.ts';
import type { Facts } from './analysis.ts';
import type { Code } from './code.ts';
import { parametersOf } from './definitions.ts';
import { describe } from './describe.ts';
import { condition, expression, values } from './expressions.ts';
import type { FunctionCode } from './function-code.ts';
import { FunctionWriter } from './function-writer.ts';
import { inferTypes, type Types } from './infer.ts';
import { functionName, stringLiteral, variableName } from './names.ts';
import { Marker, type PositionTable } from './positions.ts';
import { statements } from './statements.ts';

/** The mutually recursive writers, which reach each other through the program. */
export interface Grammar {
  expression(writer: FunctionWriter, node: Expression): Code;
  values(writer: FunctionWriter, nodes: readonly Expression[]): Code[];
  statements(writer: FunctionWriter, nodes: readonly Statement[]): boolean;
  condition(writer: FunctionWriter, node: Expression): string;
}

const grammar: Grammar = { expression, values, statements, condition };

/** Everything that the generated code of a program is made of. */
export interface WrittenProgram {
  readonly code: string;
  readonly positions: PositionTable;
  /** Runtime helpers, in the order in which the code takes them as parameters. */
  readonly helpers: readonly string[];
  readonly constants: readonly unknown[];
  readonly functions: ReadonlyMap<number, FunctionCode>;
  /** The top level is a generator: it loads, or may wait. */
  readonly topSuspends: boolean;
}

export interface WriterInput {
  readonly resolution: Resolution;
  readonly source: Source;
  readonly dialect: Dialect;
  readonly facts: Facts;
  readonly universe: ReadonlyMap<string, unknown>;
  /** No value of the host computes with numbers in a way of its own. */
  readonly assumesPlainNumbers: boolean;
}

/** Writes the JavaScript of one file. */
export class ProgramWriter {
  readonly grammar: Grammar = grammar;
  readonly marker: Marker = new Marker();
  readonly resolution: Resolution;
  readonly facts: Facts;
  readonly types: Types = new Map();
  readonly assumesPlainNumbers: boolean;
  readonly #input: WriterInput;
  readonly #helpers = new Set<string>();
  readonly #constants: unknown[] = [];
  readonly #universe = new Map<string, string>();
  readonly #routines = new Map<Routine, string>();
  readonly #codes = new Map<FunctionScope, { readonly code: FunctionCode; readonly constant: string }>();
  readonly #declared: string[] = [];
  readonly #later: {
    readonly scope: FunctionScope;
    readonly node: Def;
    readonly outer: readonly ReadonlySet<Binding>[];
  }[] = [];
  /** No statement so far can have called a function of the file. */
  #isUntouched = true;
  /** Globals that are assigned before any function of the file can run. */
  #safe: ReadonlySet<Binding> = new Set();
  #next = 0;

  constructor(input: WriterInput) {
    this.#input = input;
    this.resolution = input.resolution;
    this.facts = input.facts;
    this.assumesPlainNumbers = input.assumesPlainNumbers;
  }

  write(): WrittenProgram {
    const { resolution } = this;
    const { top } = resolution;
    const topFacts = this.facts.get(top)!;
    const loads = resolution.file.body.some((statement) => statement.kind === 'Load');
    const topSuspends = loads || topFacts.suspends;
    const writer = new FunctionWriter(this, top, topFacts, [], new Set());
    writer.statements(resolution.file.body);
    if (this.#isUntouched) this.#safe = new Set(writer.assigned);
    const body = writer.finish(top.locals.map(variableName));
    const functions = this.#writeLater();
    const globals = resolution.globals.map(variableName);
    const loaded = [...this.#loadedNames()];
    const predeclared = resolution.predeclared.map((binding, index) => `${variableName(binding)}=P[${index}]`);
    const module = [
      declaration('const', predeclared),
      declaration('let', [...globals, ...loaded, ...this.#declared]),
      ...functions,
      `return{top:(function${topSuspends ? '*' : ''} top(){${body}}),globals(){return[${globals.join(',')}];}};`,
    ].join('');
    const constants = this.#constants.map((_, index) => `k${index}=K[${index}]`);
    const marked = `"use strict";${declaration('const', constants)}return(function(P,X){${module}})`;
    const { code, positions } = this.marker.finish(marked);
    return {
      code,
      positions,
      helpers: [...this.#helpers],
      constants: this.#constants,
      functions: new Map([...this.#codes.values()].map(({ code: each }) => [each.id, each])),
      topSuspends,
    };
  }

  *#loadedNames(): Iterable<string> {
    const seen = new Set<Binding>();
    for (const statement of this.resolution.file.body) {
      if (statement.kind !== 'Load') continue;
      for (const { local } of statement.bindings) {
        const binding = this.resolution.names.get(local);
        if (binding === undefined || seen.has(binding)) continue;
        seen.add(binding);
        yield variableName(binding);
      }
    }
  }

  /** Bodies of functions of the file are written when it is known which globals they can rely on. */
  #writeLater(): string[] {
    const written: string[] = [];
    // Functions add those inside of them while they are written.
    for (let index = 0; index < this.#later.length; index++) {
      const { scope, node, outer } = this.#later[index]!;
      written.push(this.functionText(scope, node, [...outer, this.#safe], functionName(scope)));
    }
    return written;
  }

  get isUntouched(): boolean {
    return this.#isUntouched;
  }

  later(scope: FunctionScope, node: Def, outer: readonly ReadonlySet<Binding>[]): void {
    this.#later.push({ scope, node, outer });
  }

  /** The text of a function; without a name it is an expression that its variable names. */
  functionText(scope: FunctionScope, node: Def | Lambda, outer: readonly ReadonlySet<Binding>[], name: string): string {
    const facts = this.facts.get(scope)!;
    inferTypes(this.resolution, scope, this.types, this.assumesPlainNumbers);
    const parameters = parametersOf(node).map((parameter) => this.resolution.names.get(parameter.name)!);
    const writer = new FunctionWriter(this, scope, facts, outer, new Set(parameters));
    const at: Span = node.kind === 'Def' ? node.name : node;
    this.#enter(writer, scope, at);
    this.#checkParameters(writer, scope, parameters);
    if (node.kind === 'Lambda') {
      const value = writer.expression(node.body);
      const boxed = value.type === 'double' ? `${this.helper('makeFloat')}(${value.text})` : value.text;
      writer.emit(this.returnText(writer, boxed, node.body));
    } else if (writer.statements(node.body)) writer.emit(this.returnText(writer, 'null', at));
    const locals = scope.locals.filter((local) => !local.isParameter).map(variableName);
    let body = writer.finish(locals);
    if (!this.#input.dialect.recursion) body = this.#refuseRecursion(scope, body, at);
    return `function${facts.suspends ? '*' : ''} ${name}(${parameters.map(variableName).join(',')}){${body}}`;
  }

  #enter(writer: FunctionWriter, scope: FunctionScope, at: Span): void {
    writer.emit(this.countStep(writer, at));
    if (this.#countsDepth(scope)) writer.emit(`if(--${this.helper('M')}[1]<0)${writer.call('tooDeep', at)}();`);
  }

  #countsDepth(scope: FunctionScope): boolean {
    return this.#input.dialect.recursion && this.facts.get(scope)!.recursive;
  }

  /** The specification forbids recursion: a function that is active cannot be entered again. */
  #refuseRecursion(scope: FunctionScope, body: string, at: Span): string {
    const active = `r${scope.id}`;
    this.declare(`${active}=false`);
    const refuse = `${this.marker.mark(at.start, at.end)}${this.helper('recursive')}(${stringLiteral(scope.name)});`;
    return `if(${active})${refuse}${active}=true;try{${body}}finally{${active}=false;}`;
  }

  #checkParameters(writer: FunctionWriter, scope: FunctionScope, parameters: readonly Binding[]): void {
    const { code } = this.#describe(scope);
    for (const [index, binding] of parameters.entries()) {
      if (code.types[index] === null) continue;
      const at = binding.declared!;
      const name = variableName(binding);
      const quick = quickCheck(code.parameters[index]!.annotation!, name);
      writer.emit(
        `${quick === null ? '' : `if(!(${quick}))`}${writer.call('checkParameter', at)}(${this.functionCode(scope)},${index},${name});`,
      );
    }
  }

  returnText(writer: FunctionWriter, value: string, at: Return | Expression | Span): string {
    const { scope } = writer;
    let text = value;
    if (scope.node.kind !== 'File') {
      const { code } = this.#describe(scope);
      if (code.types.at(-1) !== null) text = `${writer.call('checkResult', at)}(${this.functionCode(scope)},${value})`;
    }
    if (scope.node.kind === 'File' || !this.#countsDepth(scope)) return `return ${text};`;
    if (text === 'null') return `${this.helper('M')}[1]++;return null;`;
    const t = writer.temporary();
    return `${t}=${text};${this.helper('M')}[1]++;return ${t};`;
  }

  /** Counts a step; the handler of a used-up slice is where limits, cancelling and sampling take place. */
  countStep(writer: FunctionWriter, at: Span): string {
    return `if(--${this.helper('M')}[0]<0)${writer.call('refill', at)}();`;
  }

  helper(name: string): string {
    this.#helpers.add(name);
    return name;
  }

  declare(name: string): void {
    this.#declared.push(name);
  }

  nextId(): number {
    return this.#next++;
  }

  bytes(value: Uint8Array): string {
    return this.#constant(new StarlarkBytes(value));
  }

  list(strings: readonly string[]): string {
    return this.#constant(strings);
  }

  universalValue(name: string): unknown {
    return this.#input.universe.get(name);
  }

  universe(name: string): string {
    let constant = this.#universe.get(name);
    if (constant === undefined) {
      constant = this.#constant(this.#input.universe.get(name));
      this.#universe.set(name, constant);
    }
    return constant;
  }

  /** The function that a routine runs, as a constant that generated code calls. */
  routine(routine: Routine): string {
    let constant = this.#routines.get(routine);
    if (constant === undefined) {
      constant = this.#constant(routine.run);
      this.#routines.set(routine, constant);
    }
    return constant;
  }

  functionCode(scope: FunctionScope): string {
    return this.#describe(scope).constant;
  }

  #describe(scope: FunctionScope): { readonly code: FunctionCode; readonly constant: string } {
    let known = this.#codes.get(scope);
    if (known === undefined) {
      const { source, dialect } = this.#input;
      const { suspends } = this.facts.get(scope)!;
      const code = describe(scope, scope.node as Def | Lambda, source, suspends, dialect.types === 'check');
      known = { code, constant: this.#constant(code) };
      this.#codes.set(scope, known);
    }
    return known;
  }

  #constant(value: unknown): string {
    this.#constants.push(value);
    return `k${this.#constants.length - 1}`;
  }

  /**
   * Called before every statement. While the file's own statements cannot call a function of the file, whatever they
   * assigned is assigned in all its functions.
   */
  noteTopLevel(writer: FunctionWriter, statement: Statement): void {
    if (!this.#isUntouched || writer.scope !== this.resolution.top || writer.blocks > 1) return;
    if (callsNothing(statement, this.resolution)) return;
    this.#isUntouched = false;
    this.#safe = new Set(writer.assigned);
  }
}

function declaration(keyword: 'const' | 'let', names: readonly string[]): string {
  return names.length === 0 ? '' : `${keyword} ${names.join(',')};`;
}

/** A test in line for the commonest annotations; the runtime's check decides the rest and throws. */
function quickCheck(annotation: string, name: string): string | null {
  switch (annotation) {
    case 'str':
    case 'string':
      return `typeof ${name}==="string"`;
    case 'bool':
      return `typeof ${name}==="boolean"`;
    default:
      return null;
  }
}

/** Whether a statement of the top level certainly calls no function of the file. */
function callsNothing(statement: Statement, resolution: Resolution): boolean {
  switch (statement.kind) {
    case 'Load':
    case 'Pass':
      return true;
    case 'Def':
      return statement.parameters.every(
        (parameter) =>
          parameter.kind !== 'Parameter' || parameter.default === null || isInert(parameter.default, resolution),
      );
    case 'ExpressionStatement':
      return isInert(statement.expression, resolution);
    case 'Assign':
      return statement.target.kind === 'Name' && isInert(statement.value, resolution);
    default:
      return false;
  }
}

/** An expression without calls, other than of universal functions that do not call back. */
function isInert(node: Expression, resolution: Resolution): boolean {
  const inert = (part: Expression): boolean => isInert(part, resolution);
  switch (node.kind) {
    case 'Name':
    case 'Int':
    case 'Float':
    case 'String':
    case 'Bytes':
    case 'Lambda':
      return node.kind !== 'Lambda' || node.parameters.length === 0;
    case 'List':
    case 'Tuple':
      return node.items.every(inert);
    case 'Dict':
      return node.entries.every(({ key, value }) => inert(key) && inert(value));
    case 'Unary':
      return inert(node.operand);
    case 'Binary':
      return inert(node.left) && inert(node.right);
    case 'Conditional':
      return inert(node.test) && inert(node.then) && inert(node.otherwise);
    case 'Parenthesized':
      return inert(node.expression);
    case 'Call': {
      if (node.callee.kind !== 'Name' || resolution.names.get(node.callee)?.scope !== 'universe') return false;
      return node.arguments.every((argument) => argument.kind === 'Positional' && inert(argument.value));
    }
    default:
      return false;
  }
}
