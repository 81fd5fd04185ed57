import { StarlarkFloat } from './float.ts';
import { StarlarkTuple } from './tuple.ts';
import type { Value } from './value.ts';

/*
 * A pair or triple of small ints, such as a place in a grid, is one number in the Map of a dict: one look-up instead
 * of a hash, a comparison and two look-ups. The numbers are integral and beyond 2 ** 53, where no other key is a raw
 * number, and exact: 52 bits of code times a power of two that tells pairs from triples.
 */

const ONE = 2 ** 52;
const PAIR_SPAN = 2 ** 26;
const PAIR_SCALE = 2 ** 20;
const TRIPLE_SPAN = 2 ** 17;
const TRIPLE_SCALE = 2 ** 24;
const LEAST_PAIR = ONE * PAIR_SCALE;
const LEAST_TRIPLE = ONE * TRIPLE_SCALE;

/** The number that stands for a tuple; 0 when none does. */
export function packTuple(tuple: StarlarkTuple): number {
  const { items } = tuple;
  if (items.length === 2) {
    const code = place(items[0]!, PAIR_SPAN) * PAIR_SPAN + place(items[1]!, PAIR_SPAN);
    return code >= 0 ? (ONE + code) * PAIR_SCALE : 0;
  }
  if (items.length === 3) {
    const high = place(items[0]!, TRIPLE_SPAN) * TRIPLE_SPAN + place(items[1]!, TRIPLE_SPAN);
    const code = high * TRIPLE_SPAN + place(items[2]!, TRIPLE_SPAN);
    return code >= 0 ? (ONE + code) * TRIPLE_SCALE : 0;
  }
  return 0;
}

/** Where an int, or the float equal to it, lies in its span; NaN for any other value. */
function place(v: Value, span: number): number {
  const x = typeof v === 'number' ? v : v instanceof StarlarkFloat ? v.value : Number.NaN;
  const at = x + span / 2;
  return at >= 0 && at < span && at === Math.trunc(at) ? at : Number.NaN;
}

export function isPacked(mapKey: Value): mapKey is number {
  return typeof mapKey === 'number' && mapKey >= LEAST_PAIR && mapKey < Number.POSITIVE_INFINITY;
}

/** The tuple of ints that a number stands for. */
export function unpackTuple(packed: number): StarlarkTuple {
  if (packed < LEAST_TRIPLE) {
    const code = packed / PAIR_SCALE - ONE;
    const high = Math.floor(code / PAIR_SPAN);
    return new StarlarkTuple([high - PAIR_SPAN / 2, code - high * PAIR_SPAN - PAIR_SPAN / 2]);
  }
  const code = packed / TRIPLE_SCALE - ONE;
  const top = Math.floor(code / (TRIPLE_SPAN * TRIPLE_SPAN));
  const rest = code - top * TRIPLE_SPAN * TRIPLE_SPAN;
  const middle = Math.floor(rest / TRIPLE_SPAN);
  const half = TRIPLE_SPAN / 2;
  return new StarlarkTuple([top - half, middle - half, rest - middle * TRIPLE_SPAN - half]);
}
