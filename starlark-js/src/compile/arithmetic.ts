import type { BinaryOperator, Span } from '../syntax/ast.ts';
import { asDouble, boxedText, isRawNumber } from './boxing.ts';
import { type Code, code } from './code.ts';
import type { FunctionWriter } from './function-writer.ts';
import { isIntegral, isNumeric, type StaticType } from './static-type.ts';

/** The runtime's function for each operator: complete, and where every error comes from. */
export const operatorHelpers: Readonly<Record<Exclude<BinaryOperator, 'and' | 'or'>, string>> = {
  '+': 'add',
  '-': 'subtract',
  '*': 'multiply',
  '/': 'divide',
  '//': 'floorDivide',
  '%': 'modulo',
  '&': 'bitAnd',
  '|': 'bitOr',
  '^': 'bitXor',
  '<<': 'shiftLeft',
  '>>': 'shiftRight',
  '==': 'isEqual',
  '!=': 'isUnequal',
  '<': 'isLess',
  '<=': 'isLessOrEqual',
  '>': 'isGreater',
  '>=': 'isGreaterOrEqual',
  in: 'isIn',
  'not in': 'isNotIn',
};

/** Sums and products that are no safe int round to at least 2 ** 53. */
const isSafe = (name: string): string => `${name}<2**53&&${name}>-(2**53)`;

/** Operands that may be written more than once, and what has to run before them. */
interface Operands {
  readonly before: string;
  readonly a: string;
  readonly b: string;
}

export function repeatable(writer: FunctionWriter, left: Code, right: Code): Operands {
  let before = '';
  let a = left.text;
  let b = right.text;
  if (!left.simple) {
    a = writer.temporary();
    before = `${a}=${left.text},`;
  }
  if (!right.simple) {
    b = writer.temporary();
    before += `${b}=${right.text},`;
  }
  return { before, a, b };
}

/** The type of an arithmetic result; the one rule that inference and code share. */
export function arithmeticType(
  operator: BinaryOperator,
  left: StaticType,
  right: StaticType,
  assumesPlainNumbers: boolean,
): StaticType {
  const bothIntegral = isIntegral(left) && isIntegral(right);
  const oneDouble = left === 'double' || right === 'double';
  switch (operator) {
    case '+':
      if (left === right && (left === 'string' || left === 'list' || left === 'tuple')) return left;
      if (assumesPlainNumbers && (left === 'string' || right === 'string')) return 'string';
      break;
    case '*':
      if (isIntegral(right) && (left === 'string' || left === 'list' || left === 'tuple')) return left;
      if (isIntegral(left) && (right === 'string' || right === 'list' || right === 'tuple')) return right;
      break;
    case '-':
      break;
    case '/':
      return assumesPlainNumbers || (isNumeric(left) && isNumeric(right)) ? 'double' : 'any';
    case '//':
      if (left === 'int' && right === 'int') return 'int';
      break;
    case '%':
      if (left === 'string') return 'string';
      if (isIntegral(left) && right === 'int') return 'int';
      // With a value on the left that is not known to be a number, `%` may be formatting.
      if (right === 'double' && !isNumeric(left)) return 'any';
      break;
    case '<<':
    case '&':
    case '|':
    case '^':
      return bothIntegral ? 'integer' : 'any';
    case '>>':
      return left === 'int' && isIntegral(right) ? 'int' : bothIntegral ? 'integer' : 'any';
    default:
      return 'bool';
  }
  if (bothIntegral) return 'integer';
  if (oneDouble && ((isNumeric(left) && isNumeric(right)) || assumesPlainNumbers)) return 'double';
  return 'any';
}

