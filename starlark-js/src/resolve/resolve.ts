import { createDiagnostic, type Diagnostic, locate } from '../diagnostic.ts';
import type {
  Comprehension,
  Def,
  Expression,
  File,
  FormattedPart,
  Lambda,
  Name,
  Parameter,
  Statement,
} from '../syntax/ast.ts';
import type { Dialect } from '../syntax/dialect.ts';
import type { Source } from '../syntax/source.ts';
import { Binding, type FunctionNode, FunctionScope, type Resolution } from './binding.ts';
import { nearest } from './nearest.ts';

/** Names that a file finds around it. */
export interface Environment {
  readonly predeclared: ReadonlySet<string>;
  readonly universe: ReadonlySet<string>;
  /** What to write instead of a name that another language has; for hints. */
  readonly hint?: (name: string) => string | undefined;
}

/**
 * Finds the meaning of every name of a file, and reports names that have none and globals that are bound twice.
 * A name that is undefined is reported at each of its uses.
 */
export function resolve(file: File, source: Source, dialect: Dialect, environment: Environment): Resolution {
  return new Resolver(file, source, dialect, environment).run();
}

type Block = Map<string, Binding>;

class Resolver {
  readonly #file: File;
  readonly #source: Source;
  readonly #dialect: Dialect;
  readonly #environment: Environment;
  readonly #names = new Map<Name, Binding>();
  readonly #functions = new Map<Def | Lambda, FunctionScope>();
  readonly #globals: Binding[] = [];
  readonly #outer = new Map<string, Binding>();
  readonly #withComprehension = new Set<Expression>();
  readonly #diagnostics: Diagnostic[] = [];
  readonly #top: FunctionScope;
  /** Innermost last; the first is the file's block. */
  #blocks: Block[] = [new Map()];
  #function: FunctionScope;
  /** How many loops and conditions surround the current statement of the current function. */
  #nesting = 0;
  /** How many loops surround it. */
  #loops = 0;
  #nextId = 0;

  constructor(file: File, source: Source, dialect: Dialect, environment: Environment) {
    this.#file = file;
    this.#source = source;
    this.#dialect = dialect;
    this.#environment = environment;
    this.#top = new FunctionScope(file, null, '<toplevel>', this.#nextId++);
    this.#function = this.#top;
  }

  run(): Resolution {
    this.#hoist(this.#file.body);
    this.#statements(this.#file.body);
    return {
      file: this.#file,
      names: this.#names,
      top: this.#top,
      functions: this.#functions,
      globals: this.#globals,
      predeclared: [...this.#outer.values()].filter((binding) => binding.scope === 'predeclared'),
      withComprehension: this.#withComprehension,
      diagnostics: this.#diagnostics,
    };
  }

  // Binding: every name that a function assigns anywhere belongs to it, so names are collected before any use.

  #hoist(statements: readonly Statement[]): void {
    for (const statement of statements) {
      switch (statement.kind) {
        case 'Assign':
        case 'AugmentedAssign':
          this.#hoistTarget(statement.target);
          break;
        case 'Def':
          this.#bind(statement.name);
          break;
        case 'For':
          this.#hoistTarget(statement.target);
          this.#hoist(statement.body);
          break;
        case 'While':
          this.#hoist(statement.body);
          break;
        case 'If':
          this.#hoist(statement.then);
          this.#hoist(statement.otherwise);
          break;
        case 'Load':
          for (const { local } of statement.bindings) this.#bindLoaded(local);
          break;
        default:
      }
    }
  }

