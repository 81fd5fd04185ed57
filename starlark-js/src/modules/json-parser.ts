import { StarlarkError } from '../errors.ts';
import { charge, tick } from '../meter.ts';
import { StarlarkDict } from '../value/dict.ts';
import { makeFloat } from '../value/float.ts';
import { normalizeInt, reserveInteger } from '../value/integer.ts';
import { maxNesting } from '../value/limits.ts';
import { StarlarkList } from '../value/list.ts';
import { quoteString } from '../value/quote.ts';
import { fromUnicode, toUnicode } from '../value/string-unit.ts';
import { typeName } from '../value/type-name.ts';
import type { Value } from '../value/value.ts';

export function jsonFailure(message: string): StarlarkError {
  return new StarlarkError('JSON', `json.decode: ${message}`);
}

const NUMBER = /[-+.eE\d]+/y;
const VALID_NUMBER = /^-?(0|[1-9]\d*)(\.\d*)?([eE][-+]?\d+)?$/;
const BYTES_PER_DICT = 240;
const BYTES_PER_LIST = 64;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Reads JSON as starlark-go does: ints stay apart from floats, keys keep their order, errors tell the offset.
 *
 * Objects beside each other mostly have the same keys in the same order. So the keys of the last object at each depth
 * are remembered, and a key is first looked for as the one that came at its place: that finds its end, and the string
 * whose hash is known already, without looking at its characters one by one.
 */
export class JsonParser {
  readonly #text: string;
  #at = 0;
  #depth = 0;
  readonly #shapes: string[][] = [];

  constructor(text: string) {
    this.#text = text;
  }

  parse(): Value {
    const value = this.#value();
    if (!Number.isNaN(this.#next())) throw this.#failure(`unexpected character ${this.#shown()} after value`);
    return value;
  }

  /** The next code unit that is no space; NaN at the end. */
  #next(): number {
    const text = this.#text;
    for (;;) {
      const unit = text.charCodeAt(this.#at);
      if (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) return unit;
      this.#at++;
    }
  }

  #value(): Value {
    const unit = this.#next();
    switch (unit) {
      case QUOTE:
        return this.#string();
      case 0x7b:
        return this.#object();
      case 0x5b:
        return this.#array();
      case 0x74:
        return this.#word('true', true);
      case 0x66:
        return this.#word('false', false);
      case 0x6e:
        return this.#word('null', null);
      default:
        if (unit === 0x2d || (unit >= 0x30 && unit <= 0x39)) return this.#number();
        if (Number.isNaN(unit)) throw this.#failure('unexpected end of file');
        throw this.#failure(`unexpected character ${this.#shown()}`);
    }
  }

  #word(text: string, value: Value): Value {
    if (!this.#text.startsWith(text, this.#at)) throw this.#failure(`unexpected character ${this.#shown()}`);
    this.#at += text.length;
    return value;
  }

  #array(): StarlarkList {
    this.#open(BYTES_PER_LIST);
    const items: Value[] = [];
    if (this.#next() !== 0x5d) {
      for (;;) {
        items.push(this.#value());
        const unit = this.#next();
        if (unit === 0x5d) break;
        if (unit !== 0x2c) throw this.#unexpected('', "',' or ']'");
        this.#at++;
      }
    }
    this.#close();
    return new StarlarkList(items);
  }

  #object(): StarlarkDict {
    this.#open(BYTES_PER_DICT);
    const dict = new StarlarkDict();
    const shape = this.#shapes[this.#depth] ?? [];
    this.#shapes[this.#depth] = shape;
    let position = 0;
    if (this.#next() !== 0x7d) {
      for (;;) {
        const key = this.#key(shape, position++);
        if (this.#next() !== 0x3a) throw this.#unexpected('after object key, ', "':'");
        this.#at++;
        dict.set(key, this.#value());
        const unit = this.#next();
        if (unit === 0x7d) break;
        if (unit !== 0x2c) throw this.#unexpected('in object, ', "',' or '}'");
        this.#at++;
      }
    }
    this.#close();
    return dict;
  }

  #key(shape: string[], position: number): string {
    if (this.#next() === QUOTE) {
      const expected = shape[position];
      const start = this.#at + 1;
      if (expected !== undefined) {
        const end = start + expected.length;
        if (this.#text.charCodeAt(end) === QUOTE && this.#text.startsWith(expected, start)) {
          this.#at = end + 1;
          return expected;
        }
      }
      const key = this.#string();
      // Only a key that stands in the text as it is can be found there again.
      if (this.#at === start + key.length + 1) {
        if (position < shape.length) shape[position] = key;
        else if (position === shape.length && position < 64) shape.push(key);
      }
      return key;
    }
    const key = this.#value();
    throw this.#failure(`got ${typeName(key)} for object key, want string`);
  }

  #open(bytes: number): void {
    if (++this.#depth > maxNesting) throw this.#failure(`nested more than ${maxNesting} levels deep`);
    charge(bytes);
    this.#at++;
  }

  #close(): void {
    this.#at++;
    this.#depth--;
  }