/** `+ - * / // % & | ^ << >>`. */
export function arithmetic(
  writer: FunctionWriter,
  operator: Exclude<BinaryOperator, 'and' | 'or'>,
  left: Code,
  right: Code,
  at: Span,
  slowHelper: string = operatorHelpers[operator],
): Code {
  const type = arithmeticType(operator, left.type, right.type, writer.program.assumesPlainNumbers);
  if (type === 'double') return doubleResult(writer, operator, left, right, at);
  if (left.type === 'string' && right.type === 'string' && operator === '+')
    return code(`${writer.call('concat', at)}(${left.text},${right.text})`, 'string');
  const inline =
    writer.hot || isRawNumber(left) || isRawNumber(right)
      ? inlineInts(writer, operator, left, right, at, slowHelper)
      : null;
  if (inline !== null) return code(inline, type);
  const slow = `${writer.call(slowHelper, at)}(${boxedText(writer, left)},${boxedText(writer, right)})`;
  return code(slow, type);
}

const plainDouble: ReadonlySet<string> = new Set(['+', '-', '*']);

/** A float kept as a bare number; operands that turn out not to be numbers go through the boxed operation. */
function doubleResult(
  writer: FunctionWriter,
  operator: Exclude<BinaryOperator, 'and' | 'or'>,
  left: Code,
  right: Code,
  at: Span,
): Code {
  const { before, a, b } = repeatable(writer, left, right);
  const x = { ...left, text: a };
  const y = { ...right, text: b };
  const [p, q] = [writer.unboxed(left) ?? a, writer.unboxed(right) ?? b];
  const tests: string[] = [];
  if (!isRawNumber(x)) tests.push(`typeof ${p}==="number"`);
  if (!isRawNumber(y)) tests.push(`typeof ${q}==="number"`);
  const isNonZero = Number(b) !== 0 && !Number.isNaN(Number(b));
  if (!plainDouble.has(operator) && !isNonZero) tests.push(`${q}!==0`);
  const fast = doubleText(writer, operator, p, q);
  const slow = `${writer.helper('toDouble')}(${writer.call(operatorHelpers[operator], at)}(${boxedText(writer, x)},${boxedText(writer, y)}))`;
  if (tests.length === 0) return code(`(${before}${fast})`, 'double');
  return code(`(${before}${tests.join('&&')}?${fast}:${slow})`, 'double');
}

function doubleText(writer: FunctionWriter, operator: string, a: string, b: string): string {
  if (operator === '//') return `${writer.helper('floor')}(${a}/${b})`;
  if (operator === '%') return `${writer.helper('floatModulo')}(${a},${b})`;
  return `${a}${operator}${b}`;
}

function inlineInts(
  writer: FunctionWriter,
  operator: Exclude<BinaryOperator, 'and' | 'or'>,
  left: Code,
  right: Code,
  at: Span,
  slowHelper: string,
): string | null {
  if (!mayBeInt(left.type) || !mayBeInt(right.type)) return null;
  if (operator === '<<' || operator === '>>') return inlineShift(writer, operator, left, right, at);
  const { before, a, b } = repeatable(writer, left, right);
  const numbers: string[] = [];
  if (left.type !== 'int') numbers.push(`typeof ${a}==="number"`);
  if (right.type !== 'int' && a !== b) numbers.push(`typeof ${b}==="number"`);
  const slow = `${writer.call(slowHelper, at)}(${a},${b})`;
  const guarded = (test: string, fast: string): string => {
    const tests = [...numbers, ...(test === '' ? [] : [test])];
    return tests.length === 0 ? `(${before}${fast})` : `(${before}${tests.join('&&')}?${fast}:${slow})`;
  };
  const trunc = writer.helper('trunc');
  const integral = [
    ...(isIntegral(left.type) ? [] : [`${a}===${trunc}(${a})`]),
    ...(isIntegral(right.type) || a === b ? [] : [`${b}===${trunc}(${b})`]),
  ];
  const t = writer.temporary();
  const small = [a, b].filter((name) => !/^[0-9]{1,9}$/.test(name)).map((name) => `(${name}|0)===${name}`);
  const bothSmall = small.length === 0 ? 'true' : small.join('&&');
  switch (operator) {
    case '+':
    case '-':
      if (integral.length === 0) return guarded(`(${t}=${a}${operator}${b},${isSafe(t)})`, t);
      return guarded(
        `(${t}=${a}${operator}${b},${bothSmall}||${t}!==${trunc}(${t})||${integral.join('&&')}&&${isSafe(t)})`,
        t,
      );
    case '*':
      if (integral.length === 0) return guarded(`(${t}=${a}*${b},${isSafe(t)})`, `${t}+0`);
      return guarded(`(${t}=${a}*${b},${t}!==${trunc}(${t})||${integral.join('&&')}&&${isSafe(t)})`, `${t}+0`);
    case '//':
      return guarded([`${b}!==0`, ...integral].join('&&'), `${writer.helper('floor')}(${a}/${b})+0`);
    case '%':
      return guarded(
        [...(/^[1-9][0-9]*$/.test(b) ? [] : [`${b}>0`]), ...integral].join('&&'),
        `((${t}=${a}%${b})<0?${t}+${b}:${t}+0)`,
      );
    case '&':
    case '|':
    case '^':
      return guarded(bothSmall, `${a}${operator}${b}`);
    default:
      return null;
  }
}

