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

/** About how many bits `x` has; exact enough to bound work and memory. */
export function bitLength(x: number | bigint): number {
  const approximate = Math.abs(Number(x));
  if (approximate < 1) return 0;
  if (approximate < Number.POSITIVE_INFINITY) return Math.floor(Math.log2(approximate)) + 1;
  return (x < 0n ? -BigInt(x) : BigInt(x)).toString(16).length * 4;
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
