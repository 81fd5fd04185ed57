import { createDiagnostic, type Diagnostic, type Finding } from '../diagnostic.ts';
import type { Binding, FunctionScope, Resolution } from '../resolve/binding.ts';
import type { Def, Expression, Lambda } from '../syntax/ast.ts';
import type { Source } from '../syntax/source.ts';
import type { Value } from '../value/value.ts';
import { readAnnotation } from './annotations.ts';
import { type Callee, type Declared, functionCallee } from './signatures.ts';
import type { Known, State } from './state.ts';
import { ANY, members, named, nameOf, type Type } from './types.ts';

/** What the whole file's check shares. */
export interface Shared {
  readonly resolution: Resolution;
  readonly source: Source;
  readonly predeclared: ReadonlyMap<string, Value>;
  readonly usesTypes: boolean;
  readonly diagnostics: Map<string, Diagnostic>;
  readonly declared: Map<Def | Lambda, Declared>;
  /** Functions whose bodies are still to be checked. */
  readonly pending: Set<Def | Lambda>;
  /** The types of variables as they are at the end of the function that holds them. */
  readonly finals: Map<Binding, Type>;
}

/** One function's check: the state of its variables at the current point, and where findings go. */
export class Context {
  readonly shared: Shared;
  readonly scope: FunctionScope;
  /** Null while the current point cannot be reached. It changes as the walk goes on: whoever keeps it copies it. */
  current: Map<Binding, Known> | null;
  /** Greater than 0 while a loop's body is walked only to learn what it assigns. */
  silent = 0;

  constructor(shared: Shared, scope: FunctionScope, state: Map<Binding, Known>) {
    this.shared = shared;
    this.scope = scope;
    this.current = state;
  }

  get resolution(): Resolution {
    return this.shared.resolution;
  }

  get predeclared(): ReadonlyMap<string, Value> {
    return this.shared.predeclared;
  }

  get state(): State {
    return this.current ?? new Map();
  }

  report(finding: Finding): void {
    if (this.silent > 0 || this.current === null) return;
    const diagnostic = createDiagnostic(this.shared.source, finding);
    this.shared.diagnostics.set(`${finding.start}:${finding.code}:${finding.message}`, diagnostic);
  }

  textOf(node: Expression): string {
    const text = this.shared.source.text.slice(node.start, node.end);
    return text.length <= 40 && !text.includes('\n') ? text : 's';
  }

  /** Whether a variable's state is followed here; those of functions around, and globals in functions, are not. */
  owns(binding: Binding): boolean {
    if (binding.scope === 'local') return binding.owner === this.scope;
    return this.scope === this.resolution.top;
  }

  outerType(binding: Binding): Type {
    if (binding.assignments > 1) return ANY;
    return this.shared.finals.get(binding) ?? ANY;
  }

  assign(binding: Binding, type: Type): void {
    if (this.current === null || !this.owns(binding)) return;
    this.current.set(binding, { type, isDefinite: true });
  }

  /** Binds the names of a target to the parts of a type. */
  bindTarget(target: Expression, type: Type): void {
    switch (target.kind) {
      case 'Name': {
        const binding = this.resolution.names.get(target);
        if (binding !== undefined) this.assign(binding, type);
        return;
      }
      case 'Parenthesized':
        this.bindTarget(target.expression, type);
        return;
      case 'List':
      case 'Tuple':
        this.#unpack(target.items, type, target);
        return;
      default:
    }
  }

  #unpack(targets: readonly Expression[], type: Type, at: Expression): void {
    const isTuple = type.kind === 'name' && nameOf(type) === 'tuple' && type.parameters.length > 0;
    const parts = isTuple && !type.parameters.some((part) => nameOf(part) === '...') ? type.parameters : null;
    if (parts !== null && parts.length !== targets.length) {
      const many = parts.length > targets.length ? 'many' : 'few';
      this.report({
        start: at.start,
        end: at.end,
        code: 'CHECK_UNPACK',
        message: `too ${many} values to unpack (got ${parts.length}, want ${targets.length})`,
      });
    } else if (members(type).every((member) => scalars.has(nameOf(member))))
      this.report({
        start: at.start,
        end: at.end,
        code: 'CHECK_UNPACK',
        message: `got ${nameOf(type) === 'str' ? 'string' : nameOf(type)} in sequence assignment`,
      });
    const element = type.kind === 'name' && nameOf(type) === 'list' ? (type.parameters[0] ?? ANY) : ANY;
    for (const [index, target] of targets.entries()) this.bindTarget(target, parts?.[index] ?? element);
  }

  /** Runs a part that may not be executed; what it ends or assigns does not count for certain. */
  branch<T>(body: () => T): T {
    const before = this.current;
    const result = body();
    this.current = before;
    return result;
  }

  /** The program never gets past the current point. */
  end(): void {
    this.current = null;
  }

  later(node: Def | Lambda): void {
    if (this.silent === 0 && this.current !== null) this.shared.pending.add(node);
  }

  declaredOf(node: Def | Lambda): Declared {
    let declared = this.shared.declared.get(node);
    if (declared === undefined) {
      const read = (annotation: Expression | null): Type =>
        annotation === null || !this.shared.usesTypes
          ? ANY
          : readAnnotation(annotation, (finding) => {
              const diagnostic = createDiagnostic(this.shared.source, finding);
              this.shared.diagnostics.set(`${finding.start}:${finding.code}:${finding.message}`, diagnostic);
            });
      const parameters = new Map<string, Type>();
      for (const parameter of node.parameters) {
        if (parameter.kind === 'KeywordOnlyMarker') continue;
        const type = read(parameter.type);
        parameters.set(parameter.name.name, parameter.kind === 'Parameter' ? type : collected(parameter.kind, type));
      }
      declared = { parameters, returns: node.kind === 'Def' ? read(node.returnType) : ANY };
      this.shared.declared.set(node, declared);
    }
    return declared;
  }

  calleeOfDef(node: Def): Callee {
    return functionCallee(node.name.name, node, (each) => this.declaredOf(each));
  }
}

const scalars: ReadonlySet<string> = new Set(['int', 'float', 'bool', 'None', 'str', 'function']);

function collected(kind: 'ArgsParameter' | 'KwargsParameter', type: Type): Type {
  return kind === 'ArgsParameter' ? named('tuple', type, named('...')) : named('dict', named('str'), type);
}
