import { StarlarkError } from '../../errors.ts';
import { add, mod, mul } from '../../value/arithmetic.ts';
import { StarlarkFloat } from '../../value/float.ts';
import { typeName } from '../../value/type-name.ts';
import type { Value } from '../../value/value.ts';

/** The number that a float, boxed or not, or an int stands for. */
export function toDouble(v: Value): number {
  if (typeof v === 'number') return v;
  if (v instanceof StarlarkFloat) return v.value;
  if (typeof v === 'bigint') {
    const x = Number(v);
    if (x - x === 0) return x;
    throw new StarlarkError('OVERFLOW', 'int too large to convert to float');
  }
  throw new StarlarkError('TYPE', `got ${typeName(v)} from an operation on floats, want float`, [
    'A value of the host computes with floats in a way of its own, which this program was compiled without knowing of.',
  ]);
}

/** The number of a float or a safe int; undefined for anything else. */
export function unboxed(v: Value): number | undefined {
  if (typeof v === 'number') return v;
  return v instanceof StarlarkFloat ? v.value : undefined;
}

/** `a % b` of floats: the result has the sign of `b`. */
export function floatModulo(a: number, b: number): number {
  const rest = a % b;
  return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
}

const LIMIT = 2 ** 32;

/** Far enough within the safe ints for a multiple of `m` next to it to be one too. */
function isSafe(x: number): boolean {
  return x <= 2 ** 52 && x >= -(2 ** 52);
}

/**
 * The remainder of a safe int by `0 < m <= 2 ** 32`. No rounding can reach the integer part of the quotient, and the
 * multiple below `x` is a safe int too unless `x` is near the least one.
 */
function remainder(x: number, m: number): number {
  if (x >= -(2 ** 52)) return x - Math.floor(x / m) * m;
  const rest = x % m;
  return rest < 0 ? rest + m : rest + 0;
}

/** `(a * b + c) % m` of ints with `0 < m <= 2 ** 32`, in steps that a double holds exactly. */
function remainderOfSum(a: number, b: number, c: number, m: number): number {
  const x = a >= 0 && a < m ? a : remainder(a, m);
  const y = b >= 0 && b < m ? b : remainder(b, m);
  const high = Math.floor(x / 65536);
  const low = x - high * 65536;
  return remainder(remainder(high * y, m) * 65536 + low * y + remainder(c, m), m);
}

/** `(a * b + c) % m`. */
export function sumModulo(a: Value, b: Value, c: Value, m: Value): Value {
  if (typeof a === 'number' && typeof b === 'number' && typeof c === 'number' && typeof m === 'number') {
    const isInts = a === Math.trunc(a) && b === Math.trunc(b) && c === Math.trunc(c) && m === Math.trunc(m);
    if (isInts && m > 0 && m <= LIMIT) {
      const product = a * b;
      const sum = product + c;
      if (!isSafe(product) || !isSafe(sum)) return remainderOfSum(a, b, c, m);
      return remainder(sum, m);
    }
  }
  return mod(add(mul(a, b), c), m);
}

/** `a * b % m`; the third argument is 0. */
export function productModulo(a: Value, b: Value, zero: 0, m: Value): Value {
  if (typeof a === 'number' && typeof b === 'number' && typeof m === 'number') return sumModulo(a, b, zero, m);
  return mod(mul(a, b), m);
}
