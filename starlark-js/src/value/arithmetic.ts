import { StarlarkError } from '../errors.ts';
import { concatenate } from './concatenate.ts';
import { compareFloats, floatValue, isInt, isNumeric, makeFloat, StarlarkFloat } from './float.ts';
import { formatPercent } from './format-percent.ts';
import { bitLength, countIntegerWork, normalizeInt, reserveInteger } from './integer.ts';
import { binaryOther, unknownUnary } from './operators.ts';
import { repeat } from './repeat.ts';
import { difference, StarlarkSet } from './set.ts';
import type { Value } from './value.ts';

/** `a + b`. */
export function add(a: Value, b: Value): Value {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (a === Math.trunc(a) && b === Math.trunc(b)) {
      if (Number.isSafeInteger(sum)) return sum;
      return BigInt(a) + BigInt(b);
    }
    return makeFloat(sum);
  }
  if (typeof a === 'bigint' && typeof b === 'bigint') return addBigInts(a, b);
  if (isNumeric(a) && isNumeric(b)) {
    if (isInt(a) && isInt(b)) return addBigInts(BigInt(a), BigInt(b));
    return makeFloat(floatValue(a) + floatValue(b));
  }
  return concatenate(a, b) ?? binaryOther('+', a, b);
}

function addBigInts(a: bigint, b: bigint): number | bigint {
  const sum = a + b;
  reserveInteger(bitLength(sum));
  return normalizeInt(sum);
}

/** `a - b`. */
export function sub(a: Value, b: Value): Value {
  if (typeof a === 'number' && typeof b === 'number') {
    const result = a - b;
    if (a === Math.trunc(a) && b === Math.trunc(b)) {
      if (Number.isSafeInteger(result)) return result;
      return BigInt(a) - BigInt(b);
    }
    return makeFloat(result);
  }
  if (isNumeric(a) && isNumeric(b)) {
    if (isInt(a) && isInt(b)) {
      const result = BigInt(a) - BigInt(b);
      reserveInteger(bitLength(result));
      return normalizeInt(result);
    }
    return makeFloat(floatValue(a) - floatValue(b));
  }
  if (a instanceof StarlarkSet && b instanceof StarlarkSet) return difference(a, b);
  return binaryOther('-', a, b);
}

/** `a * b`. */
export function mul(a: Value, b: Value): Value {
  if (typeof a === 'number' && typeof b === 'number') {
    const product = a * b;
    if (a === Math.trunc(a) && b === Math.trunc(b)) {
      if (Number.isSafeInteger(product)) return product + 0; // 0 * -1 is 0, not -0.
      return normalizeInt(BigInt(a) * BigInt(b));
    }
    return makeFloat(product);
  }
  if (isNumeric(a) && isNumeric(b)) {
    if (isInt(a) && isInt(b)) {
      reserveInteger(bitLength(a) + bitLength(b));
      return normalizeInt(BigInt(a) * BigInt(b));
    }
    return makeFloat(floatValue(a) * floatValue(b));
  }
  return repeat(a, b) ?? binaryOther('*', a, b);
}

/** `a / b`, always a float. */
export function div(a: Value, b: Value): Value {
  if (!isNumeric(a) || !isNumeric(b)) return binaryOther('/', a, b);
  const divisor = floatValue(b);
  if (divisor === 0) throw new StarlarkError('ZERO_DIVISION', 'floating-point division by zero');
  return makeFloat(floatValue(a) / divisor);
}

/** `a // b`, rounded down. */
export function floorDiv(a: Value, b: Value): Value {
  if (typeof a === 'number' && typeof b === 'number' && a === Math.trunc(a) && b === Math.trunc(b)) {
    if (b === 0) throw new StarlarkError('ZERO_DIVISION', 'floored division by zero');
    // a - remainder divides without rounding, where a / b could round up to the next integer.
    const remainder = a % b;
    const quotient = (a - remainder) / b;
    return (remainder !== 0 && remainder < 0 !== b < 0 ? quotient - 1 : quotient) + 0;
  }
  if (!isNumeric(a) || !isNumeric(b)) return binaryOther('//', a, b);
  if (isInt(a) && isInt(b)) {
    const x = BigInt(a);
    const y = BigInt(b);
    if (y === 0n) throw new StarlarkError('ZERO_DIVISION', 'floored division by zero');
    countIntegerWork(a);
    const quotient = x / y;
    const remainder = x - quotient * y;
    return normalizeInt(remainder !== 0n && remainder < 0n !== y < 0n ? quotient - 1n : quotient);
  }
  const divisor = floatValue(b);
  if (divisor === 0) throw new StarlarkError('ZERO_DIVISION', 'floored division by zero');
  return makeFloat(Math.floor(floatValue(a) / divisor));
}

/** `a % b`: the remainder with the sign of `b`, or a formatted string. */
export function mod(a: Value, b: Value): Value {
  if (typeof a === 'number' && typeof b === 'number' && a === Math.trunc(a) && b === Math.trunc(b)) {
    if (b === 0) throw new StarlarkError('ZERO_DIVISION', 'integer modulo by zero');
    const remainder = a % b;
    return (remainder !== 0 && remainder < 0 !== b < 0 ? remainder + b : remainder) + 0;
  }
  if (typeof a === 'string') return formatPercent(a, b);
  if (!isNumeric(a) || !isNumeric(b)) return binaryOther('%', a, b);
  if (isInt(a) && isInt(b)) {
    const y = BigInt(b);
    if (y === 0n) throw new StarlarkError('ZERO_DIVISION', 'integer modulo by zero');
    countIntegerWork(a);
    const remainder = BigInt(a) % y;
    return normalizeInt(remainder !== 0n && remainder < 0n !== y < 0n ? remainder + y : remainder);
  }
  const x = floatValue(a);
  const y = floatValue(b);
  if (y === 0) throw new StarlarkError('ZERO_DIVISION', 'floating-point modulo by zero');
  const remainder = x % y;
  return makeFloat(remainder !== 0 && compareFloats(x, 0) < 0 !== y < 0 ? remainder + y : remainder);
}

/** `-v`. */
export function negate(v: Value): Value {
  if (typeof v === 'number') return 0 - v;
  if (typeof v === 'bigint') return normalizeInt(-v);
  if (v instanceof StarlarkFloat) return new StarlarkFloat(-v.value);
  return unknownUnary('-', v);
}

/** `+v`. */
export function plus(v: Value): Value {
  return isNumeric(v) ? v : unknownUnary('+', v);
}
