import { StarlarkError } from '../errors.ts';
import { charge, tick } from '../meter.ts';
import { StarlarkDict } from '../value/dict.ts';
import { StarlarkFloat } from '../value/float.ts';
import { formatFloat } from '../value/float-text.ts';
import { countIntegerWork } from '../value/integer.ts';
import { iterableOf } from '../value/iterate.ts';
import { maxNesting, maxStringLength } from '../value/limits.ts';
import { StarlarkList } from '../value/list.ts';
import type { StarlarkObject } from '../value/object.ts';
import { compareStrings } from '../value/string-order.ts';
import { areByteStrings, characterSize, fromUnicode, toUnicode } from '../value/string-unit.ts';
import { StarlarkTuple } from '../value/tuple.ts';
import { typeName } from '../value/type-name.ts';
import type { Value } from '../value/value.ts';

/** JSON text of a value, without spaces, and with the keys of dicts in order. */
export function encodeJson(v: Value): string {
  return new Encoder().encode(v);
}

const BATCH = 4096;
const PLAIN = /^[ !#-%'-;=?-[\]-~]*$/;
const SHORT = 24;
/** 1 for each ASCII character that JSON and HTML take as it is. */
const isPlain = Uint8Array.from({ length: 128 }, (_, unit) => Number(PLAIN.test(String.fromCharCode(unit))));

/** A string in JSON that is safe inside of HTML and JavaScript, as Go writes it. */
export function quoteJson(s: string): string {
  if (s.length <= SHORT ? isShortPlain(s) : PLAIN.test(s)) return `"${s}"`;
  return areByteStrings() ? quoteBytes(s) : quoteText(s);
}

function quoteText(s: string): string {
  return JSON.stringify(s).replace(/[<>&\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** A string made of bytes: one that is no UTF-8 becomes an escape, a character U+FFFD stays. */
function quoteBytes(s: string): string {
  const quotePart = (from: number, to?: number): string => fromUnicode(quoteText(toUnicode(s.slice(from, to))));
  let out = '';
  let done = 0;
  for (let at = 0; at < s.length; ) {
    const size = characterSize(s, at);
    if (size === 1 && s.charCodeAt(at) > 0x7f) {
      out += `${quotePart(done, at).slice(1, -1)}\\ufffd`;
      done = at + 1;
    }
    at += size;
  }
  return `"${out}${quotePart(done).slice(1)}`;
}

/** The start of a regular expression costs as much as a loop over a short string. */
function isShortPlain(s: string): boolean {
  for (let i = 0; i < s.length; i++) if (isPlain[s.charCodeAt(i)] !== 1) return false;
  return true;
}

/** The keys of a dict in its own order, in order, and as they are written. */
interface Shape {
  readonly keys: readonly string[];
  readonly sorted: readonly string[];
  readonly quoted: readonly string[];
}

class Encoder {
  #out = '';
  #charged = 0;
  readonly #path: StarlarkObject[] = [];
  readonly #shapes: Shape[] = [];

  encode(v: Value): string {
    this.#write(v);
    this.#settle();
    return this.#out;
  }

  #write(v: Value): void {
    switch (typeof v) {
      case 'string':
        this.#out += quoteJson(v);
        break;
      case 'number':
        this.#out += v === Math.trunc(v) ? `${v}` : formatFloat(v);
        break;
      case 'bigint':
        countIntegerWork(v);
        this.#out += `${v}`;
        break;
      case 'boolean':
        this.#out += `${v}`;
        break;
      default:
        if (v === null) this.#out += 'null';
        else if (v instanceof StarlarkFloat) this.#writeFloat(v.value);
        else this.#writeObject(v);
    }
    if (this.#out.length - this.#charged >= BATCH) this.#settle();
  }

  #writeFloat(x: number): void {
    if (x - x !== 0) throw failure(`cannot encode non-finite float ${formatFloat(x)}`);
    this.#out += formatFloat(x);
  }

  #writeObject(v: StarlarkObject): void {
    if (this.#path.length >= maxNesting) throw failure(`value is nested more than ${maxNesting} levels deep`);
    if (this.#path.includes(v)) throw failure('cycle in JSON structure');
    this.#path.push(v);
    if (v instanceof StarlarkDict) this.#writeDict(v);
    else {
      const elements = v instanceof StarlarkList || v instanceof StarlarkTuple ? v.items : iterableOf(v);
      if (elements !== undefined) this.#writeArray(v.type, elements);
      else this.#writeFields(v);
    }
    this.#path.pop();
  }

  #writeArray(type: string, elements: Iterable<Value>): void {
    let index = 0;
    this.#out += '[';
    for (const element of elements) {
      if (index > 0) this.#out += ',';
      try {
        this.#write(element);
      } catch (error) {
        throw located(error, `at ${type} index ${index}: `);
      }
      index++;
    }
    this.#out += ']';
  }

  #writeDict(dict: StarlarkDict): void {
    if (dict.size === 0) {
      this.#out += '{}';
      return;
    }
    const shape = this.#shapeOf(dict);
    let separator = '{';
    for (let i = 0; i < shape.sorted.length; i++) {
      const key = shape.sorted[i]!;
      this.#out += separator + shape.quoted[i]!;
      separator = ',';
      try {
        this.#write(dict.map.get(key)!);
      } catch (error) {
        throw located(error, `in dict key ${quoteJson(key)}: `);
      }
    }
    this.#out += '}';
  }

  /** Dicts beside each other mostly have the same keys, so the order and text of the last ones are used again. */
  #shapeOf(dict: StarlarkDict): Shape {
    const depth = this.#path.length;
    const last = this.#shapes[depth];
    if (last !== undefined && last.keys.length === dict.size) {
      let i = 0;
      for (const key of dict.map.keys()) {
        if (key !== last.keys[i]) break;
        i++;
      }
      if (i === dict.size) return last;
    }
    const keys: string[] = [];
    for (const key of dict.map.keys()) {
      if (typeof key !== 'string') throw failure(`dict has ${typeName(dict.shownKey(key))} key, want string`);
      keys.push(key);
    }
    const sorted = keys.toSorted(compareStrings);
    const shape = { keys, sorted, quoted: sorted.map((key) => `${quoteJson(key)}:`) };
    this.#shapes[depth] = shape;
    return shape;
  }

  /** A value with fields, such as a struct, is an object of its fields. */
  #writeFields(v: StarlarkObject): void {
    const names = [...v.attributeNames()].sort(compareStrings);
    if (names.length === 0) throw failure(`cannot encode ${v.type} as JSON`);
    let separator = '{';
    for (const name of names) {
      this.#out += `${separator}${quoteJson(name)}:`;
      separator = ',';
      try {
        this.#write(v.getAttribute(name) ?? null);
      } catch (error) {
        throw located(error, `in field .${name}: `);
      }
    }
    this.#out += '}';
  }

  #settle(): void {
    const grown = this.#out.length - this.#charged;
    if (this.#out.length > maxStringLength)
      throw new StarlarkError('SIZE', `json.encode: text exceeds ${maxStringLength} characters`);
    charge(2 * grown);
    tick(grown >> 6);
    this.#charged = this.#out.length;
  }
}

function failure(message: string): StarlarkError {
  return new StarlarkError('JSON', `json.encode: ${message}`);
}

function located(error: unknown, place: string): unknown {
  if (!(error instanceof StarlarkError) || error.code !== 'JSON') return error;
  return failure(place + error.message.slice('json.encode: '.length));
}
