import { tick } from '../meter.ts';
import { equalAt } from './compare.ts';
import { StarlarkFloat } from './float.ts';
import { hashValue } from './hash.ts';
import { maxNesting } from './limits.ts';
import type { StarlarkObject } from './object.ts';
import { isPacked, packTuple, unpackTuple } from './packed-tuple.ts';
import { equalSequences } from './sequence.ts';
import { StarlarkTuple } from './tuple.ts';
import type { Value } from './value.ts';

/** The number that a boxed float equals as an int, or the float itself when it equals none. */
function floatKey(x: number): number | bigint {
  if (x - x !== 0 || x !== Math.trunc(x)) return x;
  return Number.isSafeInteger(x) ? x + 0 : BigInt(x);
}

/** The primitive that stands for an object in the Map of a table; undefined when it has to be looked for by value. */
export function primitiveKey(key: StarlarkObject): number | bigint | undefined {
  if (key instanceof StarlarkTuple) return packTuple(key) || undefined;
  return key instanceof StarlarkFloat ? floatKey(key.value) : undefined;
}

/**
 * The keys of a table that are not themselves in its Map. Objects that are told apart by value, such as long tuples,
 * bytes and structs, are found here: the first one inserted stands for all equals of it, so that the Map alone keeps
 * the order of insertion.
 */
export class KeyIndex {
  readonly #buckets: Map<number, StarlarkObject | StarlarkObject[]> = new Map();
  /** What was inserted first, by the primitive that stands for it, where that cannot be told from the primitive. */
  readonly #originals: Map<Value, StarlarkObject> = new Map();
  #hasPacked = false;

  /** Whether every key of the Map is the key that the program inserted. */
  get isPlain(): boolean {
    return !this.#hasPacked && this.#originals.size === 0;
  }

  /** The Map key equal to an object without a primitive, or undefined. */
  find(key: StarlarkObject): Value | undefined {
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

  /** Remembers a key that `find` did not find. */
  add(key: StarlarkObject): void {
    if (!key.hasValueKey()) return;
    const hash = hashValue(key);
    const bucket = this.#buckets.get(hash);
    if (bucket === undefined) this.#buckets.set(hash, key);
    else if (Array.isArray(bucket)) bucket.push(key);
    else this.#buckets.set(hash, [bucket, key]);
  }

  /** Remembers the object for which a primitive was inserted. */
  addPrimitive(key: StarlarkObject, primitive: Value): void {
    if (key instanceof StarlarkTuple) {
      this.#hasPacked = true;
      for (const item of key.items) if (typeof item === 'object') this.#originals.set(primitive, key);
    } else this.#originals.set(primitive, key);
  }

  /** The key as the program inserted it. */
  shownKey(mapKey: Value): Value {
    const original = this.#originals.get(mapKey);
    if (original !== undefined) return original;
    return isPacked(mapKey) ? unpackTuple(mapKey) : mapKey;
  }

  /** Forgets a Map key that is being deleted. */
  remove(mapKey: Value): void {
    this.#originals.delete(mapKey);
    if (typeof mapKey !== 'object' || mapKey === null || !mapKey.hasValueKey()) return;
    const hash = hashValue(mapKey);
    const bucket = this.#buckets.get(hash);
    if (Array.isArray(bucket) && bucket.length > 1) bucket.splice(bucket.indexOf(mapKey), 1);
    else this.#buckets.delete(hash);
  }
}
