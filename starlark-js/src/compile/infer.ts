import type { Binding, FunctionScope, Resolution } from '../resolve/binding.ts';
import { withoutParentheses } from '../resolve/resolve.ts';
import type { Comprehension, Expression, Statement } from '../syntax/ast.ts';
import { arithmeticType } from './arithmetic.ts';
import { builtinResults, join, methodResults, type StaticType } from './static-type.ts';

export type Types = Map<Binding, StaticType>;

/**
 * Finds for each local of a function one type that holds wherever it is assigned. A variable that an inner function
 * uses is never a `double`: both sides have to agree on its representation.
 */
export function inferTypes(
  resolution: Resolution,
  scope: FunctionScope,
  types: Types,
  assumesPlainNumbers: boolean,
): void {
  const inference = new Inference(resolution, scope, types, assumesPlainNumbers);
  inference.run();
}

class Inference {
  readonly #resolution: Resolution;
  readonly #scope: FunctionScope;
  readonly #types: Types;
  readonly #assumesPlainNumbers: boolean;
  #changed = false;

  constructor(resolution: Resolution, scope: FunctionScope, types: Types, assumesPlainNumbers: boolean) {
    this.#resolution = resolution;
    this.#scope = scope;
    this.#types = types;
    this.#assumesPlainNumbers = assumesPlainNumbers;
  }

  run(): void {
    const { node, locals } = this.#scope;
    for (const local of locals)
      if (!this.#types.has(local)) this.#types.set(local, local.isParameter ? 'any' : 'bottom');
    do {
      this.#changed = false;
      if (node.kind === 'Lambda') this.#visit(node.body);
      else this.#statements(node.body);
    } while (this.#changed);
    for (const local of locals) if (this.#types.get(local) === 'bottom') this.#types.set(local, 'any');
  }

  #statements(statements: readonly Statement[]): void {
    for (const statement of statements) this.#statement(statement);
  }

  #statement(statement: Statement): void {
    switch (statement.kind) {
      case 'ExpressionStatement':
        this.#visit(statement.expression);
        break;
      case 'Assign':
        this.#visit(statement.value);
        this.#assignFrom(statement.target, statement.value);
        break;
      case 'AugmentedAssign': {
        this.#visit(statement.value);
        if (statement.target.kind !== 'Name') break;
        const operator = statement.operator.slice(0, -1) as never;
        this.#assign(
          statement.target,
          arithmeticType(
            operator,
            this.typeOf(statement.target),
            this.typeOf(statement.value),
            this.#assumesPlainNumbers,
          ),
        );
        break;
      }
      case 'Def':
        this.#assign(statement.name, 'any');
        break;
      case 'If':
        this.#visit(statement.test);
        this.#statements(statement.then);
        this.#statements(statement.otherwise);
        break;
      case 'For':
        this.#visit(statement.iterable);
        this.#loop(statement.target, statement.iterable);
        this.#statements(statement.body);
        break;
      case 'While':
        this.#visit(statement.test);
        this.#statements(statement.body);
        break;
      case 'Return':
        if (statement.value !== null) this.#visit(statement.value);
        break;
      default:
    }
  }

  /** Looks for comprehensions, whose variables are locals too. */
  #visit(expression: Expression): void {
    if (!this.#resolution.withComprehension.has(expression)) return;
    if (expression.kind === 'Comprehension') this.#comprehension(expression);
    for (const part of partsOf(expression)) this.#visit(part);
  }

