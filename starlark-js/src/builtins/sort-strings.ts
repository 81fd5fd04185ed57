import { tick } from '../meter.ts';

/*
 * Strings are sorted from the first character on: positions are parted by one character, and only those that share
 * it are parted by the next. Each character is looked at about once, where a comparison sort would begin every
 * comparison at the first. Many strings are dealt out by counting their characters, or, where those are beyond
 * Latin-1, parted in three around one of them (the multikey quicksort of Bentley and Sedgewick).
 */

const SMALL = 16;
/** One bucket for the end of a string, and one for each Latin-1 character. */
const BUCKETS = 257;

/** The positions of strings in stable order of code points. */
export function orderStrings(keys: readonly string[], isReversed: boolean): readonly number[] {
  let characters = 0;
  for (const key of keys) characters += key.length;
  tick(characters >> 4);
  const order = new StringOrder(keys).sort();
  return isReversed ? reverseGroups(keys, order) : order;
}

/** The rank of a character by code point, 0 past the end. A surrogate ranks above all of the basic plane. */
function rankAt(s: string, depth: number): number {
  if (depth >= s.length) return 0;
  const unit = s.charCodeAt(depth);
  if (unit < 0xd800) return unit + 1;
  return unit >= 0xe000 ? unit - 0x7ff : unit + 0x2001;
}

class StringOrder {
  readonly #keys: readonly string[];
  readonly #order: number[];
  readonly #ranks: Uint32Array;
  readonly #spare: Uint32Array;
  /** Parts that are still to be sorted: start, end and how many characters they share, one after the other. */
  readonly #pending: number[] = [];
  /** Whether positions with equal characters may be out of order. */
  #isParted = false;

  constructor(keys: readonly string[]) {
    this.#keys = keys;
    this.#order = Array.from(keys, (_, i) => i);
    this.#ranks = new Uint32Array(keys.length);
    this.#spare = new Uint32Array(keys.length);
  }

  sort(): readonly number[] {
    const pending = this.#pending;
    this.#push(0, this.#order.length, 0);
    while (pending.length > 0) {
      const depth = pending.pop()!;
      const end = pending.pop()!;
      const start = pending.pop()!;
      if (end - start <= SMALL) this.#insert(start, end, depth);
      else if (this.#readRanks(start, end, depth) < BUCKETS) this.#deal(start, end, depth);
      else this.#part(start, end, depth);
    }
    return this.#order;
  }

  #push(start: number, end: number, depth: number): void {
    if (end - start > 1) this.#pending.push(start, end, depth);
  }

  /** Looks up the ranks of one character; gives the highest. */
  #readRanks(start: number, end: number, depth: number): number {
    let highest = 0;
    for (let i = start; i < end; i++) {
      const rank = rankAt(this.#keys[this.#order[i]!]!, depth);
      this.#ranks[i] = rank;
      if (rank > highest) highest = rank;
    }
    return highest;
  }

  #deal(start: number, end: number, depth: number): void {
    const order = this.#order;
    const ranks = this.#ranks;
    const spare = this.#spare;
    const ends = new Uint32Array(BUCKETS);
    for (let i = start; i < end; i++) ends[ranks[i]!]!++;
    if (ends[ranks[start]!] === end - start) {
      if (ranks[start] !== 0) this.#push(start, end, depth + 1);
      else this.#settle(start, end);
      return;
    }
    const ended = ends[0]!;
    let total = start;
    for (let rank = 0; rank < BUCKETS; rank++) {
      const count = ends[rank]!;
      if (rank > 0 && count > 1) this.#push(total, total + count, depth + 1);
      ends[rank] = total;
      total += count;
    }
    for (let i = start; i < end; i++) spare[ends[ranks[i]!]!++] = order[i]!;
    for (let i = start; i < end; i++) order[i] = spare[i]!;
    this.#settle(start, start + ended);
  }

  #part(start: number, end: number, depth: number): void {
    const order = this.#order;
    const ranks = this.#ranks;
    const [a, b, c] = [ranks[start]!, ranks[(start + end) >> 1]!, ranks[end - 1]!];
    const pivot = Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
    let less = start;
    let next = start;
    let more = end;
    while (next < more) {
      const position = order[next]!;
      const rank = ranks[next]!;
      if (rank < pivot) {
        order[next] = order[less]!;
        ranks[next++] = ranks[less]!;
        order[less++] = position;
      } else if (rank > pivot) {
        order[next] = order[--more]!;
        ranks[next] = ranks[more]!;
        order[more] = position;
      } else next++;
    }
    this.#isParted = true;
    if (pivot === 0) this.#settle(less, more);
    else this.#push(less, more, depth + 1);
    this.#push(start, less, depth);
    this.#push(more, end, depth);
  }

  /** Equal strings go by position, which dealing out keeps and parting in three does not. */
  #settle(start: number, end: number): void {
    if (!this.#isParted || end - start < 2) return;
    const sorted = Uint32Array.from(this.#order.slice(start, end)).sort();
    for (let i = start; i < end; i++) this.#order[i] = sorted[i - start]!;
  }

  #insert(start: number, end: number, depth: number): void {
    const order = this.#order;
    for (let i = start + 1; i < end; i++) {
      const position = order[i]!;
      let at = i;
      while (at > start && this.#isAfter(order[at - 1]!, position, depth)) {
        order[at] = order[at - 1]!;
        at--;
      }
      order[at] = position;
    }
  }

  #isAfter(a: number, b: number, depth: number): boolean {
    const x = this.#keys[a]!;
    const y = this.#keys[b]!;
    const size = Math.min(x.length, y.length);
    for (let i = depth; i < size; i++) {
      const unit = x.charCodeAt(i);
      if (unit !== y.charCodeAt(i)) return rankAt(x, i) > rankAt(y, i);
    }
    return x.length === y.length ? a > b : x.length > y.length;
  }
}

/** Turns the order round, but for equal strings. */
function reverseGroups(keys: readonly string[], order: readonly number[]): number[] {
  const reversed: number[] = [];
  for (let end = order.length; end > 0; ) {
    let start = end - 1;
    while (start > 0 && keys[order[start - 1]!] === keys[order[end - 1]!]) start--;
    for (let i = start; i < end; i++) reversed.push(order[i]!);
    end = start;
  }
  return reversed;
}