/** A shift of a safe int by a literal: a multiplication or division by a power of two. */
function inlineShift(writer: FunctionWriter, operator: '<<' | '>>', left: Code, right: Code, at: Span): string | null {
  if (left.type !== 'int' || right.type !== 'int' || !/^[0-9]{1,2}$/.test(right.text) || Number(right.text) > 52)
    return null;
  const power = 2 ** Number(right.text);
  if (operator === '>>') return `${writer.helper('floor')}(${left.text}/${power})`;
  const { before, a, b } = repeatable(writer, left, right);
  const t = writer.temporary();
  return `(${before}(${t}=${a}*${power},${isSafe(t)})?${t}:${writer.call('shiftLeft', at)}(${a},${b}))`;
}

function mayBeInt(type: StaticType): boolean {
  return type === 'any' || isIntegral(type);
}

/** `== != < <= > >=`: a `bool`. */
export function comparison(
  writer: FunctionWriter,
  operator: '==' | '!=' | '<' | '<=' | '>' | '>=',
  left: Code,
  right: Code,
  at: Span,
): Code {
  const isEquality = operator === '==' || operator === '!=';
  if (isEquality) {
    const direct = directEquality(writer, operator === '==', left, right, at);
    if (direct !== null) return code(direct, 'bool');
  }
  if (left.type === 'int' && right.type === 'int') return code(`(${left.text}${operator}${right.text})`, 'bool');
  const x = asDouble(writer, left);
  const y = asDouble(writer, right);
  const oneDouble = left.type === 'double' || right.type === 'double';
  if (oneDouble && x !== null && y !== null && left.type !== 'integer' && right.type !== 'integer')
    return code(compareDoubles(writer, operator, left, right), 'bool');
  const slow = (a: string, b: string): string => `${writer.call(operatorHelpers[operator], at)}(${a},${b})`;
  if (!mayBeNumber(left.type) || !mayBeNumber(right.type) || (!writer.hot && !oneDouble))
    return code(slow(boxedText(writer, left), boxedText(writer, right)), 'bool');
  if (oneDouble) return code(compareWithAny(writer, operator, left, right, slow), 'bool');
  const { before, a, b } = repeatable(writer, left, right);
  if (isEquality) {
    const same = `(${a}===${b}||(typeof ${a}==="object"||typeof ${b}==="object")&&${writer.call('isEqual', at)}(${a},${b}))`;
    return code(`(${before}${operator === '==' ? '' : '!'}${same})`, 'bool');
  }
  const tests = [
    ...(left.type === 'int' ? [] : [`typeof ${a}==="number"`]),
    ...(right.type === 'int' ? [] : [`typeof ${b}==="number"`]),
  ];
  return code(`(${before}${tests.join('&&')}?${a}${operator}${b}:${slow(a, b)})`, 'bool');
}

