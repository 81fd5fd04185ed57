/*
 * Radix sort: positions are dealt out by eleven bits of their keys at a time, from the lowest bits up. It is stable,
 * and takes a few passes where a comparison sort takes a pass for each bit of the size.
 */

const SMALL = 64;
const BITS = 11;
const BUCKETS = 1 << BITS;
const MASK = BUCKETS - 1;

/** Sorts raw numbers in place. */
export function sortNumbers(items: number[], isReversed: boolean): number[] {
  if (items.length <= SMALL) return items.sort(isReversed ? (a, b) => b - a : (a, b) => a - b);
  const keys = items.slice();
  const order = orderNumbers(keys, isReversed);
  for (let i = 0; i < order.length; i++) items[i] = keys[order[i]!]!;
  return items;
}

/** The positions of raw numbers in stable order. */
export function orderNumbers(keys: readonly number[], isReversed: boolean): readonly number[] {
  const size = keys.length;
  if (size <= SMALL) {
    const order = Array.from({ length: size }, (_, i) => i);
    return order.sort(isReversed ? (a, b) => keys[b]! - keys[a]! : (a, b) => keys[a]! - keys[b]!);
  }
  let least = keys[0]!;
  let most = least;
  let areInts = true;
  for (let i = 0; i < size; i++) {
    const key = keys[i]!;
    if (key < least) least = key;
    if (key > most) most = key;
    if (key !== Math.trunc(key)) areInts = false;
  }
  const positions = new Uint32Array(size);
  for (let i = 0; i < size; i++) positions[i] = i;
  const radix = new Radix(positions);
  if (areInts && most - least < 2 ** 32) {
    const words = new Uint32Array(size);
    for (let i = 0; i < size; i++) words[i] = isReversed ? most - keys[i]! : keys[i]! - least;
    radix.sortBy(words);
  } else {
    const { low, high } = sortableBits(keys, isReversed);
    radix.sortBy(low);
    radix.sortBy(high);
  }
  return Array.from(radix.positions);
}

/** The bits of floats, changed so that their order as unsigned integers is the order of the floats. */
function sortableBits(keys: readonly number[], isReversed: boolean): { low: Uint32Array; high: Uint32Array } {
  const size = keys.length;
  const low = new Uint32Array(size);
  const high = new Uint32Array(size);
  const float = new Float64Array(1);
  const words = new Uint32Array(float.buffer);
  float[0] = 1;
  const [lowWord, highWord] = words[1] === 0 ? [1, 0] : [0, 1];
  for (let i = 0; i < size; i++) {
    float[0] = isReversed ? -keys[i]! : keys[i]!;
    const top = words[highWord]!;
    const isNegative = top >>> 31 === 1;
    low[i] = isNegative ? ~words[lowWord]! : words[lowWord]!;
    high[i] = isNegative ? ~top : top ^ 0x80000000;
  }
  return { low, high };
}

class Radix {
  positions: Uint32Array;
  #spare: Uint32Array;
  readonly #starts = new Uint32Array(BUCKETS + 1);

  constructor(positions: Uint32Array) {
    this.positions = positions;
    this.#spare = new Uint32Array(positions.length);
  }

  /** Sorts the positions by 32-bit keys, keeping the order of equal ones. `keys[i]` is the key of position i. */
  sortBy(keys: Uint32Array): void {
    let varying = 0;
    for (let i = 1; i < keys.length; i++) varying |= keys[i]! ^ keys[0]!;
    for (let shift = 0; shift < 32; shift += BITS) if (((varying >>> shift) & MASK) !== 0) this.#deal(keys, shift);
  }

  #deal(keys: Uint32Array, shift: number): void {
    const from = this.positions;
    const to = this.#spare;
    const starts = this.#starts.fill(0);
    for (let i = 0; i < keys.length; i++) starts[((keys[i]! >>> shift) & MASK) + 1]!++;
    for (let i = 0; i < BUCKETS; i++) starts[i + 1]! += starts[i]!;
    for (let i = 0; i < from.length; i++) {
      const position = from[i]!;
      to[starts[(keys[position]! >>> shift) & MASK]!++] = position;
    }
    this.positions = to;
    this.#spare = from;
  }
}
