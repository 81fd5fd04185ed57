import { tick } from '../meter.ts';
import { equalAt } from './compare.ts';
import { StarlarkFloat } from './float.ts';
import { hashValue } from './hash.ts';
import { maxNesting } from './limits.ts';
import type { StarlarkObject } from './object.ts';
import { equalSequences } from './sequence.ts';
import { StarlarkTuple } from './tuple.ts';
import type { Value } from './value.ts';

/** The key of the Map that stands for a boxed float: the int that it equals, or itself when it equals none. */
function floatKey(x: number): number | bigint {
  if (x - x !== 0 || x !== Math.trunc(x)) return x;
  return Number.isSafeInteger(x) ? x + 0 : BigInt(x);
}

/**
 * Finds the Map key of objects that are told apart by value: tuples, bytes, structs and boxed floats. The first one
 * inserted stands for all equals of it, so that the Map alone keeps the order of insertion.
 */
export class KeyIndex {
  readonly #buckets: Map<number, StarlarkObject | StarlarkObject[]> = new Map();
  /** The float that was inserted first, by the number that stands for it in the Map. */
  readonly floats: Map<Value, StarlarkFloat> = new Map();

  /** The Map key equal to `key`, or undefined. */
  find(key: StarlarkObject): Value | undefined {
    if (key instanceof StarlarkFloat) return floatKey(key.value);
    if (!key.hasValueKey()) return key;
    const bucket = this.#buckets.get(hashValue(key));
    if (bucket === undefined) return undefined;
    if (bucket instanceof StarlarkTuple && key instanceof StarlarkTuple)
      return bucket === key || equalSequences(bucket.items, key.items, maxNesting) ? bucket : undefined;
    if (!Array.isArray(bucket)) return equalAt(bucket, key, maxNesting) ? bucket : undefined;
    tick(bucket.length);
    for (const candidate of bucket) if (equalAt(candidate, key, maxNesting)) return candidate;
    return undefined;
  }

  /** Remembers a key for which `find` gave nothing that the Map has; returns the Map key. */
  add(key: StarlarkObject): Value {
    if (key instanceof StarlarkFloat) {
      const number = floatKey(key.value);
      this.floats.set(number, key);
      return number;
    }
    if (!key.hasValueKey()) return key;
    const hash = hashValue(key);
    const bucket = this.#buckets.get(hash);
    if (bucket === undefined) this.#buckets.set(hash, key);
    else if (Array.isArray(bucket)) bucket.push(key);
    else this.#buckets.set(hash, [bucket, key]);
    return key;
  }

  /** Forgets a Map key that is being deleted. */
  remove(key: Value): void {
    this.floats.delete(key);
    if (typeof key !== 'object' || key === null || !key.hasValueKey()) return;
    const hash = hashValue(key);
    const bucket = this.#buckets.get(hash);
    if (Array.isArray(bucket) && bucket.length > 1) bucket.splice(bucket.indexOf(key), 1);
    else this.#buckets.delete(hash);
  }
}
