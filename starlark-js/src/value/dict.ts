import { tick } from '../meter.ts';
import { equalAt } from './compare.ts';
import { writeValue } from './repr.ts';
import type { ReprWriter } from './repr-writer.ts';
import { Table } from './table.ts';

/**
 * A dict in order of insertion.
 *
 * @example
 * ```ts
 * const d = new StarlarkDict();
 * d.set('a', 1);
 * d.get('a'); // 1
 * ```
 */
export class StarlarkDict extends Table {
  get type(): string {
    return 'dict';
  }

  override writeRepr(out: ReprWriter): void {
    const entered = out.nest(this, () => {
      out.text('{');
      let separator = '';
      for (const [key, value] of this.map) {
        out.text(separator);
        writeValue(this.shownKey(key), out);
        out.text(': ');
        writeValue(value, out);
        separator = ', ';
      }
      out.text('}');
    });
    if (!entered) out.text('{...}');
  }

  override equalTo(other: StarlarkDict, depth: number): boolean {
    if (this.size !== other.size) return false;
    tick(1 + (this.size >> 2));
    for (const [key, value] of this.map) {
      const theirs = other.get(this.shownKey(key));
      if (theirs === undefined || !equalAt(value, theirs, depth)) return false;
    }
    return true;
  }
}

/** Takes over every entry of `from`. */
export function updateDict(into: StarlarkDict, from: StarlarkDict): void {
  if (into === from) return;
  tick(from.size);
  for (const [key, value] of from.map) into.set(from.shownKey(key), value);
}

/** `a | b` for dicts. */
export function mergeDicts(a: StarlarkDict, b: StarlarkDict): StarlarkDict {
  const result = new StarlarkDict();
  updateDict(result, a);
  updateDict(result, b);
  return result;
}
