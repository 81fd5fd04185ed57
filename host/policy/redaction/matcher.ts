/** Characters that are looked at together. */
const blockChars = 3;
const tableBits = 15;

export interface Match {
  readonly start: number;
  readonly end: number;
}

/**
 * Finds any of many texts in one pass, by the method of Wu and Manber: most characters are never looked at, because the three
 * at hand tell how far away the next match must be.
 */
export class Matcher {
  /** Length of the shortest pattern. */
  readonly #window: number;
  /** How far a match can be at least, by the block at the window's end. */
  readonly #shifts: Uint8Array;
  /** Patterns by their block at the window's end, longest first. */
  readonly #candidates = new Map<number, string[]>();

  /** @param patterns each of at least three characters */
  constructor(patterns: readonly string[]) {
    this.#window = Math.min(255, ...patterns.map(({ length }) => length));
    this.#shifts = new Uint8Array(1 << tableBits).fill(this.#window - blockChars + 1);
    for (const pattern of patterns) {
      for (let end = blockChars; end <= this.#window; end++) {
        const block = blockAt(pattern, end - 1);
        this.#shifts[block] = Math.min(this.#shifts[block]!, this.#window - end);
      }
      const last = blockAt(pattern, this.#window - 1);
      const known = this.#candidates.get(last) ?? [];
      this.#candidates.set(
        last,
        [...known, pattern].sort((a, b) => b.length - a.length),
      );
    }
  }

  /** The first match that begins at `from` or behind it. */
  find(text: string, from = 0): Match | null {
    const shifts = this.#shifts;
    const { length } = text;
    for (let end = from + this.#window - 1; end < length; ) {
      const block = blockAt(text, end);
      const shift = shifts[block]!;
      if (shift > 0) {
        end += shift;
        continue;
      }
      const start = end - this.#window + 1;
      const found = this.#candidates.get(block)?.find((pattern) => text.startsWith(pattern, start));
      if (found !== undefined) return { start, end: start + found.length };
      end++;
    }
    return null;
  }
}

function blockAt(text: string, end: number): number {
  const mixed = text.charCodeAt(end - 2) * 961 + text.charCodeAt(end - 1) * 31 + text.charCodeAt(end);
  return mixed & ((1 << tableBits) - 1);
}
