import { StarlarkError } from '../errors.ts';
import { tick } from '../meter.ts';
import { floatValue, isFloat, isInt, isNumeric, makeFloat, StarlarkFloat } from '../value/float.ts';
import { normalizeInt, reserveInteger } from '../value/integer.ts';
import { shortRepr } from '../value/repr.ts';
import { truncateToInt } from '../value/to-int.ts';
import { typeName } from '../value/type-name.ts';
import type { Value } from '../value/value.ts';

export function abs(x: Value): Value {
  if (typeof x === 'number') return Math.abs(x);
  if (typeof x === 'bigint') return x < 0n ? normalizeInt(-x) : x;
  if (x instanceof StarlarkFloat) return new StarlarkFloat(Math.abs(x.value));
  throw new StarlarkError('TYPE', `abs: got ${typeName(x)}, want int or float`, [`value: ${shortRepr(x)}`]);
}

export function int(x: Value, base?: Value): Value {
  if (typeof x === 'string') return parseIntText(x, base);
  if (base !== undefined) throw new StarlarkError('TYPE', "int: can't convert non-string with explicit base");
  if (typeof x === 'boolean') return x ? 1 : 0;
  if (isInt(x)) return x;
  if (isFloat(x)) return truncateToInt(floatValue(x), 'int');
  throw new StarlarkError('TYPE', `int: cannot convert ${typeName(x)} to int`, [`value: ${shortRepr(x)}`]);
}

const DECIMAL = /^[+-]?\d+$/;

function parseIntText(text: string, base: Value | undefined): Value {
  if (base === undefined) {
    const short = shortDecimal(text);
    if (short !== undefined) return short;
    if (!DECIMAL.test(text)) throw invalidLiteral(text, 10);
    return parseDigits(text.replace(/^[+-]/, ''), 10, text.startsWith('-'));
  }
  if (!isInt(base)) throw new StarlarkError('TYPE', `int: for base, got ${typeName(base)}, want int`);
  if (base !== 0 && (base < 2 || base > 36))
    throw new StarlarkError('VALUE', 'int: base must be an integer >= 2 && <= 36', [`base: ${base}`]);
  return parseWithBase(text, Number(base));
}

