import type { Finding } from '../diagnostic.ts';
import type { Binding } from '../resolve/binding.ts';
import { nearest } from '../resolve/nearest.ts';
import { withoutParentheses } from '../resolve/resolve.ts';
import type { Binary, Call, Comprehension, Dot, Expression, FormattedPart, Name, Unary } from '../syntax/ast.ts';
import { checkCall, type Given } from './calls.ts';
import type { Context } from './context.ts';
import { habitHint, methodHint } from './method-hints.ts';
import { operate, operatorHint, operatorMessage } from './operators.ts';
import { type Callee, calleeOf, membersOf, methodCallee, methodNames, universalCallee } from './signatures.ts';
import {
  ANY,
  BOOL,
  builtinTypes,
  containerOf,
  elementType,
  FLOAT,
  FUNCTION,
  INT,
  isAny,
  members,
  NONE,
  named,
  nameOf,
  runtimeName,
  STR,
  type Type,
  unionOf,
} from './types.ts';

/** The type of an expression; everything that is certainly wrong inside of it is reported on the way. */
export function typeOf(context: Context, node: Expression): Type {
  switch (node.kind) {
    case 'Name':
      return typeOfName(context, node);
    case 'Int':
      return INT;
    case 'Float':
      return FLOAT;
    case 'String':
      return STR;
    case 'Bytes':
      return named('bytes');
    case 'FormattedString':
      checkFormatted(context, node.parts);
      return STR;
    case 'List':
      return containerOf(
        'list',
        node.items.map((item) => typeOf(context, item)),
      );
    case 'Tuple': {
      const items = node.items.map((item) => typeOf(context, item));
      return items.length === 0 ? named('tuple') : named('tuple', ...items);
    }
    case 'Dict':
      return containerOf(
        'dict',
        node.entries.map(({ key }) => typeOf(context, key)),
        node.entries.map(({ value }) => typeOf(context, value)),
      );
    case 'Comprehension':
      return typeOfComprehension(context, node);
    case 'Lambda':
      context.later(node);
      return FUNCTION;
    case 'Unary':
      return typeOfUnary(context, node);
    case 'Binary':
      return typeOfBinary(context, node);
    case 'Conditional':
      typeOf(context, node.test);
      return unionOf([typeOf(context, node.then), typeOf(context, node.otherwise)]);
    case 'Call':
      return typeOfCall(context, node);
    case 'Dot':
      return typeOfAttribute(context, node);
    case 'Index': {
      const object = typeOf(context, node.object);
      const index = typeOf(context, node.index);
      return typeOfElement(context, node, object, index);
    }
    case 'Slice':
      for (const bound of [node.low, node.high, node.step]) if (bound !== null) typeOf(context, bound);
      return sliced(typeOf(context, node.object));
    case 'Parenthesized':
      return typeOf(context, node.expression);
  }
}

function checkFormatted(context: Context, parts: readonly (string | FormattedPart)[]): void {
  for (const part of parts) {
    if (typeof part === 'string') continue;
    typeOf(context, part.expression);
    checkFormatted(context, part.spec);
  }
}

function typeOfName(context: Context, node: Name): Type {
  const binding = context.resolution.names.get(node);
  if (binding === undefined) return ANY;
  if (binding.scope === 'universe') {
    if (binding.name === 'None') return NONE;
    return binding.name === 'True' || binding.name === 'False' ? BOOL : FUNCTION;
  }
  if (binding.scope === 'predeclared') return ANY;
  if (!context.owns(binding)) return context.outerType(binding);
  const known = context.state.get(binding);
  if (known === undefined) {
    const kind = binding.scope === 'local' ? 'local' : 'global';
    context.report({
      ...spanOf(node),
      code: 'CHECK_UNASSIGNED',
      message: `${kind} variable ${node.name} referenced before assignment`,
      hint: unassignedHint(context, binding),
    });
    return ANY;
  }
  if (!known.isDefinite)
    context.report({
      ...spanOf(node),
      severity: 'warning',
      code: 'CHECK_MAYBE_UNASSIGNED',
      message: `${node.name} may be used before it is assigned`,
      hint: `give ${node.name} a value on every path before this line`,
    });
  return known.type;
}

/** The commonest cause of an unassigned local is a global of the same name. */
function unassignedHint(context: Context, binding: Binding): string | undefined {
  if (binding.scope !== 'local') return undefined;
  if (!context.resolution.globals.some(({ name }) => name === binding.name))
    return `${binding.name} is assigned further down: assign it before this line`;
  return `${binding.name} is assigned in this function, so it is a local here and hides the global ${binding.name}: take the global's value as a parameter, and return the new one`;
}

