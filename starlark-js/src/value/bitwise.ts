import { StarlarkError } from '../errors.ts';
import { mergeDicts, StarlarkDict } from './dict.ts';
import { isInt } from './float.ts';
import { bitLength, normalizeInt, reserveInteger } from './integer.ts';
import { maxIntegerBits } from './limits.ts';
import { binaryOther, unknownUnary } from './operators.ts';
import { intersection, StarlarkSet, symmetricDifference, union } from './set.ts';
import { typeName } from './type-name.ts';
import type { Value } from './value.ts';

const WORD = 2 ** 32;

/** Joins the two's complement words of a result; undefined where it is not a safe integer. */
function join(high: number, low: number): number | undefined {
  const result = high * WORD + (low >>> 0);
  return Number.isSafeInteger(result) ? result : undefined;
}

/** The signed upper word; the lower is `x >>> 0`. */
function highWord(x: number): number {
  return Math.floor(x / WORD);
}

/** `a & b`. */
export function bitAnd(a: Value, b: Value): Value {
  if (typeof a === 'number' && typeof b === 'number') {
    if ((a | 0) === a && (b | 0) === b) return a & b;
    if (a === Math.trunc(a) && b === Math.trunc(b)) {
      const result = join(highWord(a) & highWord(b), (a >>> 0) & (b >>> 0));
      if (result !== undefined) return result;
    }
  }
  if (isInt(a) && isInt(b)) return normalizeInt(BigInt(a) & BigInt(b));
  if (a instanceof StarlarkSet && b instanceof StarlarkSet) return intersection(a, b);
  return binaryOther('&', a, b);
}

/** `a | b`. */
export function bitOr(a: Value, b: Value): Value {
  if (typeof a === 'number' && typeof b === 'number') {
    if ((a | 0) === a && (b | 0) === b) return a | b;
    if (a === Math.trunc(a) && b === Math.trunc(b)) {
      const result = join(highWord(a) | highWord(b), (a >>> 0) | (b >>> 0));
      if (result !== undefined) return result;
    }
  }
  if (isInt(a) && isInt(b)) return normalizeInt(BigInt(a) | BigInt(b));
  if (a instanceof StarlarkSet && b instanceof StarlarkSet) return union(a, b.keys());
  if (a instanceof StarlarkDict && b instanceof StarlarkDict) return mergeDicts(a, b);
  return binaryOther('|', a, b);
}

/** `a ^ b`. */
export function bitXor(a: Value, b: Value): Value {
  if (typeof a === 'number' && typeof b === 'number') {
    if ((a | 0) === a && (b | 0) === b) return a ^ b;
    if (a === Math.trunc(a) && b === Math.trunc(b)) {
      const result = join(highWord(a) ^ highWord(b), (a >>> 0) ^ (b >>> 0));
      if (result !== undefined) return result;
    }
  }
  if (isInt(a) && isInt(b)) return normalizeInt(BigInt(a) ^ BigInt(b));
  if (a instanceof StarlarkSet && b instanceof StarlarkSet) return symmetricDifference(a, b);
  return binaryOther('^', a, b);
}

/** `a << b`. */
export function shiftLeft(a: Value, b: Value): Value {
  if (!isInt(a)) return binaryOther('<<', a, b);
  const count = shiftCount(b);
  if (typeof a === 'number') {
    const result = a * 2 ** count;
    if (Number.isSafeInteger(result)) return result;
  }
  const bits = bitLength(a) + count;
  if (bits > maxIntegerBits)
    throw new StarlarkError('SIZE', `shift count too large: ${b as number | bigint}`, [
      `An int has at most ${maxIntegerBits} bits.`,
    ]);
  reserveInteger(bits);
  return normalizeInt(BigInt(a) << BigInt(count));
}

/** `a >> b`, rounded down. */
export function shiftRight(a: Value, b: Value): Value {
  if (!isInt(a)) return binaryOther('>>', a, b);
  const count = shiftCount(b);
  if (typeof a === 'number') return count > 60 ? (a < 0 ? -1 : 0) : Math.floor(a / 2 ** count);
  return normalizeInt(BigInt(a) >> BigInt(count));
}

function shiftCount(b: Value): number {
  if (!isInt(b)) throw new StarlarkError('TYPE', `got ${typeName(b)}, want int`, ['A shift count must be an int.']);
  if (b < 0) throw new StarlarkError('VALUE', `negative shift count: ${b}`);
  return Number(b);
}

/** `~v`. */
export function invert(v: Value): Value {
  if (typeof v === 'number' && v === Math.trunc(v) && v < Number.MAX_SAFE_INTEGER) return -v - 1;
  if (isInt(v)) return normalizeInt(~BigInt(v));
  return unknownUnary('~', v);
}
