import { StarlarkError } from '../errors.ts';
import { formatFloat } from './float-text.ts';
import { hashNumber } from './hash-number.ts';
import { StarlarkObject } from './object.ts';
import type { ReprWriter } from './repr-writer.ts';
import type { Value } from './value.ts';

/**
 * A float that a raw number cannot stand for: integral, infinite or not a number.
 *
 * @example
 * repr(new StarlarkFloat(1)); // '1.0'
 */
export class StarlarkFloat extends StarlarkObject {
  readonly value: number;

  constructor(value: number) {
    super();
    this.value = value;
  }

  get type(): string {
    return 'float';
  }

  override truth(): boolean {
    return this.value !== 0;
  }

  override writeRepr(out: ReprWriter): void {
    out.text(formatFloat(this.value));
  }

  override hash(): number {
    return hashNumber(this.value);
  }
}

/**
 * The Starlark float of a JavaScript number.
 *
 * @example
 * repr(makeFloat(2)); // '2.0'
 * makeFloat(2.5); // 2.5
 */
export function makeFloat(x: number): number | StarlarkFloat {
  return x - x === 0 && x !== Math.trunc(x) ? x : new StarlarkFloat(x);
}

export function isInt(v: Value): v is number | bigint {
  return typeof v === 'number' ? v === Math.trunc(v) : typeof v === 'bigint';
}

export function isFloat(v: Value): v is number | StarlarkFloat {
  return typeof v === 'number' ? v !== Math.trunc(v) : v instanceof StarlarkFloat;
}

/** True for ints and floats, not for bools. */
export function isNumeric(v: Value): v is number | bigint | StarlarkFloat {
  return typeof v === 'number' || typeof v === 'bigint' || v instanceof StarlarkFloat;
}

/** The JavaScript number of an int or float. Throws when an int exceeds the range of floats. */
export function floatValue(v: number | bigint | StarlarkFloat): number {
  if (typeof v === 'number') return v;
  if (typeof v === 'object') return v.value;
  const x = Number(v);
  if (x - x !== 0) throw new StarlarkError('OVERFLOW', 'int too large to convert to float');
  return x;
}

/** Total order of floats, where nan equals nan and exceeds +inf. */
export function compareFloats(a: number, b: number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  if (a === b) return 0;
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
}