  #number(): Value {
    const text = this.#text;
    const start = this.#at;
    const isNegative = text.charCodeAt(start) === 0x2d;
    const first = isNegative ? start + 1 : start;
    let at = first;
    let digits = 0;
    for (; isDigit(text.charCodeAt(at)); at++) digits = digits * 10 + text.charCodeAt(at) - 0x30;
    const point = at;
    if (text.charCodeAt(at) === 0x2e)
      for (at++; isDigit(text.charCodeAt(at)); at++) digits = digits * 10 + text.charCodeAt(at) - 0x30;
    const isShort = at - first <= 15 && point > first && (point === first + 1 || text.charCodeAt(first) !== 0x30);
    if (!isShort || belongsToNumber(text.charCodeAt(at))) return this.#longNumber();
    this.#at = at;
    if (at === point) return isNegative ? 0 - digits : digits;
    // Both are exact, so the division rounds just once, as reading the decimal would.
    const x = digits / POWERS[at - point - 1]!;
    return makeFloat(isNegative ? -x : x);
  }

  #longNumber(): Value {
    NUMBER.lastIndex = this.#at;
    const text = NUMBER.exec(this.#text)![0];
    this.#at += text.length;
    const match = VALID_NUMBER.exec(text);
    if (match === null) throw this.#failure(`invalid number: ${text.slice(0, 60)}`);
    if (match[2] === undefined && match[3] === undefined) {
      reserveInteger(Math.ceil(text.length * 3.33));
      tick(text.length >> 2);
      return normalizeInt(BigInt(text));
    }
    const x = Number(text);
    if (x - x !== 0) throw this.#failure(`invalid number: ${text.slice(0, 60)}`);
    return makeFloat(x);
  }

  #string(): string {
    const text = this.#text;
    const start = this.#at + 1;
    for (let at = start; ; at++) {
      const unit = text.charCodeAt(at);
      if (unit === QUOTE) {
        this.#at = at + 1;
        return text.slice(start, at);
      }
      if (unit === BACKSLASH) return this.#escapedString(at);
      if (Number.isNaN(unit)) throw this.#failure('unclosed string literal');
    }
  }

  /** A string whose first escape is at `from`. */
  #escapedString(from: number): string {
    const text = this.#text;
    const start = this.#at;
    let out = toUnicode(text.slice(start + 1, from));
    this.#at = from;
    for (;;) {
      const unit = text.charCodeAt(this.#at);
      if (unit === QUOTE) break;
      if (Number.isNaN(unit)) {
        this.#at = start;
        throw this.#failure('unclosed string literal');
      }
      if (unit === BACKSLASH) {
        this.#at++;
        out += this.#escape();
        continue;
      }
      const plain = this.#at;
      for (;;) {
        const next = text.charCodeAt(++this.#at);
        if (next === QUOTE || next === BACKSLASH || Number.isNaN(next)) break;
      }
      out += toUnicode(text.slice(plain, this.#at));
    }
    this.#at++;
    return fromUnicode(out.isWellFormed() ? out : out.toWellFormed());
  }

  #escape(): string {
    const c = this.#text[this.#at++] ?? '';
    if (c === 'u') {
      const digits = this.#text.slice(this.#at, this.#at + 4);
      if (!/^[0-9a-fA-F]{4}$/.test(digits)) {
        const bad = /[^0-9a-fA-F]|$/.exec(digits)!;
        this.#at += bad.index + 1;
        throw this.#failure(`invalid character '${bad[0]}' in \\u hexadecimal character escape`);
      }
      this.#at += 4;
      return String.fromCharCode(Number.parseInt(digits, 16));
    }
    const known = ESCAPES.get(c);
    if (known === undefined) throw this.#failure(`invalid character '${c}' in string escape code`);
    return known;
  }

  #shown(): string {
    const character = String.fromCodePoint(this.#text.codePointAt(this.#at)!);
    return character === '"' ? `'"'` : `'${quoteString(character).slice(1, -1)}'`;
  }

  #unexpected(place: string, wanted: string): StarlarkError {
    if (this.#at >= this.#text.length) return this.#failure('unexpected end of file');
    return this.#failure(`${place}got ${this.#shown()}, want ${wanted}`);
  }

  #failure(message: string): StarlarkError {
    return jsonFailure(`at offset ${this.#at}, ${message}`);
  }
}

const POWERS = Array.from({ length: 16 }, (_, i) => 10 ** i);

function isDigit(unit: number): boolean {
  return unit >= 0x30 && unit <= 0x39;
}

/** Whether a character that follows a number makes it another one, or a broken one. */
function belongsToNumber(unit: number): boolean {
  return unit === 0x2e || unit === 0x65 || unit === 0x45 || unit === 0x2d || unit === 0x2b;
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);
