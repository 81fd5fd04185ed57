import { tick } from '../meter.ts';
import { equalAt, holds, relateAt } from './compare.ts';
import type { Relation } from './object.ts';
import type { Value } from './value.ts';

export function equalSequences(a: readonly Value[], b: readonly Value[], depth: number): boolean {
  const size = a.length;
  if (size !== b.length) return false;
  tick(1 + (size >> 3));
  for (let i = 0; i < size; i++) {
    const x = a[i]!;
    const y = b[i]!;
    if (x !== y && !equalAt(x, y, depth)) return false;
  }
  return true;
}

/** Lexicographic order: the first unequal pair decides, then the length. */
export function relateSequences(relation: Relation, a: readonly Value[], b: readonly Value[], depth: number): boolean {
  const size = Math.min(a.length, b.length);
  tick(1 + (size >> 3));
  for (let i = 0; i < size; i++) {
    const x = a[i]!;
    const y = b[i]!;
    if (x !== y && !equalAt(x, y, depth)) return relateAt(relation, x, y, depth);
  }
  return holds(relation, a.length - b.length);
}
