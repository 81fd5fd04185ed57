import type { BinaryOperator } from '../syntax/ast.ts';
import {
  ANY,
  BOOL,
  builtinTypes,
  containerOf,
  FLOAT,
  INT,
  isAny,
  members,
  named,
  nameOf,
  runtimeName,
  STR,
  type Type,
  unionOf,
} from './types.ts';

/** The result of `left OPERATOR right`; null when no values of the two types have one. */
export function operate(operator: BinaryOperator, left: Type, right: Type): Type | null {
  if (operator === '==' || operator === '!=') return BOOL;
  if (isAny(left) || isAny(right)) return isComparison(operator) ? BOOL : ANY;
  const results: Type[] = [];
  for (const a of members(left)) {
    for (const b of members(right)) {
      const result = single(operator, a, b);
      if (result !== null) results.push(result);
    }
  }
  return results.length === 0 ? null : unionOf(results);
}

function isComparison(operator: BinaryOperator): boolean {
  return ['<', '<=', '>', '>=', 'in', 'not in'].includes(operator);
}

const isNumber = (name: string): boolean => name === 'int' || name === 'float';
const repeatable: ReadonlySet<string> = new Set(['str', 'bytes', 'list', 'tuple']);
const joinable: ReadonlySet<string> = new Set(['str', 'bytes', 'tuple', 'list']);
const ordered: ReadonlySet<string> = new Set(['str', 'bytes', 'list', 'tuple', 'bool', 'set']);
const containers: ReadonlySet<string> = new Set(['list', 'tuple', 'dict', 'set', 'range', 'bytes', 'Iterable']);

function single(operator: BinaryOperator, left: Type, right: Type): Type | null {
  const [a, b] = [nameOf(left), nameOf(right)];
  // What a type of the host does with operators is its own affair.
  if (!builtinTypes.has(a) || !builtinTypes.has(b)) return isComparison(operator) ? BOOL : ANY;
  const numbers = isNumber(a) && isNumber(b);
  const number = a === 'int' && b === 'int' ? INT : FLOAT;
  switch (operator) {
    case '+':
      if (numbers) return number;
      if (a !== b || !joinable.has(a)) return null;
      return a === 'list' ? joined(left, right) : named(a);
    case '-':
      if (numbers) return number;
      return a === 'set' && b === 'set' ? named('set') : null;
    case '*':
      if (numbers) return number;
      if (repeatable.has(a) && b === 'int') return left;
      return a === 'int' && repeatable.has(b) ? right : null;
    case '/':
      return numbers ? FLOAT : null;
    case '//':
      return numbers ? number : null;
    case '%':
      return a === 'str' ? STR : numbers ? number : null;
    case '|':
      if (a === 'dict' && b === 'dict') return named('dict');
      return bitwise(a, b);
    case '&':
    case '^':
      return bitwise(a, b);
    case '<<':
    case '>>':
      return a === 'int' && b === 'int' ? INT : null;
    case 'in':
    case 'not in':
      if (b === 'str') return a === 'str' ? BOOL : null;
      return containers.has(b) ? BOOL : null;
    default:
      return numbers || (a === b && ordered.has(a)) ? BOOL : null;
  }
}

function bitwise(a: string, b: string): Type | null {
  if (a === 'int' && b === 'int') return INT;
  return a === 'set' && b === 'set' ? named('set') : null;
}

function joined(left: Type, right: Type): Type {
  const of = (type: Type): Type => (type.kind === 'name' ? (type.parameters[0] ?? ANY) : ANY);
  return containerOf('list', [of(left), of(right)]);
}

/** The words of the error that running the operation would give. */
export function operatorMessage(operator: BinaryOperator, left: Type, right: Type): string {
  if (operator === 'in' && nameOf(right) === 'str')
    return `'in <string>' requires string as left operand, not ${runtimeName(left)}`;
  if (['<', '<=', '>', '>='].includes(operator))
    return `${runtimeName(left)} ${operator} ${runtimeName(right)} not implemented`;
  return `unknown binary op: ${runtimeName(left)} ${operator} ${runtimeName(right)}`;
}

/** What to write instead, where that is plain. */
export function operatorHint(operator: BinaryOperator, left: Type, right: Type): string | undefined {
  const [a, b] = [nameOf(left), nameOf(right)];
  if (operator === '+' && (a === 'str' || b === 'str')) {
    const other = a === 'str' ? 'the right side' : 'the left side';
    return `only strings can be added to strings: put str(…) around ${other}, or write "%s" % x`;
  }
  if (operator === '+' && a === 'dict' && b === 'dict') return 'write a | b to join dicts';
  if (operator === '+' && (a === 'list' || b === 'list'))
    return 'only lists can be added to lists: write xs + [x], or xs.append(x)';
  if (a === 'None' || b === 'None') return 'one side is None: test for it before';
  return undefined;
}
