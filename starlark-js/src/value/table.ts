import { StarlarkError } from '../errors.ts';
import { charge } from '../meter.ts';
import { hashValue } from './hash.ts';
import { KeyIndex, primitiveKey } from './key-index.ts';
import { maxEntries } from './limits.ts';
import { FROZEN, StarlarkObject } from './object.ts';
import type { Value } from './value.ts';

const BYTES_PER_ENTRY = 48;

/** What dict and set share: entries in order of insertion, found by Starlark's equality. */
export abstract class Table extends StarlarkObject {
  /**
   * The entries. Primitive keys are themselves, a boxed float is its number, a pair or triple of small ints is a
   * number of its own, and any other object the first inserted equal one: `keys()` gives what the program inserted.
   */
  readonly map: Map<Value, Value> = new Map();
  /** Active loops, plus `FROZEN`. */
  lock = 0;
  #index: KeyIndex | null = null;
  #charged = 8;
  #front: Iterator<Value> | null = null;

  get size(): number {
    return this.map.size;
  }

  override truth(): boolean {
    return this.map.size > 0;
  }

  override length(): number {
    return this.map.size;
  }

  override iterate(): Iterable<Value> {
    return this.keys();
  }

  /** The value at `key`, or undefined. Throws for an unhashable key. */
  get(key: Value): Value | undefined {
    if (typeof key !== 'object' || key === null) return this.map.get(key);
    const found = this.#find(key);
    return found === undefined ? undefined : this.map.get(found);
  }

  has(key: Value): boolean {
    if (typeof key !== 'object' || key === null) return this.map.has(key);
    const found = this.#find(key);
    return found !== undefined && this.map.has(found);
  }

  /** Inserts or replaces. Throws when frozen, while a loop runs, and for an unhashable key. */
  set(key: Value, value: Value): void {
    if (this.lock !== 0) throw refuseTableChange(this.lock, 'insert into');
    if (typeof key !== 'object' || key === null) this.map.set(key, value);
    else this.#setObject(key, value);
    if (this.map.size > this.#charged) this.#grow();
  }

  /** Removes `key`; gives its value, or undefined when there was none. */
  delete(key: Value): Value | undefined {
    this.checkMutable('delete from');
    const mapKey = typeof key === 'object' && key !== null ? this.#find(key) : key;
    if (mapKey === undefined) return undefined;
    const value = this.map.get(mapKey);
    if (value === undefined) return undefined;
    this.map.delete(mapKey);
    this.#index?.remove(mapKey);
    return value;
  }

  /** Removes the first entry and gives its key and value; undefined when there is none. */
  popFirst(): [key: Value, value: Value] | undefined {
    this.checkMutable('delete from');
    // The iterator is kept: a new one would step over every entry that was popped before. All that it has passed is
    // gone, and what is inserted comes after it.
    this.#front ??= this.map.keys();
    let next = this.#front.next();
    if (next.done === true) {
      this.#front = this.map.keys();
      next = this.#front.next();
      if (next.done === true) return undefined;
    }
    const mapKey = next.value;
    const entry: [Value, Value] = [this.shownKey(mapKey), this.map.get(mapKey)!];
    this.map.delete(mapKey);
    this.#index?.remove(mapKey);
    return entry;
  }

  clear(): void {
    this.checkMutable('clear');
    this.map.clear();
    this.#index = null;
  }

  /** The keys as they were inserted. */
  keys(): Iterable<Value> {
    const index = this.#index;
    return index === null || index.isPlain ? this.map.keys() : shownKeys(this.map.keys(), index);
  }

  /** The key as it was inserted, for a key of `map`. */
  shownKey(mapKey: Value): Value {
    return this.#index === null ? mapKey : this.#index.shownKey(mapKey);
  }

  /** Whether every key of `map` is the key that the program inserted. */
  get hasPlainKeys(): boolean {
    return this.#index === null || this.#index.isPlain;
  }

  /** Throws when frozen or while a loop runs; `verb` completes "cannot … hash table" of a method or operator. */
  checkMutable(verb: string, method?: string): void {
    if (this.lock !== 0) throw refuseTableChange(this.lock, verb, method);
  }

  override freeze(pending: Value[]): void {
    if (this.lock >= FROZEN) return;
    this.lock += FROZEN;
    this.map.forEach((value, key) => {
      if (typeof key === 'object' && key !== null) pending.push(key);
      if (typeof value === 'object' && value !== null) pending.push(value);
    });
  }

  /** The Map key for an object, undefined when none can be there. Throws for an unhashable one. */
  #find(key: StarlarkObject): Value | undefined {
    const primitive = primitiveKey(key);
    if (primitive !== undefined) return primitive;
    if (this.#index !== null) return this.#index.find(key);
    hashValue(key);
    return key.hasValueKey() ? undefined : key;
  }

  #setObject(key: StarlarkObject, value: Value): void {
    this.#index ??= new KeyIndex();
    const index = this.#index;
    const primitive = primitiveKey(key);
    if (primitive !== undefined) {
      const before = this.map.size;
      this.map.set(primitive, value);
      if (this.map.size !== before) index.addPrimitive(key, primitive);
      return;
    }
    const found = index.find(key);
    if (found === undefined) index.add(key);
    this.map.set(found ?? key, value);
  }

  #grow(): void {
    if (this.map.size > maxEntries) throw new StarlarkError('SIZE', `${this.type} of more than ${maxEntries} entries`);
    this.#charged *= 2;
    charge(this.#charged * BYTES_PER_ENTRY);
  }
}

function* shownKeys(mapKeys: Iterable<Value>, index: KeyIndex): Iterable<Value> {
  for (const key of mapKeys) yield index.shownKey(key);
}

function refuseTableChange(lock: number, verb: string, method?: string): StarlarkError {
  const prefix = method === undefined ? '' : `${method}: `;
  if (lock >= FROZEN)
    return new StarlarkError('FROZEN', `${prefix}cannot ${verb} frozen hash table`, [
      'Values of a loaded module and values of the host cannot be changed. Make a copy with dict(x) or set(x).',
    ]);
  return new StarlarkError('ITERATING', `${prefix}cannot ${verb} hash table during iteration`, [
    'Loop over a copy, such as list(x), or collect the changes in a new dict or set.',
  ]);
}
