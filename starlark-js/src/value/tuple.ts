import { hashValue } from './hash.ts';
import { hashNumber } from './hash-number.ts';
import { type Relation, StarlarkObject } from './object.ts';
import { writeValue } from './repr.ts';
import type { ReprWriter } from './repr-writer.ts';
import { equalSequences, relateSequences } from './sequence.ts';
import type { Value } from './value.ts';

/**
 * @example
 * repr(new StarlarkTuple([1, 2])); // '(1, 2)'
 */
export class StarlarkTuple extends StarlarkObject {
  readonly items: readonly Value[];
  /** The hash once it was asked for; 0 before. */
  #hash = 0;

  constructor(items: readonly Value[]) {
    super();
    this.items = items;
  }

  get type(): string {
    return 'tuple';
  }

  override truth(): boolean {
    return this.items.length > 0;
  }

  override length(): number {
    return this.items.length;
  }

  override iterate(): Iterable<Value> {
    return this.items;
  }

  override writeRepr(out: ReprWriter): void {
    const entered = out.nest(this, () => {
      out.text('(');
      let separator = '';
      for (const item of this.items) {
        out.text(separator);
        writeValue(item, out);
        separator = ', ';
      }
      out.text(this.items.length === 1 ? ',)' : ')');
    });
    if (!entered) out.text('(...)');
  }

  override freeze(pending: Value[]): void {
    for (const item of this.items) if (typeof item === 'object' && item !== null) pending.push(item);
  }

  override equalTo(other: StarlarkTuple, depth: number): boolean {
    return equalSequences(this.items, other.items, depth);
  }

  override relate(relation: Relation, other: StarlarkTuple, depth: number): boolean {
    return relateSequences(relation, this.items, other.items, depth);
  }

  override hash(depth?: number): number {
    if (this.#hash === 0) {
      let h = 0x345678 ^ this.items.length;
      const { items } = this;
      for (let i = 0; i < items.length; i++) {
        const item = items[i]!;
        h = Math.imul(h ^ (typeof item === 'number' ? hashNumber(item) : hashValue(item, depth)), 1000003);
      }
      this.#hash = h === 0 ? 1 : h;
    }
    return this.#hash;
  }
}

export const emptyTuple: StarlarkTuple = new StarlarkTuple([]);