/** The int of up to 15 digits; undefined for any other text. */
function shortDecimal(text: string): number | undefined {
  const sign = text.charCodeAt(0);
  const isSigned = sign === 0x2d || sign === 0x2b;
  const first = isSigned ? 1 : 0;
  if (text.length === first || text.length > 15) return undefined;
  let value = 0;
  for (let i = first; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return sign === 0x2d ? 0 - value : value;
}

const PREFIXES: ReadonlyMap<string, number> = new Map([
  ['b', 2],
  ['o', 8],
  ['x', 16],
]);

/** A prefix such as 0x names the base, or repeats it. Base 0 takes the base from the prefix. */
function parseWithBase(text: string, base: number): Value {
  const match = /^([+-]?)(0[box](?=.))?([0-9a-z]+)$/is.exec(text);
  if (match === null) throw invalidLiteral(text, base);
  const [, sign, prefix, rest = ''] = match;
  const prefixBase = prefix === undefined ? undefined : PREFIXES.get(prefix[1]!.toLowerCase());
  let digits = rest;
  let radix = base;
  if (prefixBase !== undefined && (base === 0 || base === prefixBase)) radix = prefixBase;
  else {
    // In base 36 or such, 0b1 is a number of its own.
    if (prefix !== undefined) digits = prefix + rest;
    if (base === 0) {
      radix = 10;
      if (/^0+[^0]/.test(digits)) throw invalidLiteral(text, base);
    }
  }
  for (const digit of digits) if (Number.isNaN(Number.parseInt(digit, radix))) throw invalidLiteral(text, base);
  return parseDigits(digits.toLowerCase(), radix, sign === '-');
}

function parseDigits(digits: string, radix: number, isNegative: boolean): number | bigint {
  reserveInteger(Math.ceil(digits.length * Math.log2(radix)));
  tick(digits.length >> 2);
  let magnitude: bigint;
  if (radix === 10) magnitude = BigInt(digits);
  else if (radix === 16) magnitude = BigInt(`0x${digits}`);
  else if (radix === 8) magnitude = BigInt(`0o${digits}`);
  else if (radix === 2) magnitude = BigInt(`0b${digits}`);
  else magnitude = joinDigits(digits, radix);
  return normalizeInt(isNegative ? -magnitude : magnitude);
}

/** Halves join to the whole, so that long numbers need few large multiplications. */
function joinDigits(digits: string, radix: number): bigint {
  if (digits.length <= 10) return BigInt(Number.parseInt(digits, radix));
  const middle = digits.length >> 1;
  const low = digits.length - middle;
  return (
    joinDigits(digits.slice(0, middle), radix) * BigInt(radix) ** BigInt(low) + joinDigits(digits.slice(middle), radix)
  );
}

function invalidLiteral(text: string, base: number): StarlarkError {
  const shown = text.length > 100 ? `${text.slice(0, 100)}…` : text;
  return new StarlarkError('VALUE', `int: invalid literal with base ${base}: ${shown}`, [
    /^\s|\s$/.test(text)
      ? 'White space is not skipped: use int(s.strip()).'
      : /^[+-]?\d*\.\d*$/.test(text)
        ? 'For a string with a decimal point, use int(float(s)).'
        : `value: ${shortRepr(text)}`,
  ]);
}

// The point decides between whole and fraction, so that no text can be matched in two ways.
const FLOAT = /^[+-]?(\d+(_\d+)*(\.(\d+(_\d+)*)?)?|\.\d+(_\d+)*)(e[+-]?\d+)?$/i;
const SPECIAL = /^([+-]?)(inf|infinity|nan)$/i;

const POWERS = Array.from({ length: 16 }, (_, i) => 10 ** i);

/** The number of up to 15 digits with or without a point; undefined for any other text. */
function shortFloat(text: string): number | undefined {
  const sign = text.charCodeAt(0);
  const first = sign === 0x2d || sign === 0x2b ? 1 : 0;
  if (text.length - first > 15) return undefined;
  let digits = 0;
  let point = -1;
  let i = first;
  for (; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === 0x2e && point < 0) point = i;
    else if (unit >= 0x30 && unit <= 0x39) digits = digits * 10 + unit - 0x30;
    else return undefined;
  }
  const count = i - first - (point < 0 ? 0 : 1);
  if (count <= 0) return undefined;
  // Both are exact, so the division rounds just once, as reading the decimal would.
  const x = point < 0 ? digits : digits / POWERS[i - point - 1]!;
  return sign === 0x2d ? -x : x;
}

export function float(x: Value = new StarlarkFloat(0)): Value {
  if (isFloat(x)) return x;
  if (isNumeric(x)) return makeFloat(floatValue(x));
  if (typeof x === 'boolean') return new StarlarkFloat(x ? 1 : 0);
  if (typeof x !== 'string')
    throw new StarlarkError('TYPE', `float got ${typeName(x)}, want number or string`, [`value: ${shortRepr(x)}`]);
  if (x === '') throw new StarlarkError('VALUE', 'float: empty string');
  const short = shortFloat(x);
  if (short !== undefined) return makeFloat(short);
  if (!FLOAT.test(x)) {
    const special = SPECIAL.exec(x);
    if (special !== null) {
      if (special[2]!.toLowerCase() === 'nan') return new StarlarkFloat(Number.NaN);
      return new StarlarkFloat(special[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY);
    }
    throw new StarlarkError('VALUE', `invalid float literal: ${x.slice(0, 100)}`, [
      /^\s|\s$/.test(x) ? 'White space is not skipped: use float(s.strip()).' : `value: ${shortRepr(x)}`,
    ]);
  }
  const value = Number(x.includes('_') ? x.replaceAll('_', '') : x);
  if (value - value !== 0) throw new StarlarkError('OVERFLOW', 'floating-point number too large');
  return makeFloat(value);
}
