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

/** `a % b` of floats: the result has the sign of `b`. */
export function floatModulo(a: number, b: number): number {
  const rest = a % b;
  return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
}

const LIMIT = 2 ** 32;

function isSafe(x: number): boolean {
  return x <= Number.MAX_SAFE_INTEGER && x >= -Number.MAX_SAFE_INTEGER;
}

/** `(a * b + c) % m` of ints with `0 < m <= 2 ** 32`, in steps that a double holds exactly. */
function remainderOfSum(a: number, b: number, c: number, m: number): number {
  const x = a % m;
  const y = b % m;
  const high = Math.trunc(x / 65536);
  const low = x - high * 65536;
  const rest = (((high * y) % m) * 65536 + low * y + (c % m)) % m;
  return rest < 0 ? rest + m : rest + 0;
}

/** `(a * b + c) % m`. */
export function sumModulo(a: Value, b: Value, c: Value, m: Value): Value {
  if (typeof a === 'number' && typeof b === 'number' && typeof c === 'number' && typeof m === 'number') {
    const isInts = a === Math.trunc(a) && b === Math.trunc(b) && c === Math.trunc(c) && m === Math.trunc(m);
    if (isInts && m > 0 && m <= LIMIT) {
      const product = a * b;
      const sum = product + c;
      if (!isSafe(product) || !isSafe(sum)) return remainderOfSum(a, b, c, m);
      const rest = sum % m;
      return rest < 0 ? rest + m : rest + 0;
    }
  }
  return mod(add(mul(a, b), c), m);
}

/** `a * b % m`; the third argument is 0. */
export function productModulo(a: Value, b: Value, zero: 0, m: Value): Value {
  if (typeof a === 'number' && typeof b === 'number' && typeof m === 'number') return sumModulo(a, b, zero, m);
  return mod(mul(a, b), m);
}
