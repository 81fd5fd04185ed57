import { StarlarkBytes } from './bytes.ts';
import { reserveElements } from './collect.ts';
import { StarlarkList } from './list.ts';
import { reserveBytes, reserveString } from './reserve.ts';
import { StarlarkTuple } from './tuple.ts';
import type { Value } from './value.ts';

/** `a + b` for two sequences of one type; undefined for anything else. */
export function concatenate(a: Value, b: Value): Value | undefined {
  if (typeof a === 'string') return typeof b === 'string' ? concatenateStrings(a, b) : undefined;
  if (a instanceof StarlarkList && b instanceof StarlarkList) {
    reserveElements(a.items.length + b.items.length);
    return new StarlarkList(a.items.concat(b.items));
  }
  if (a instanceof StarlarkTuple && b instanceof StarlarkTuple) {
    if (b.items.length === 0) return a;
    reserveElements(a.items.length + b.items.length);
    return new StarlarkTuple(a.items.concat(b.items));
  }
  if (a instanceof StarlarkBytes && b instanceof StarlarkBytes) return concatenateBytes(a, b);
  return undefined;
}

/** V8 keeps a long sum as a tree of its parts, so what is charged is the part that is added. */
export function concatenateStrings(a: string, b: string): string {
  reserveString(a.length + b.length, Math.min(a.length, b.length) + 32);
  return a + b;
}

function concatenateBytes(a: StarlarkBytes, b: StarlarkBytes): StarlarkBytes {
  reserveBytes(a.data.length + b.data.length);
  const data = new Uint8Array(a.data.length + b.data.length);
  data.set(a.data);
  data.set(b.data, a.data.length);
  return new StarlarkBytes(data);
}

export { reserveString };