function typeOfUnary(context: Context, node: Unary): Type {
  const operand = typeOf(context, node.operand);
  if (node.operator === 'not') return BOOL;
  if (isAny(operand)) return ANY;
  const fits = members(operand).filter((member) => {
    const name = nameOf(member);
    return name === 'int' || (name === 'float' && node.operator !== '~') || !builtinTypes.has(name);
  });
  if (fits.length > 0) return unionOf(fits);
  const message = `unknown unary op: ${node.operator}${runtimeName(operand)}`;
  context.report({ ...spanOf(node), code: 'CHECK_TYPE', message });
  return ANY;
}

function typeOfBinary(context: Context, node: Binary): Type {
  const left = typeOf(context, node.left);
  if (node.operator === 'and' || node.operator === 'or')
    return unionOf([left, context.branch(() => typeOf(context, node.right))]);
  const right = typeOf(context, node.right);
  const result = operate(node.operator, left, right);
  if (result !== null) return result;
  context.report({
    ...spanOf(node),
    code: 'CHECK_TYPE',
    message: operatorMessage(node.operator, left, right),
    hint: operatorHint(node.operator, left, right),
  });
  return ANY;
}

function typeOfComprehension(context: Context, node: Comprehension): Type {
  for (const clause of node.clauses) {
    if (clause.kind === 'IfClause') typeOf(context, clause.test);
    else context.bindTarget(clause.target, loopElement(context, clause.iterable));
  }
  const { body } = node;
  if ('key' in body) return containerOf('dict', [typeOf(context, body.key)], [typeOf(context, body.value)]);
  return containerOf('list', [typeOf(context, body)]);
}

/** The type of what a loop over an expression gives. */
export function loopElement(context: Context, iterable: Expression): Type {
  const type = typeOf(context, iterable);
  const element = elementType(type);
  if (element !== null) return element;
  const isString = nameOf(type) === 'str';
  const text = context.textOf(iterable);
  context.report({
    ...spanOf(iterable),
    code: 'CHECK_NOT_ITERABLE',
    message: `${runtimeName(type)} value is not iterable`,
    hint: isString
      ? `a string is not iterable: write ${text}.elems() for its characters`
      : nameOf(type) === 'int'
        ? `to count, write range(${text})`
        : undefined,
  });
  return ANY;
}

function typeOfElement(context: Context, node: Expression, object: Type, index: Type): Type {
  const found: Type[] = [];
  for (const member of members(object)) {
    const name = nameOf(member);
    if (!builtinTypes.has(name)) return ANY;
    const parameters = member.kind === 'name' ? member.parameters : [];
    if (name === 'str') found.push(STR);
    else if (name === 'bytes' || name === 'range') found.push(INT);
    else if (name === 'list') found.push(parameters[0] ?? ANY);
    else if (name === 'dict') found.push(parameters[1] ?? ANY);
    else if (name === 'tuple') found.push(ANY);
  }
  if (found.length > 0) return unionOf(found);
  context.report({
    ...spanOf(node),
    code: 'CHECK_TYPE',
    message: `unhandled index operation ${runtimeName(object)}[${runtimeName(index)}]`,
    hint: runtimeName(object) === 'function' ? 'a function has no elements: call it first, as f()[index]' : undefined,
  });
  return ANY;
}

function sliced(type: Type): Type {
  return nameOf(type) === 'tuple' ? named('tuple') : type;
}

function typeOfAttribute(context: Context, node: Dot): Type {
  const host = hostMember(context, node);
  if (host !== null) return host.value === null ? ANY : FUNCTION;
  const object = typeOf(context, node.object);
  checkAttribute(context, node, object);
  return ANY;
}

/** An attribute of a predeclared module; null when the object is something else. */
function hostMember(context: Context, node: Dot): { readonly value: Callee | null } | null {
  const object = withoutParentheses(node.object);
  if (object.kind !== 'Name') return null;
  const binding = context.resolution.names.get(object);
  if (binding?.scope !== 'predeclared') return null;
  const all = membersOf(context.predeclared.get(binding.name));
  if (all === null) return null;
  const member = all.get(node.name.name);
  if (member !== undefined) return { value: calleeOf(member) };
  const near = nearest(node.name.name, all.keys());
  context.report({
    ...spanOf(node.name),
    code: 'CHECK_ATTRIBUTE',
    message: `${binding.name} has no .${node.name.name} field or method${near === null ? '' : ` (did you mean .${near}?)`}`,
    hint: `${binding.name} has ${[...all.keys()].sort().join(', ')}`,
  });
  return { value: null };
}

