import { StarlarkError } from '../errors.ts';
import { charge } from '../meter.ts';
import { FROZEN, type Relation, StarlarkObject } from './object.ts';
import { writeValue } from './repr.ts';
import type { ReprWriter } from './repr-writer.ts';
import { equalSequences, relateSequences } from './sequence.ts';
import type { Value } from './value.ts';

/**
 * A list. `items` is the live array: whoever changes it checks `lock` first.
 *
 * @example
 * repr(new StarlarkList([1, 'a', null])); // '[1, "a", None]'
 */
export class StarlarkList extends StarlarkObject {
  items: Value[];
  /** Active loops, plus `FROZEN`. */
  lock = 0;

  constructor(items: Value[]) {
    super();
    this.items = items;
  }

  get type(): string {
    return 'list';
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
      out.text('[');
      let separator = '';
      for (const item of this.items) {
        out.text(separator);
        writeValue(item, out);
        separator = ', ';
      }
      out.text(']');
    });
    if (!entered) out.text('[...]');
  }

  override freeze(pending: Value[]): void {
    if (this.lock >= FROZEN) return;
    this.lock += FROZEN;
    for (const item of this.items) if (typeof item === 'object' && item !== null) pending.push(item);
  }

  override equalTo(other: StarlarkList, depth: number): boolean {
    return equalSequences(this.items, other.items, depth);
  }

  override relate(relation: Relation, other: StarlarkList, depth: number): boolean {
    return relateSequences(relation, this.items, other.items, depth);
  }

  /** Throws when the list is frozen or a loop runs over it; `verb` completes "cannot … list" of a method or operator. */
  checkMutable(verb: string, method?: string): void {
    if (this.lock !== 0) throw refuseListChange(this.lock, verb, method);
  }

  append(value: Value): void {
    if (this.lock !== 0) throw refuseListChange(this.lock, 'append to', 'append');
    const size = this.items.push(value);
    // Arrays grow by about half, so a charge at each doubling covers what is held.
    if ((size & (size - 1)) === 0) charge(size * 8);
  }
}

function refuseListChange(lock: number, verb: string, method?: string): StarlarkError {
  const prefix = method === undefined ? '' : `${method}: `;
  if (lock >= FROZEN)
    return new StarlarkError('FROZEN', `${prefix}cannot ${verb} frozen list`, [
      'Values of a loaded module and values of the host cannot be changed. Make a copy with list(x).',
    ]);
  return new StarlarkError('ITERATING', `${prefix}cannot ${verb} list during iteration`, [
    'Loop over a copy, such as list(x), or collect the changes in a new list.',
  ]);
}