  #comprehension(node: Comprehension): void {
    for (const clause of node.clauses) if (clause.kind === 'ForClause') this.#loop(clause.target, clause.iterable);
  }

  #assignFrom(target: Expression, value: Expression): void {
    const inner = withoutParentheses(value);
    const place = withoutParentheses(target);
    if (
      (place.kind === 'Tuple' || place.kind === 'List') &&
      (inner.kind === 'Tuple' || inner.kind === 'List') &&
      place.items.length === inner.items.length
    ) {
      for (const [index, item] of place.items.entries()) this.#assignFrom(item, inner.items[index]!);
      return;
    }
    this.#assign(target, this.typeOf(value));
  }

  #assign(target: Expression, type: StaticType): void {
    switch (target.kind) {
      case 'Name': {
        const binding = this.#resolution.names.get(target)!;
        if (binding.owner !== this.#scope) return;
        const old = this.#types.get(binding) ?? 'bottom';
        let merged = join(old, type);
        if (merged === 'double' && (binding.isCaptured || binding.isParameter)) merged = 'any';
        if (merged === old) return;
        this.#types.set(binding, merged);
        this.#changed = true;
        return;
      }
      case 'Parenthesized':
        this.#assign(target.expression, type);
        return;
      case 'List':
      case 'Tuple':
        for (const item of target.items) this.#assign(item, 'any');
        return;
      default:
    }
  }

  #loop(target: Expression, iterable: Expression): void {
    const source = withoutParentheses(iterable);
    const place = withoutParentheses(target);
    const builtin = source.kind === 'Call' ? this.#universal(source.callee) : null;
    if (builtin === 'range') this.#assign(target, 'int');
    else if (
      builtin === 'enumerate' &&
      place.kind === 'Tuple' &&
      source.kind === 'Call' &&
      source.arguments.length === 1
    ) {
      this.#assign(place.items[0]!, 'int');
      for (const item of place.items.slice(1)) this.#assign(item, 'any');
    } else this.#assign(target, 'any');
  }

  #universal(callee: Expression): string | null {
    if (callee.kind !== 'Name') return null;
    return this.#resolution.names.get(callee)?.scope === 'universe' ? callee.name : null;
  }

  typeOf(expression: Expression): StaticType {
    switch (expression.kind) {
      case 'Name': {
        const binding = this.#resolution.names.get(expression);
        if (binding?.scope === 'universe') return keywordType(binding.name);
        return binding === undefined ? 'any' : (this.#types.get(binding) ?? 'any');
      }
      case 'Int':
        return typeof expression.value === 'number' ? 'int' : 'integer';
      case 'Float':
        return 'double';
      case 'String':
      case 'FormattedString':
        return 'string';
      case 'List':
        return 'list';
      case 'Tuple':
        return 'tuple';
      case 'Dict':
        return 'dict';
      case 'Comprehension':
        return expression.form === 'dict' ? 'dict' : 'list';
      case 'Unary': {
        if (expression.operator === 'not') return 'bool';
        const operand = this.typeOf(expression.operand);
        if (operand === 'bottom') return 'bottom';
        if (expression.operator === '~') return operand === 'integer' ? 'integer' : 'any';
        return operand === 'double' || operand === 'int' || operand === 'integer' ? operand : 'any';
      }
      case 'Binary': {
        const left = this.typeOf(expression.left);
        const right = this.typeOf(expression.right);
        if (expression.operator === 'and' || expression.operator === 'or') return boxedJoin(left, right);
        // An operand without a type yet says nothing; a later round knows it.
        if (left === 'bottom' || right === 'bottom') return 'bottom';
        return arithmeticType(expression.operator, left, right, this.#assumesPlainNumbers);
      }
      case 'Conditional': {
        const first = this.typeOf(expression.then);
        const second = this.typeOf(expression.otherwise);
        return first === 'double' && second === 'double' ? 'double' : boxedJoin(first, second);
      }
      case 'Call':
        return this.#callType(expression.callee, expression.arguments);
      case 'Index':
        return this.typeOf(expression.object) === 'string' ? 'string' : 'any';
      case 'Slice': {
        const type = this.typeOf(expression.object);
        return type === 'string' || type === 'list' || type === 'tuple' || type === 'bottom' ? type : 'any';
      }
      case 'Parenthesized':
        return this.typeOf(expression.expression);
      default:
        return 'any';
    }
  }

  #callType(callee: Expression, given: readonly { readonly kind: string; readonly value: Expression }[]): StaticType {
    const inner = withoutParentheses(callee);
    if (inner.kind === 'Dot') {
      const type = this.typeOf(inner.object);
      return type === 'bottom' ? 'bottom' : (methodResults.get(`${type}.${inner.name.name}`) ?? 'any');
    }
    const name = this.#universal(inner);
    if (name === null) return 'any';
    const plain = given.every(({ kind }) => kind === 'Positional');
    if (plain && name === 'float' && given.length === 1) return 'double';
    if (plain && (name === 'min' || name === 'max') && given.length === 2) {
      const types = given.map(({ value }) => this.typeOf(value));
      if (types.includes('bottom')) return 'bottom';
      return types.every((type) => type === 'int') ? 'int' : 'any';
    }
    if (plain && name === 'int' && given.length === 1) {
      const type = this.typeOf(given[0]!.value);
      return type === 'int' || type === 'bottom' ? type : 'integer';
    }
    return builtinResults.get(name) ?? 'any';
  }
}

function keywordType(name: string): StaticType {
  if (name === 'None') return 'none';
  return name === 'True' || name === 'False' ? 'bool' : 'any';
}

/** The type of a value that was boxed on both ways. */
function boxedJoin(a: StaticType, b: StaticType): StaticType {
  const box = (type: StaticType): StaticType => (type === 'double' ? 'any' : type);
  return join(box(a), box(b));
}

function partsOf(node: Expression): readonly Expression[] {
  switch (node.kind) {
    case 'List':
    case 'Tuple':
      return node.items;
    case 'Dict':
      return node.entries.flatMap(({ key, value }) => [key, value]);
    case 'Comprehension': {
      const inner = node.clauses.map((clause) => (clause.kind === 'ForClause' ? clause.iterable : clause.test));
      return 'key' in node.body ? [...inner, node.body.key, node.body.value] : [...inner, node.body];
    }
    case 'Unary':
      return [node.operand];
    case 'Binary':
      return [node.left, node.right];
    case 'Conditional':
      return [node.test, node.then, node.otherwise];
    case 'Call':
      return [node.callee, ...node.arguments.map(({ value }) => value)];
    case 'Dot':
      return [node.object];
    case 'Index':
      return [node.object, node.index];
    case 'Slice':
      return [node.object, node.low, node.high, node.step].filter((part) => part !== null);
    case 'Parenthesized':
      return [node.expression];
    case 'FormattedString': {
      const parts = (list: typeof node.parts): Expression[] =>
        list.flatMap((part) => (typeof part === 'string' ? [] : [part.expression, ...parts(part.spec)]));
      return parts(node.parts);
    }
    default:
      return [];
  }
}
