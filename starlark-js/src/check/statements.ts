import type { Binding } from '../resolve/binding.ts';
import { withoutParentheses } from '../resolve/resolve.ts';
import type {
  AugmentedAssign,
  BinaryOperator,
  Def,
  Expression,
  For,
  If,
  Lambda,
  Parameter,
  Statement,
  While,
} from '../syntax/ast.ts';
import { readAnnotation } from './annotations.ts';
import { Context, type Shared } from './context.ts';
import { loopElement, spanOf, typeOf } from './expressions.ts';
import { operate, operatorHint, operatorMessage } from './operators.ts';
import { copy, type Known, merge } from './state.ts';
import { ANY, FUNCTION, mayBe, NONE, runtimeName, show, type Type } from './types.ts';

/** What leaves the innermost loop. */
interface Loop {
  breaks: Map<Binding, Known> | null;
  continues: Map<Binding, Known> | null;
}

/** Walks the statements of one function in the order in which they run. */
export class StatementWalker {
  readonly #context: Context;
  readonly #returns: Type | null;
  #loop: Loop | null = null;

  constructor(context: Context, returns: Type | null) {
    this.#context = context;
    this.#returns = returns;
  }

  walk(statements: readonly Statement[]): void {
    const context = this.#context;
    for (const statement of statements) {
      if (context.current === null) {
        this.#unreachable(statement, statements.at(-1)!);
        return;
      }
      this.#statement(statement);
    }
  }

  /** Reported at the first statement that is never run, for all that follow it. */
  #unreachable(from: Statement, to: Statement): void {
    const context = this.#context;
    context.current = new Map();
    context.report({
      start: from.start,
      end: Math.min(to.end, from.end),
      severity: 'warning',
      code: 'CHECK_UNREACHABLE',
      message: 'this code is never reached',
    });
    context.current = null;
  }

  #statement(node: Statement): void {
    const context = this.#context;
    switch (node.kind) {
      case 'ExpressionStatement':
        typeOf(context, node.expression);
        return;
      case 'Assign':
        this.#assign(node.target, node.type, node.value);
        return;
      case 'AugmentedAssign':
        this.#augmented(node);
        return;
      case 'Def':
        this.#define(node);
        return;
      case 'If':
        this.#if(node);
        return;
      case 'For':
        this.#for(node);
        return;
      case 'While':
        this.#while(node);
        return;
      case 'Return':
        this.#return(node.value, node);
        return;
      case 'Break':
        if (this.#loop !== null) this.#loop.breaks = merge(this.#loop.breaks, context.current);
        context.end();
        return;
      case 'Continue':
        if (this.#loop !== null) this.#loop.continues = merge(this.#loop.continues, context.current);
        context.end();
        return;
      case 'Pass':
        return;
      case 'Load':
        for (const { local } of node.bindings) context.bindTarget(local, ANY);
        return;
    }
  }

  #assign(target: Expression, annotation: Expression | null, value: Expression): void {
    const context = this.#context;
    let type = typeOf(context, value);
    if (annotation !== null && context.shared.usesTypes) {
      const wanted = readAnnotation(annotation, (finding) => context.report(finding));
      if (!mayBe(type, wanted))
        context.report({
          ...spanOf(value),
          code: 'CHECK_TYPE',
          message: `got ${runtimeName(type)}, want ${show(wanted)}`,
        });
      type = wanted;
    }
    this.#target(target);
    const place = withoutParentheses(target);
    const inner = withoutParentheses(value);
    if (
      (place.kind === 'Tuple' || place.kind === 'List') &&
      inner.kind === 'List' &&
      inner.items.length !== place.items.length
    )
      context.report({
        ...spanOf(target),
        code: 'CHECK_UNPACK',
        message: `too ${inner.items.length > place.items.length ? 'many' : 'few'} values to unpack (got ${inner.items.length}, want ${place.items.length})`,
      });
    context.bindTarget(target, type);
  }

  /** The expressions inside of a target. */
  #target(target: Expression): void {
    const context = this.#context;
    switch (target.kind) {
      case 'Parenthesized':
        this.#target(target.expression);
        return;
      case 'List':
      case 'Tuple':
        for (const item of target.items) this.#target(item);
        return;
      case 'Index':
        typeOf(context, target.object);
        typeOf(context, target.index);
        return;
      case 'Dot':
        typeOf(context, target.object);
        return;
      default:
    }
  }

  #augmented(node: AugmentedAssign): void {
    const context = this.#context;
    const left = typeOf(context, node.target);
    const right = typeOf(context, node.value);
    const operator = node.operator.slice(0, -1) as BinaryOperator;
    // `xs += iterable` takes what `xs + iterable` does not.
    const extendsList = operator === '+' && show(left).startsWith('list');
    const result = extendsList ? left : operate(operator, left, right);
    if (result === null)
      context.report({
        ...spanOf(node),
        code: 'CHECK_TYPE',
        message: operatorMessage(operator, left, right),
        hint: operatorHint(operator, left, right),
      });
    if (node.target.kind === 'Name') context.bindTarget(node.target, result ?? ANY);
  }

  #define(node: Def): void {
    const context = this.#context;
    const declared = context.declaredOf(node);
    for (const parameter of node.parameters) this.#default(node.name.name, parameter, declared.parameters);
    context.bindTarget(node.name, FUNCTION);
    context.later(node);
  }

  #default(name: string, parameter: Parameter, types: ReadonlyMap<string, Type>): void {
    if (parameter.kind !== 'Parameter' || parameter.default === null) return;
    const type = typeOf(this.#context, parameter.default);
    const wanted = types.get(parameter.name.name) ?? ANY;
    if (mayBe(type, wanted)) return;
    this.#context.report({
      ...spanOf(parameter.default),
      code: 'CHECK_TYPE',
      message: `${name}: for parameter ${parameter.name.name}: got ${runtimeName(type)}, want ${show(wanted)}`,
      hint: type === NONE ? `write ${parameter.name.name}: ${show(wanted)} | None = None` : undefined,
    });
  }

  #if(node: If): void {
    const context = this.#context;
    typeOf(context, node.test);
    const before = copy(context.current);
    this.walk(node.then);
    const afterThen = context.current;
    context.current = before;
    this.walk(node.otherwise);
    context.current = merge(afterThen, context.current);
  }

  #for(node: For): void {
    const element = loopElement(this.#context, node.iterable);
    this.#repeat(false, () => {
      this.#context.bindTarget(node.target, element);
      this.#target(node.target);
      this.walk(node.body);
    });
  }

  #while(node: While): void {
    const context = this.#context;
    const endless = isTrue(node.test);
    this.#repeat(endless, () => {
      typeOf(context, node.test);
      this.walk(node.body);
    });
  }

  /** The body is walked once to learn what it assigns, then with the state that any of its turns may begin with. */
  #repeat(endless: boolean, body: () => void): void {
    const context = this.#context;
    const outer = this.#loop;
    const before = copy(context.current);
    let start = before;
    if (context.silent === 0) {
      this.#loop = { breaks: null, continues: null };
      context.silent++;
      body();
      context.silent--;
      start = merge(before, merge(context.current, this.#loop.continues));
    }
    const loop: Loop = { breaks: null, continues: null };
    this.#loop = loop;
    context.current = copy(start);
    body();
    const again = merge(context.current, loop.continues);
    context.current = endless ? loop.breaks : merge(merge(start, again), loop.breaks);
    this.#loop = outer;
  }

  #return(value: Expression | null, at: Statement): void {
    const context = this.#context;
    const type = value === null ? NONE : typeOf(context, value);
    if (this.#returns !== null && !mayBe(type, this.#returns))
      context.report({
        ...spanOf(value ?? at),
        code: 'CHECK_TYPE',
        message: `${context.scope.name}: got result ${runtimeName(type)}, want ${show(this.#returns)}`,
      });
    context.end();
  }
}

