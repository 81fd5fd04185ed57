import { StarlarkError } from '../errors.ts';
import { hashBigInt, hashNumber } from './hash-number.ts';
import { maxNesting } from './limits.ts';
import type { Value } from './value.ts';

/** What `hash(s)` gives for a string: Java's, over UTF-16 code units. */
export function javaStringHash(s: string): number {
  let h = 0;
  for (let i = 0; i < s.length; i++) h = (Math.imul(h, 31) + s.charCodeAt(i)) | 0;
  return h;
}

// A multiplier of the process's own keeps anybody from preparing colliding keys.
const multiplier = ((Math.random() * 0x7fffffff) | 0x10001) >>> 0;

function hashString(s: string): number {
  let h = s.length;
  for (let i = 0; i < s.length; i++) h = Math.imul(h, multiplier) + s.charCodeAt(i);
  return h ^ (h >>> 15);
}

/** A 32-bit hash that equal values share; it differs between processes. Throws for unhashable values. */
export function hashValue(v: Value, depth: number = maxNesting): number {
  switch (typeof v) {
    case 'string':
      return hashString(v);
    case 'number':
      return hashNumber(v);
    case 'boolean':
      return v ? 1231 : 1237;
    case 'bigint':
      return hashBigInt(v);
    default:
      if (v === null) return 1229;
      if (depth === 0)
        throw new StarlarkError('NESTING', `value is nested more than ${maxNesting} levels deep, too deep to hash`);
      return v.hash(depth - 1);
  }
}
