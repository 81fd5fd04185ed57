import { StarlarkError } from './errors.ts';
import { charge } from './meter.ts';
import { StarlarkBytes } from './value/bytes.ts';
import { StarlarkDict } from './value/dict.ts';
import { makeFloat, StarlarkFloat } from './value/float.ts';
import { bitLength, normalizeInt, reserveInteger } from './value/integer.ts';
import { iterableOf } from './value/iterate.ts';
import { maxNesting } from './value/limits.ts';
import { StarlarkList } from './value/list.ts';
import { StarlarkObject } from './value/object.ts';
import { shortRepr } from './value/repr.ts';
import { StarlarkSet } from './value/set.ts';
import { fromUnicode, toUnicode } from './value/string-unit.ts';
import { StarlarkStruct } from './value/struct.ts';
import { typeName } from './value/type-name.ts';
import type { Value } from './value/value.ts';

const BYTES_PER_ELEMENT = 16;
const BYTES_PER_ENTRY = 48;

/**
 * The Starlark value of plain JavaScript data.
 *
 * `null` and `undefined` become None; a safe integer becomes an int and any other number a float; a bigint becomes an
 * int; an array becomes a list, a Set a set, a Map and a plain object (its own enumerable string keys) a dict, and a
 * Uint8Array bytes. Starlark values stay what they are. Anything else, such as a Date, a function or an instance of a
 * class, is an error of code `CONVERT` that names its place; so are cycles and data nested deeper than 500 levels.
 *
 * @example
 * ```ts
 * repr(toStarlark({ name: 'Ada', scores: [1, 2.5] })); // '{"name": "Ada", "scores": [1, 2.5]}'
 * ```
 */
export function toStarlark(data: unknown): Value {
  return new Reader().read(data);
}

/** Where in the data a conversion is, for its errors. */
class Place {
  readonly #steps: (string | number)[] = [];

  /** Runs `body` one level deeper. A string step is written as it is, a number as an index. */
  at<T>(step: string | number, body: () => T): T {
    if (this.#steps.length >= maxNesting)
      throw new StarlarkError('CONVERT', `cannot convert ${this}: nested more than ${maxNesting} levels deep`);
    this.#steps.push(step);
    const result = body();
    this.#steps.pop();
    return result;
  }

  toString(): string {
    const shown = this.#steps.slice(0, 10).map((step) => (typeof step === 'number' ? `[${step}]` : step));
    return `$${shown.join('')}${this.#steps.length > 10 ? '…' : ''}`;
  }
}

class Reader {
  readonly #place = new Place();
  /** Finished objects, so that shared data stays shared; `null` while an object is being read. */
  readonly #seen: Map<object, Value | null> = new Map();

  read(data: unknown): Value {
    switch (typeof data) {
      case 'undefined':
        return null;
      case 'boolean':
        return data;
      case 'string':
        return fromUnicode(data);
      case 'number':
        return Number.isSafeInteger(data) ? data + 0 : makeFloat(data);
      case 'bigint':
        reserveInteger(bitLength(data));
        return normalizeInt(data);
      case 'object':
        if (data === null || data instanceof StarlarkObject) return data;
        return this.#readObject(data);
      default:
        throw refused(this.#place, `a ${typeof data}`);
    }
  }

  #readObject(data: object): Value {
    const known = this.#seen.get(data);
    if (known === null) throw containsItself(this.#place);
    if (known !== undefined) return known;
    this.#seen.set(data, null);
    const value = this.#make(data);
    this.#seen.set(data, value);
    return value;
  }

  #readAt(step: string | number, data: unknown): Value {
    return typeof data === 'string' ? fromUnicode(data) : this.#place.at(step, () => this.read(data));
  }