function checkAttribute(context: Context, node: Dot, object: Type): void {
  const { name } = node.name;
  if (isAny(object)) {
    const hint = habitHint(name);
    if (hint !== undefined)
      context.report({
        ...spanOf(node.name),
        severity: 'warning',
        code: 'CHECK_ATTRIBUTE',
        message: `no built-in type has a method .${name}`,
        hint,
      });
    return;
  }
  const types = members(object);
  if (types.some((type) => !builtinTypes.has(nameOf(type)) || methodNames(type).includes(name))) return;
  const type = types[0]!;
  const near = nearest(name, methodNames(type));
  context.report({
    ...spanOf(node.name),
    code: 'CHECK_ATTRIBUTE',
    message: `${runtimeName(object)} has no .${name} field or method${near === null ? '' : ` (did you mean .${near}?)`}`,
    hint: methodHint(type, name),
  });
}

function typeOfCall(context: Context, node: Call): Type {
  const inner = withoutParentheses(node.callee);
  const callee = inner.kind === 'Dot' ? methodOf(context, inner) : namedCallee(context, inner);
  const given: Given[] = node.arguments.map((argument) => ({ argument, type: typeOf(context, argument.value) }));
  if (callee === null) return ANY;
  checkCall(callee.callee, node, given, (finding) => context.report(finding));
  if (callee.callee.name === 'fail' && callee.callee.origin === 'builtin') context.end();
  return refine(callee.callee, callee.receiver, given);
}

interface Resolved {
  readonly callee: Callee;
  readonly receiver: Type | null;
}

function namedCallee(context: Context, node: Expression): Resolved | null {
  const type = typeOf(context, node);
  if (node.kind === 'Name') {
    const binding = context.resolution.names.get(node);
    if (binding === undefined) return null;
    if (binding.scope === 'universe') {
      const callee = universalCallee(binding.name);
      if (callee !== null) return { callee, receiver: null };
    }
    if (binding.scope === 'predeclared') {
      const value = context.predeclared.get(binding.name);
      const callee = value === undefined ? null : calleeOf(value);
      return callee === null ? null : { callee, receiver: null };
    }
    if (binding.soleDef !== null) return { callee: context.calleeOfDef(binding.soleDef), receiver: null };
  }
  if (
    !isAny(type) &&
    members(type).every((member) => builtinTypes.has(nameOf(member)) && nameOf(member) !== 'function')
  )
    context.report({
      ...spanOf(node),
      code: 'CHECK_TYPE',
      message: `invalid call of non-function (${runtimeName(type)})`,
    });
  return null;
}

function methodOf(context: Context, node: Dot): Resolved | null {
  const host = hostMember(context, node);
  if (host !== null) return host.value === null ? null : { callee: host.value, receiver: null };
  const object = typeOf(context, node.object);
  checkAttribute(context, node, object);
  if (object.kind === 'union') return null;
  const callee = methodCallee(object, node.name.name);
  return callee === null ? null : { callee, receiver: object };
}

/** The result of a call, better known than the signature says it where the arguments tell. */
function refine(callee: Callee, receiver: Type | null, given: readonly Given[]): Type {
  const [first] = given;
  if (receiver !== null && receiver.kind === 'name') {
    const [key, value] = receiver.parameters;
    if (nameOf(receiver) === 'dict' && key !== undefined && value !== undefined) {
      if (callee.name === 'keys') return named('list', key);
      if (callee.name === 'values') return named('list', value);
      if (callee.name === 'items') return named('list', named('tuple', key, value));
    }
    if (nameOf(receiver) === 'list' && callee.name === 'pop') return key ?? ANY;
    return callee.returns;
  }
  if (callee.origin === 'function' || first === undefined) return callee.returns;
  const element = elementType(first.type) ?? ANY;
  switch (callee.name) {
    case 'sorted':
    case 'list':
    case 'reversed':
      return containerOf('list', [element]);
    case 'set':
      return containerOf('set', [element]);
    case 'enumerate':
      return isAny(element) ? callee.returns : named('list', named('tuple', INT, element));
    case 'abs':
      return isAny(first.type) ? callee.returns : first.type;
    default:
      return callee.returns;
  }
}

export function spanOf(node: { readonly start: number; readonly end: number }): Pick<Finding, 'start' | 'end'> {
  return { start: node.start, end: node.end };
}
