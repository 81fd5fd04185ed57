import type { VectorTable } from './vector-table.ts';

/** The vectors in memory, brought up to date with their table before each look; all are looked at, none is approximated. */
export class VectorIndex {
  readonly #table: VectorTable;
  #vectors = new Map<number, Float32Array>();
  #revision = 0;

  constructor(table: VectorTable) {
    this.#table = table;
  }

  /** The memories whose vectors point most nearly where this one does, the nearest first. */
  async nearest(vector: Float32Array, limit: number): Promise<readonly number[]> {
    await this.#refresh();
    const best: { readonly id: number; readonly similarity: number }[] = [];
    let least = Number.NEGATIVE_INFINITY;
    for (const [id, other] of this.#vectors) {
      if (other.length !== vector.length) continue;
      const similarity = product(vector, other);
      if (best.length === limit && similarity <= least) continue;
      const place = best.findIndex((one) => one.similarity < similarity);
      best.splice(place < 0 ? best.length : place, 0, { id, similarity });
      if (best.length > limit) best.pop();
      least = best.at(-1)?.similarity ?? least;
    }
    return best.map(({ id }) => id);
  }

  /** Gives the memory back; the next look reads all anew. */
  clear(): void {
    this.#vectors = new Map();
    this.#revision = 0;
  }

  async #refresh(): Promise<void> {
    const vectors = this.#vectors;
    const { count, revision } = await this.#table.state();
    while (this.#revision < revision) {
      const page = await this.#table.after(this.#revision);
      if (vectors !== this.#vectors || page.length === 0) break;
      for (const { id, vector } of page) vectors.set(id, vector);
      this.#revision = page.at(-1)!.revision;
    }
    if (vectors.size === count) return;
    const present = await this.#table.memoryIds();
    for (const id of vectors.keys()) if (!present.has(id)) vectors.delete(id);
  }
}

/** Of vectors of length one: the cosine of their angle. Four sums side by side take half the time of one. */
function product(one: Float32Array, other: Float32Array): number {
  const { length } = one;
  const even = length - (length % 4);
  let [a, b, c, d] = [0, 0, 0, 0];
  for (let at = 0; at < even; at += 4) {
    a += one[at]! * other[at]!;
    b += one[at + 1]! * other[at + 1]!;
    c += one[at + 2]! * other[at + 2]!;
    d += one[at + 3]! * other[at + 3]!;
  }
  for (let at = even; at < length; at += 1) a += one[at]! * other[at]!;
  return a + b + c + d;
}