  #make(data: object): Value {
    if (Array.isArray(data)) {
      charge(data.length * BYTES_PER_ELEMENT);
      return new StarlarkList(Array.from(data, (item: unknown, i) => this.#readAt(i, item)));
    }
    if (data instanceof Uint8Array) {
      charge(data.length);
      return new StarlarkBytes(Uint8Array.from(data));
    }
    if (data instanceof Set) {
      const set = new StarlarkSet();
      for (const item of data) set.add(this.#readAt('{…}', item));
      return set;
    }
    const dict = new StarlarkDict();
    if (data instanceof Map) {
      for (const [key, item] of data) {
        const fresh = this.#readAt('.keys()', key);
        dict.set(fresh, this.#readAt(`.get(${shortRepr(fresh)})`, item));
      }
      return dict;
    }
    if (!isPlain(data)) throw refused(this.#place, `a ${constructorName(data)}`);
    for (const [key, item] of Object.entries(data)) dict.set(fromUnicode(key), this.#readAt(`.${key}`, item));
    return dict;
  }
}

/** Whether an object has no class: its prototype is none, or the root of this or another realm. */
function isPlain(data: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(data);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function constructorName(data: object): string {
  const made: unknown = data.constructor;
  return typeof made === 'function' && made.name !== '' ? made.name : 'class instance';
}

function containsItself(place: Place): StarlarkError {
  return new StarlarkError('CONVERT', `cannot convert ${place}: it contains itself`);
}

function refused(place: Place, what: string): StarlarkError {
  return new StarlarkError('CONVERT', `cannot convert ${place} to Starlark: it is ${what}`, [
    'Convertible are null, booleans, numbers, bigints, strings, arrays, Sets, Maps, plain objects and Uint8Arrays.',
  ]);
}

export interface ToJsOptions {
  /** What a dict becomes. An object needs string keys; a Map takes any. Default `object`. */
  readonly dicts?: 'object' | 'map';
}

/**
 * Plain JavaScript data of a Starlark value.
 *
 * None becomes `null`; an int a number, or a bigint beyond the safe range; a float a number; a dict an object whose own
 * keys are the dict's (so `__proto__` is a key like any other), or a Map; a struct an object; a set a Set; bytes a new
 * Uint8Array; a list, tuple, range or other iterable an array. A function or module is an error of code `CONVERT` that
 * names its place; so are cycles, data nested deeper than 500 levels, and other than string keys for objects.
 *
 * @example
 * ```ts
 * toJs(toStarlark({ a: [1, 2.5, null] })); // { a: [1, 2.5, null] }
 * ```
 */
export function toJs(value: Value, options: ToJsOptions = {}): unknown {
  return new Writer(options.dicts ?? 'object').write(value);
}

class Writer {
  readonly #dicts: 'object' | 'map';
  readonly #place = new Place();
  /** Finished objects, so that shared data stays shared; `undefined` while an object is being written. */
  readonly #seen: Map<StarlarkObject, unknown> = new Map();

  constructor(dicts: 'object' | 'map') {
    this.#dicts = dicts;
  }

  write(v: Value): unknown {
    if (typeof v === 'string') return toUnicode(v);
    if (typeof v !== 'object' || v === null) return v;
    if (v instanceof StarlarkFloat) return v.value;
    const known = this.#seen.get(v);
    if (known !== undefined) return known;
    if (this.#seen.has(v)) throw containsItself(this.#place);
    this.#seen.set(v, undefined);
    const data = this.#make(v);
    this.#seen.set(v, data);
    return data;
  }

  #writeAt(step: string | number, v: Value): unknown {
    if (typeof v === 'string') return toUnicode(v);
    return typeof v === 'object' && v !== null ? this.#place.at(step, () => this.write(v)) : v;
  }

  #make(v: StarlarkObject): unknown {
    if (v instanceof StarlarkBytes) return Uint8Array.from(v.data);
    if (v instanceof StarlarkSet) return new Set(this.#writeAll(v.keys()));
    if (v instanceof StarlarkDict) return this.#writeDict(v);
    if (v instanceof StarlarkStruct)
      return Object.fromEntries([...v.fields].map(([name, item]) => [name, this.#writeAt(`.${name}`, item)]));
    const elements = iterableOf(v);
    if (elements !== undefined) return this.#writeAll(elements);
    throw new StarlarkError('CONVERT', `cannot convert ${this.#place} to JavaScript: it is a ${typeName(v)}`, [
      `value: ${shortRepr(v)}`,
    ]);
  }

  #writeAll(elements: Iterable<Value>): unknown[] {
    const items: unknown[] = [];
    for (const element of elements) {
      if (items.length % 1024 === 0) charge(1024 * BYTES_PER_ELEMENT);
      items.push(this.#writeAt(items.length, element));
    }
    return items;
  }

  #writeDict(dict: StarlarkDict): unknown {
    charge(dict.size * BYTES_PER_ENTRY);
    const entries: [unknown, unknown][] = [];
    for (const [mapKey, item] of dict.map) {
      const key = dict.shownKey(mapKey);
      const fresh = this.#dicts === 'map' ? this.#writeAt('.keys()', key) : this.#objectKey(key);
      entries.push([fresh, this.#writeAt(`[${shortRepr(key)}]`, item)]);
    }
    // fromEntries defines own properties, so no key reaches a prototype.
    return this.#dicts === 'map' ? new Map(entries) : (Object.fromEntries(entries) as unknown);
  }

  #objectKey(key: Value): string {
    if (typeof key === 'string') return toUnicode(key);
    throw new StarlarkError(
      'CONVERT',
      `cannot convert the dict at ${this.#place}: its key ${shortRepr(key)} is of type ${typeName(key)}, and an object needs strings`,
      ["Convert with { dicts: 'map' }, or make the keys strings."],
    );
  }
}
