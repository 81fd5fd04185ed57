import { StarlarkError } from '../errors.ts';

/** A float cut to an int. `context` begins the message for nan and infinities. */
export function truncateToInt(x: number, context: string): number | bigint {
  if (Number.isNaN(x)) throw new StarlarkError('VALUE', `${context}: cannot convert float NaN to integer`);
  if (x - x !== 0) throw new StarlarkError('VALUE', `${context}: cannot convert float infinity to integer`);
  const whole = Math.trunc(x) + 0;
  return Number.isSafeInteger(whole) ? whole : BigInt(whole);
}