function isTrue(node: Expression): boolean {
  const inner = withoutParentheses(node);
  return (inner.kind === 'Name' && inner.name === 'True') || (inner.kind === 'Int' && inner.value !== 0);
}

/** Checks one function's body. */
export function checkFunction(shared: Shared, node: Def | Lambda): void {
  const scope = shared.resolution.functions.get(node)!;
  const state = new Map<Binding, Known>();
  const context = new Context(shared, scope, state);
  const declared = context.declaredOf(node);
  for (const parameter of node.parameters) {
    if (parameter.kind === 'KeywordOnlyMarker') continue;
    const type = declared.parameters.get(parameter.name.name) ?? ANY;
    state.set(shared.resolution.names.get(parameter.name)!, { type, isDefinite: true });
  }
  const returns = node.kind === 'Def' && node.returnType !== null ? declared.returns : null;
  const walker = new StatementWalker(context, returns);
  if (node.kind === 'Lambda') typeOf(context, node.body);
  else walker.walk(node.body);
  if (context.current !== null && returns !== null && node.kind === 'Def' && !mayBe(NONE, returns))
    context.report({
      ...spanOf(node.name),
      code: 'CHECK_TYPE',
      message: `${scope.name}: may end without a return, which gives None; want ${show(returns)}`,
    });
  for (const [binding, known] of context.current ?? []) shared.finals.set(binding, known.type);
}

export function checkTopLevel(shared: Shared): void {
  const context = new Context(shared, shared.resolution.top, new Map());
  new StatementWalker(context, null).walk(shared.resolution.file.body);
  for (const [binding, known] of context.current ?? []) shared.finals.set(binding, known.type);
}
