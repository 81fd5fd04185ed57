import { tick } from '../meter.ts';
import { writeValue } from './repr.ts';
import type { ReprWriter } from './repr-writer.ts';
import { Table } from './table.ts';
import type { Value } from './value.ts';

/**
 * A set in order of insertion. Its elements are the keys of the table; the table's values have no meaning.
 *
 * @example
 * const seen = new StarlarkSet();
 * seen.add('a');
 * seen.has('a'); // true
 */
export class StarlarkSet extends Table {
  get type(): string {
    return 'set';
  }

  add(value: Value): void {
    // An element that is there already stays the one that was inserted first.
    this.set(value, true);
  }

  override writeRepr(out: ReprWriter): void {
    const entered = out.nest(this, () => {
      out.text('set([');
      let separator = '';
      for (const element of this.keys()) {
        out.text(separator);
        writeValue(element, out);
        separator = ', ';
      }
      out.text('])');
    });
    if (!entered) out.text('set(...)');
  }

  override equalTo(other: StarlarkSet): boolean {
    return this.size === other.size && this.isSubsetOf(other);
  }

  isSubsetOf(other: StarlarkSet): boolean {
    if (this.size > other.size) return false;
    tick(1 + (this.size >> 2));
    for (const element of this.keys()) if (!other.has(element)) return false;
    return true;
  }
}

export function setFrom(elements: Iterable<Value>): StarlarkSet {
  const result = new StarlarkSet();
  for (const element of elements) result.add(element);
  return result;
}

export function union(a: StarlarkSet, b: Iterable<Value>): StarlarkSet {
  tick(a.size);
  const result = setFrom(a.keys());
  for (const element of b) result.add(element);
  return result;
}

/** In the order of `b`, as starlark-go has it. */
export function intersection(a: StarlarkSet, b: StarlarkSet): StarlarkSet {
  tick(b.size);
  const result = new StarlarkSet();
  for (const element of b.keys()) if (a.has(element)) result.add(element);
  return result;
}

export function difference(a: StarlarkSet, b: StarlarkSet): StarlarkSet {
  tick(a.size);
  const result = new StarlarkSet();
  for (const element of a.keys()) if (!b.has(element)) result.add(element);
  return result;
}

export function symmetricDifference(a: StarlarkSet, b: StarlarkSet): StarlarkSet {
  const result = difference(a, b);
  tick(b.size);
  for (const element of b.keys()) if (!a.has(element)) result.add(element);
  return result;
}

/** Makes `set` hold exactly `elements`. */
export function replaceElements(set: StarlarkSet, elements: StarlarkSet): StarlarkSet {
  set.clear();
  for (const element of elements.keys()) set.add(element);
  return set;
}
