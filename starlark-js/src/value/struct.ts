import { tick } from '../meter.ts';
import { equalAt } from './compare.ts';
import { hashValue } from './hash.ts';
import { type BinaryOperator, StarlarkObject } from './object.ts';
import { writeValue } from './repr.ts';
import type { ReprWriter } from './repr-writer.ts';
import type { Value } from './value.ts';

/**
 * `struct(a = 1, b = 2)`: an immutable record whose fields are read with a dot. Fields are kept in order of name.
 *
 * @example
 * repr(new StarlarkStruct([['name', 'Ada']])); // 'struct(name = "Ada")'
 */
export class StarlarkStruct extends StarlarkObject {
  readonly fields: ReadonlyMap<string, Value>;
  #hash = 0;

  constructor(fields: Iterable<readonly [string, Value]>) {
    super();
    const byName = new Map(fields);
    this.fields = new Map([...byName].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  get type(): string {
    return 'struct';
  }

  override writeRepr(out: ReprWriter): void {
    const entered = out.nest(this, () => {
      out.text('struct(');
      let separator = '';
      for (const [name, value] of this.fields) {
        out.text(`${separator}${name} = `);
        writeValue(value, out);
        separator = ', ';
      }
      out.text(')');
    });
    if (!entered) out.text('struct(...)');
  }

  override freeze(pending: Value[]): void {
    for (const value of this.fields.values()) pending.push(value);
  }

  override equalTo(other: StarlarkStruct, depth: number): boolean {
    if (this.fields.size !== other.fields.size) return false;
    tick(1 + this.fields.size);
    for (const [name, value] of this.fields) {
      const theirs = other.fields.get(name);
      if (theirs === undefined || !equalAt(value, theirs, depth)) return false;
    }
    return true;
  }

  override hash(depth?: number): number {
    if (this.#hash === 0) {
      let h = 0x2545f491;
      for (const [name, value] of this.fields) h = Math.imul(h ^ hashValue(name), 1000003) ^ hashValue(value, depth);
      this.#hash = h === 0 ? 1 : h;
    }
    return this.#hash;
  }

  override getAttribute(name: string): Value | undefined {
    return this.fields.get(name);
  }

  override attributeNames(): readonly string[] {
    return [...this.fields.keys()];
  }

  /** `a + b` has the fields of both; those of `b` win. */
  override binary(operator: BinaryOperator, other: Value, isLeft: boolean): Value | undefined {
    if (operator !== '+' || !isLeft || !(other instanceof StarlarkStruct)) return undefined;
    return new StarlarkStruct([...this.fields, ...other.fields]);
  }
}
