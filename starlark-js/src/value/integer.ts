import { StarlarkError } from '../errors.ts';
import { charge, tick } from '../meter.ts';
import { maxIntegerBits } from './limits.ts';
import type { Value } from './value.ts';

const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);
const MIN_SAFE = -MAX_SAFE;

/** The one representation of an integer: a number while it is safe. */
export function normalizeInt(x: bigint): number | bigint {
  return x <= MAX_SAFE && x >= MIN_SAFE ? Number(x) : x;
}

/** Sizes in bits, each a quarter above the one before, and the power of two of each size. */
const sizes: number[] = [1024];
const powers: bigint[] = [1n << 1024n];

/** The first of `sizes` that `x` fits into: comparing with a power of two looks at the lengths alone. */
function sizeOfLong(x: bigint): number {
  for (let last = sizes.at(-1)!; powers.at(-1)! <= x; last = sizes.at(-1)!) {
    const next = Math.ceil(last * 1.25);
    sizes.push(last < maxIntegerBits && next > maxIntegerBits ? maxIntegerBits : next);
    powers.push(1n << BigInt(sizes.at(-1)!));
  }
  let low = 0;
  let high = sizes.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (x < powers[middle]!) high = middle;
    else low = middle + 1;
  }
  return sizes[low]!;
}

/**
 * About how many bits `x` has: exact for a number, and never too few for a bigint, for which 64, 256 and 1,024 bits
 * are told apart and beyond that steps of a quarter.
 */
export function bitLength(x: number | bigint): number {
  const magnitude = Math.abs(Number(x));
  if (typeof x === 'number') return magnitude < 1 ? 0 : Math.floor(Math.log2(magnitude)) + 1;
  if (magnitude < 2 ** 64) return 64;
  if (magnitude < 2 ** 256) return 256;
  if (magnitude < Number.POSITIVE_INFINITY) return 1024;
  return sizeOfLong(x < 0n ? -x : x);
}

/** Refuses an integer of `bits` bits before it is computed, and charges for it. */
export function reserveInteger(bits: number): void {
  if (bits <= 1024) return;
  if (bits > maxIntegerBits)
    throw new StarlarkError('SIZE', `integer too large: ${bits} bits, the limit is ${maxIntegerBits}`);
  charge(bits >> 3);
  tick(bits >> 6);
}

/** Counts the work of an operation on an int that takes longer than its size: its decimal text, or a division. */
export function countIntegerWork(x: number | bigint): void {
  if (typeof x === 'number' || Number.isFinite(Number(x))) return;
  const bits = bitLength(x);
  charge(bits >> 1);
  tick(bits >> 2);
}

/** The number of an int argument that only makes sense in the range of indices; bigger ones are clamped. */
export function clampInt(x: number | bigint): number {
  if (typeof x === 'number') return x;
  return x < 0n ? -Number.MAX_SAFE_INTEGER : Number.MAX_SAFE_INTEGER;
}

/** An int as an index-sized number, or undefined for any other value. */
export function asIndex(v: Value): number | undefined {
  if (typeof v === 'number') return v === Math.trunc(v) ? v : undefined;
  return typeof v === 'bigint' ? clampInt(v) : undefined;
}