/** A double against a value that is likely a number too. A bare number is never nan, an unboxed one may be. */
function compareWithAny(
  writer: FunctionWriter,
  operator: string,
  left: Code,
  right: Code,
  slow: (a: string, b: string) => string,
): string {
  const { before, a, b } = repeatable(writer, left, right);
  const [x, y] = [
    { ...left, text: a, simple: true },
    { ...right, text: b, simple: true },
  ];
  const other = left.type === 'double' ? y : x;
  const number = writer.unboxed(other);
  const raw: Code = code(number ?? other.text, number === null ? 'int' : 'double', true);
  const fast =
    left.type === 'double' ? compareDoubles(writer, operator, x, raw) : compareDoubles(writer, operator, raw, y);
  return `(${before}typeof ${raw.text}==="number"?${fast}:${slow(boxedText(writer, x), boxedText(writer, y))})`;
}

function mayBeNumber(type: StaticType): boolean {
  return type === 'any' || isNumeric(type);
}

/** Equality that identity decides: one side is a string, a bool, None or an int, and the other cannot be a boxed float. */
function directEquality(writer: FunctionWriter, positive: boolean, left: Code, right: Code, at: Span): string | null {
  const operator = positive ? '===' : '!==';
  const plain = (type: StaticType): boolean => type === 'string' || type === 'bool' || type === 'none';
  if ((plain(left.type) || plain(right.type)) && left.type !== 'double' && right.type !== 'double')
    return `(${left.text}${operator}${right.text})`;
  if (isIntegral(left.type) && isIntegral(right.type)) return `(${left.text}${operator}${right.text})`;
  const literal = /^\(?-?[0-9]+\)?$/;
  if (left.type === 'any' && right.type === 'int' && literal.test(right.text) && writer.hot) {
    const { before, a, b } = repeatable(writer, left, right);
    const same = `${a}===${b}||typeof ${a}==="object"&&${writer.call('isEqual', at)}(${a},${b})`;
    return `(${before}${positive ? '' : '!'}(${same}))`;
  }
  return null;
}

/** Whether a text is the literal of a number, which is never nan. */
function isNumber(text: string): boolean {
  return /^\(?-?[0-9]/.test(text);
}

/** Starlark's total order: nan equals nan and exceeds everything else. */
function compareDoubles(writer: FunctionWriter, operator: string, left: Code, right: Code): string {
  const { before, a, b } = repeatable(writer, left, right);
  const [nanA, nanB] = [left.type === 'double' && !isNumber(a), right.type === 'double' && !isNumber(b)];
  const same = nanA && nanB ? `(${a}===${b}||${a}!==${a}&&${b}!==${b})` : `(${a}===${b})`;
  // With a nan on one side JavaScript says false; where nan is the greater one, the opposite is asked and negated.
  const orNan = (plain: string, opposite: string, first: boolean, second: boolean, ifBoth: string): string => {
    if (!first) return `${a}${plain}${b}`;
    return second ? ifBoth : `!(${a}${opposite}${b})`;
  };
  const text = ((): string => {
    switch (operator) {
      case '==':
        return same;
      case '!=':
        return `!${same}`;
      case '<':
        return orNan('<', '>=', nanB, nanA, `(${a}<${b}||${b}!==${b}&&${a}===${a})`);
      case '<=':
        return orNan('<=', '>', nanB, nanA, `(${a}<=${b}||${b}!==${b})`);
      case '>':
        return orNan('>', '<=', nanA, nanB, `(${a}>${b}||${a}!==${a}&&${b}===${b})`);
      default:
        return orNan('>=', '<', nanA, nanB, `(${a}>=${b}||${a}!==${a})`);
    }
  })();
  return `(${before}${text})`;
}
