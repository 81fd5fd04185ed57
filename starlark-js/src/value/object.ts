import { StarlarkError } from '../errors.ts';
import type { ReprWriter } from './repr-writer.ts';
import type { Value } from './value.ts';

export type Relation = '<' | '<=' | '>' | '>=';
export type BinaryOperator = '+' | '-' | '*' | '/' | '//' | '%' | '&' | '|' | '^' | '<<' | '>>' | 'in';

/** The lock of a frozen container. Active loops are counted below it, so one test `lock !== 0` guards a change. */
export const FROZEN: number = 2 ** 30;

/**
 * What every Starlark value that is not a JavaScript primitive extends, host values included. A host value overrides
 * what it supports; the defaults are an opaque, immutable, truthy value that equals only itself.
 *
 * @example
 * ```ts
 * class Point extends StarlarkObject {
 *   get type() { return 'point'; }
 *   override getAttribute(name: string) { return name === 'x' ? 1 : undefined; }
 *   override attributeNames() { return ['x']; }
 * }
 * ```
 */
export abstract class StarlarkObject {
  /** What `type(x)` gives. */
  abstract get type(): string;

  truth(): boolean {
    return true;
  }

  /** Writes what `repr(x)` gives. */
  writeRepr(out: ReprWriter): void {
    out.text(`<${this.type}>`);
  }

  /** What `str(x)` gives where that is not `repr(x)`. */
  plainText(): string | undefined {
    return undefined;
  }

  /** Makes the value immutable and pushes the values it holds, which are frozen next. */
  freeze(_pending: Value[]): void {}

  /** Called with another object of the same `type`, never with itself. `depth` counts the nesting left. */
  equalTo(_other: StarlarkObject, _depth: number): boolean {
    return false;
  }

  /** Whether `this RELATION other` holds, for another object of the same `type`; `undefined` when it has no order. */
  relate(_relation: Relation, _other: StarlarkObject, _depth: number): boolean | undefined {
    return undefined;
  }

  /** A 32-bit hash that equal values share. Throws when the value cannot be a key of a dict. */
  hash(_depth?: number): number {
    throw new StarlarkError('UNHASHABLE', `unhashable type: ${this.type}`);
  }

  /** Whether dict keys of this class are told apart by `equalTo` and `hash` instead of by identity. */
  hasValueKey(): boolean {
    return true;
  }

  getAttribute(_name: string): Value | undefined {
    return undefined;
  }

  /** The names for `dir(x)` and for did-you-mean, in any order. */
  attributeNames(): readonly string[] {
    return [];
  }

  /** Sets `x.name = value`; false means that this value has no settable field of that name. */
  setAttribute(_name: string, _value: Value): boolean {
    return false;
  }

  /** What `len(x)` gives; `undefined` when the value has no length. */
  length(): number | undefined {
    return undefined;
  }

  /** The elements for a loop; `undefined` when the value is not iterable. */
  iterate(): Iterable<Value> | undefined {
    return undefined;
  }

  /** `x[index]`; `undefined` when the value cannot be indexed. */
  getIndex(_index: Value): Value | undefined {
    return undefined;
  }

  /** `x[index] = value`; false when the value has no assignable elements. */
  setIndex(_index: Value, _value: Value): boolean {
    return false;
  }

  /** `this OP other` when `isLeft`, otherwise `other OP this`; `undefined` when that has no meaning. */
  binary(_operator: BinaryOperator, _other: Value, _isLeft: boolean): Value | undefined {
    return undefined;
  }

  /** `-x`, `+x` or `~x`; `undefined` when that has no meaning. */
  unary(_operator: '-' | '+' | '~'): Value | undefined {
    return undefined;
  }
}
