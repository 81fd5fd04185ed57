import { tick } from '../meter.ts';
import { equalAt } from './compare.ts';
import { hashValue } from './hash.ts';
import { type BinaryOperator, StarlarkObject } from './object.ts';
import { writeValue } from './repr.ts';
import type { ReprWriter } from './repr-writer.ts';
import { equalSequences } from './sequence.ts';
import { emptyPath, extendPath, layoutOf, type StructShape } from './struct-shape.ts';
import type { Value } from './value.ts';

/**
 * `struct(a = 1, b = 2)`: an immutable record whose fields are read with a dot. Fields are kept in order of name.
 *
 * @example
 * repr(new StarlarkStruct([['name', 'Ada']])); // 'struct(name = "Ada")'
 */
export class StarlarkStruct extends StarlarkObject {
  readonly #shape: StructShape;
  /** The values in the order of the shape's names. */
  readonly #values: readonly Value[];
  #hash = 0;

  constructor(fields: Iterable<readonly [string, Value]>) {
    super();
    const given: Value[] = [];
    let path = emptyPath();
    for (const [name, value] of fields) {
      path = extendPath(path, name);
      given.push(value);
    }
    const { shape, order } = layoutOf(path);
    const values = new Array<Value>(shape.names.length).fill(null);
    for (let i = 0; i < given.length; i++) values[order[i]!] = given[i]!;
    this.#shape = shape;
    this.#values = values;
  }

  get type(): string {
    return 'struct';
  }

  /** The names and values in order of name. */
  get fields(): ReadonlyMap<string, Value> {
    return new Map(this.#shape.names.map((name, place) => [name, this.#values[place]!]));
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
    for (const value of this.#values) pending.push(value);
  }

  override equalTo(other: StarlarkStruct, depth: number): boolean {
    if (this.#shape === other.#shape) return equalSequences(this.#values, other.#values, depth);
    // Structs from before the shapes were forgotten have shapes of their own.
    const { names } = this.#shape;
    if (names.length !== other.#shape.names.length) return false;
    tick(1 + names.length);
    return names.every((name, place) => {
      const theirs = other.getAttribute(name);
      return theirs !== undefined && equalAt(this.#values[place]!, theirs, depth);
    });
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
    const place = this.#shape.places.get(name);
    return place === undefined ? undefined : this.#values[place];
  }

  override attributeNames(): readonly string[] {
    return this.#shape.names;
  }

  /** `a + b` has the fields of both; those of `b` win. */
  override binary(operator: BinaryOperator, other: Value, isLeft: boolean): Value | undefined {
    if (operator !== '+' || !isLeft || !(other instanceof StarlarkStruct)) return undefined;
    return new StarlarkStruct([...this.fields, ...other.fields]);
  }
}