  #hoistTarget(target: Expression): void {
    switch (target.kind) {
      case 'Name':
        this.#bind(target);
        break;
      case 'Parenthesized':
        this.#hoistTarget(target.expression);
        break;
      case 'List':
      case 'Tuple':
        for (const item of target.items) this.#hoistTarget(item);
        break;
      default:
    }
  }

  #bind(name: Name): Binding {
    const block = this.#blocks.at(-1)!;
    let binding = block.get(name.name);
    if (binding === undefined) {
      const isGlobal = this.#function === this.#top && this.#blocks.length === 1;
      binding = new Binding(
        name.name,
        isGlobal ? 'global' : 'local',
        this.#nextId++,
        isGlobal ? null : this.#function,
        name,
      );
      block.set(name.name, binding);
      if (isGlobal) this.#globals.push(binding);
      else this.#function.locals.push(binding);
    }
    return binding;
  }

  #bindLoaded(name: Name): void {
    const block = this.#blocks[0]!;
    if (block.has(name.name)) {
      this.#report('RESOLVE_REASSIGNED', name, `cannot reassign top-level ${name.name}`);
      return;
    }
    block.set(name.name, new Binding(name.name, 'file', this.#nextId++, null, name));
  }

  /** Counts an assignment and records it; a second one of a global needs the dialect's leave. */
  #assign(name: Name, def: Def | null): void {
    const binding = this.#blocks.at(-1)!.get(name.name) ?? this.#bind(name);
    this.#names.set(name, binding);
    binding.assignments++;
    binding.soleDef = binding.assignments === 1 && def !== null && this.#nesting === 0 ? def : null;
    const reassigned =
      binding.scope === 'file' ||
      (binding.scope === 'global' && binding.assignments > 1 && !this.#dialect.globalReassign);
    if (!reassigned) return;
    const at = locate(this.#source, binding.declared!.start, binding.declared!.end);
    const scope = binding.scope === 'file' ? 'local' : 'global';
    this.#report(
      'RESOLVE_REASSIGNED',
      name,
      `cannot reassign ${scope} ${name.name} declared at ${at.file}:${at.line}:${at.column}`,
    );
  }

  // Use.

  #use(name: Name, isCallee: boolean): void {
    const binding = this.#find(name);
    if (binding === null) return;
    this.#names.set(name, binding);
    if (!isCallee) binding.escapes = true;
    else this.#called(binding);
    this.#capture(binding);
  }

  #capture(binding: Binding): void {
    if (binding.owner === null || binding.owner === this.#function) return;
    binding.isCaptured = true;
    for (
      let scope: FunctionScope | null = this.#function;
      scope !== null && scope !== binding.owner;
      scope = scope.parent
    )
      scope.free.add(binding);
  }

  #called(binding: Binding): void {
    this.#function.calls.add(binding);
    if (this.#loops > 0) this.#function.loopCalls.add(binding);
  }

  #find(name: Name): Binding | null {
    for (let index = this.#blocks.length - 1; index >= 0; index--) {
      const binding = this.#blocks[index]!.get(name.name);
      if (binding !== undefined) return binding;
    }
    const known = this.#outer.get(name.name);
    if (known !== undefined) return known;
    const { predeclared, universe } = this.#environment;
    const scope = predeclared.has(name.name) ? 'predeclared' : universe.has(name.name) ? 'universe' : null;
    if (scope === null) {
      this.#reportUndefined(name);
      return null;
    }
    const binding = new Binding(name.name, scope, this.#nextId++, null, null);
    this.#outer.set(name.name, binding);
    return binding;
  }

  #reportUndefined(name: Name): void {
    const near = nearest(name.name, this.#visibleNames());
    const hint = this.#environment.hint?.(name.name);
    this.#diagnostics.push(
      createDiagnostic(this.#source, {
        code: 'RESOLVE_UNDEFINED',
        message: `undefined: ${name.name}${near === null ? '' : ` (did you mean ${near}?)`}`,
        start: name.start,
        end: name.end,
        hint,
      }),
    );
  }

  *#visibleNames(): Iterable<string> {
    for (let index = this.#blocks.length - 1; index >= 0; index--) yield* this.#blocks[index]!.keys();
    yield* this.#environment.predeclared;
    yield* this.#environment.universe;
  }

  // Walking.

  #statements(statements: readonly Statement[]): void {
    for (const statement of statements) this.#statement(statement);
  }

  #statement(statement: Statement): void {
    switch (statement.kind) {
      case 'ExpressionStatement':
        this.#expression(statement.expression);
        break;
      case 'Assign':
        this.#expression(statement.value);
        this.#target(statement.target);
        break;
      case 'AugmentedAssign':
        this.#expression(statement.value);
        if (statement.target.kind === 'Name') this.#use(statement.target, false);
        this.#target(statement.target);
        break;
      case 'Def': {
        this.#defaults(statement.parameters);
        this.#assign(statement.name, statement);
        this.#enter(statement, statement.name.name, statement.parameters, () => {
          this.#hoist(statement.body);
          this.#statements(statement.body);
        });
        break;
      }
      case 'If':
        this.#expression(statement.test);
        this.#nesting++;
        this.#statements(statement.then);
        this.#statements(statement.otherwise);
        this.#nesting--;
        break;
      case 'For':
        this.#function.hasLoop = true;
        this.#expression(statement.iterable);
        this.#inLoop(() => {
          this.#target(statement.target);
          this.#statements(statement.body);
        });
        break;
      case 'While':
        this.#function.hasLoop = true;
        this.#inLoop(() => {
          this.#expression(statement.test);
          this.#statements(statement.body);
        });
        break;
      case 'Return':
        if (statement.value !== null) this.#expression(statement.value);
        break;
      case 'Load':
        for (const { local } of statement.bindings) {
          const binding = this.#blocks[0]!.get(local.name);
          if (binding !== undefined) this.#names.set(local, binding);
        }
        break;
      default:
    }
  }

  #inLoop(body: () => void): void {
    this.#nesting++;
    this.#loops++;
    body();
    this.#loops--;
    this.#nesting--;
  }

  #target(target: Expression): void {
    switch (target.kind) {
      case 'Name':
        this.#assign(target, null);
        break;
      case 'Parenthesized':
        this.#target(target.expression);
        break;
      case 'List':
      case 'Tuple':
        for (const item of target.items) this.#target(item);
        break;
      default:
        this.#expression(target);
    }
  }

  #defaults(parameters: readonly Parameter[]): void {
    for (const parameter of parameters)
      if (parameter.kind === 'Parameter' && parameter.default !== null) this.#expression(parameter.default);
  }

  #enter(node: Def | Lambda, name: string, parameters: readonly Parameter[], body: () => void): void {
    const outer = this.#function;
    const nesting = this.#nesting;
    const loops = this.#loops;
    const scope = new FunctionScope(node, outer, name, this.#nextId++);
    outer.inner.push(scope);
    this.#functions.set(node, scope);
    this.#function = scope;
    this.#nesting = 0;
    this.#loops = 0;
    this.#blocks.push(new Map());
    for (const parameter of parameters) {
      if (parameter.kind === 'KeywordOnlyMarker') continue;
      const binding = this.#bind(parameter.name);
      binding.isParameter = true;
      binding.assignments++;
      this.#names.set(parameter.name, binding);
    }
    body();
    this.#blocks.pop();
    this.#function = outer;
    this.#nesting = nesting;
    this.#loops = loops;
  }

  /** Returns whether the expression contains a comprehension. */
  #expression(expression: Expression, isCallee = false): boolean {
    const found = this.#parts(expression, isCallee);
    if (found) this.#withComprehension.add(expression);
    return found;
  }

  #all(expressions: readonly (Expression | null)[]): boolean {
    let found = false;
    for (const expression of expressions) if (expression !== null && this.#expression(expression)) found = true;
    return found;
  }

  #parts(expression: Expression, isCallee: boolean): boolean {
    switch (expression.kind) {
      case 'Name':
        this.#use(expression, isCallee);
        return false;
      case 'Int':
      case 'Float':
      case 'String':
      case 'Bytes':
        return false;
      case 'FormattedString':
        return this.#formatted(expression.parts);
      case 'List':
      case 'Tuple':
        return this.#all(expression.items);
      case 'Dict': {
        let found = false;
        for (const { key, value } of expression.entries) if (this.#all([key, value])) found = true;
        return found;
      }
      case 'Comprehension':
        this.#comprehension(expression);
        return true;
      case 'Lambda':
        this.#defaults(expression.parameters);
        this.#enter(expression, 'lambda', expression.parameters, () => {
          this.#expression(expression.body);
        });
        return expression.parameters.some(
          (parameter) =>
            parameter.kind === 'Parameter' &&
            parameter.default !== null &&
            this.#withComprehension.has(parameter.default),
        );
      case 'Unary':
        return this.#expression(expression.operand);
      case 'Binary':
        return this.#all([expression.left, expression.right]);
      case 'Conditional':
        return this.#all([expression.test, expression.then, expression.otherwise]);
      case 'Call': {
        let found = this.#callee(expression.callee);
        for (const argument of expression.arguments) if (this.#expression(argument.value)) found = true;
        return found;
      }
      case 'Dot':
        return this.#expression(expression.object);
      case 'Index':
        return this.#all([expression.object, expression.index]);
      case 'Slice':
        return this.#all([expression.object, expression.low, expression.high, expression.step]);
      case 'Parenthesized':
        return this.#expression(expression.expression, isCallee);
    }
  }

  #callee(callee: Expression): boolean {
    const inner = withoutParentheses(callee);
    if (inner.kind === 'Dot' && inner.object.kind === 'Name') {
      const binding = this.#find(inner.object);
      if (binding === null) return false;
      this.#names.set(inner.object, binding);
      this.#capture(binding);
      this.#function.memberCalls.push({ object: binding, attribute: inner.name.name });
      return false;
    }
    if (inner.kind !== 'Name') this.#function.hasComputedCall = true;
    return this.#expression(callee, true);
  }

  #formatted(parts: readonly (string | FormattedPart)[]): boolean {
    let found = false;
    for (const part of parts) {
      if (typeof part === 'string') continue;
      if (this.#expression(part.expression)) found = true;
      if (this.#formatted(part.spec)) found = true;
    }
    return found;
  }

  /** The first iterable belongs to the block around; everything else sees the comprehension's variables. */
  #comprehension(comprehension: Comprehension): void {
    this.#function.hasLoop = true;
    const [first] = comprehension.clauses;
    if (first?.kind === 'ForClause') this.#expression(first.iterable);
    this.#blocks.push(new Map());
    this.#inLoop(() => this.#clauses(comprehension));
    this.#blocks.pop();
  }

  #clauses(comprehension: Comprehension): void {
    const [first] = comprehension.clauses;
    // A clause may name the variables of a later one; that they have no value yet is for the run to tell.
    for (const clause of comprehension.clauses) if (clause.kind === 'ForClause') this.#hoistTarget(clause.target);
    for (const clause of comprehension.clauses) {
      if (clause.kind === 'IfClause') {
        this.#expression(clause.test);
        continue;
      }
      if (clause !== first) this.#expression(clause.iterable);
      this.#target(clause.target);
    }
    const { body } = comprehension;
    if ('key' in body) this.#all([body.key, body.value]);
    else this.#expression(body);
  }

  #report(code: string, at: Name, message: string): void {
    this.#diagnostics.push(createDiagnostic(this.#source, { code, message, start: at.start, end: at.end }));
  }
}

/** The expression inside of any parentheses. */
export function withoutParentheses(expression: Expression): Expression {
  let inner = expression;
  while (inner.kind === 'Parenthesized') inner = inner.expression;
  return inner;
}

export type { FunctionNode };
