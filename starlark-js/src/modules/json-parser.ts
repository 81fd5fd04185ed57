import { StarlarkError } from '../errors.ts';
import { charge } from '../meter.ts';
import { StarlarkDict } from '../value/dict.ts';
import { makeFloat } from '../value/float.ts';
import { normalizeInt, reserveInteger } from '../value/integer.ts';
import { maxNesting } from '../value/limits.ts';
import { StarlarkList } from '../value/list.ts';
import { quoteString } from '../value/quote.ts';
import { typeName } from '../value/type-name.ts';
import type { Value } from '../value/value.ts';

export function jsonFailure(message: string): StarlarkError {
  return new StarlarkError('JSON', `json.decode: ${message}`);
}

const NUMBER = /[-+.eE\d]+/y;
const VALID_NUMBER = /^-?(0|[1-9]\d*)(\.\d*)?([eE][-+]?\d+)?$/;
const PLAIN_STRING = /"([^"\\]*)"/y;
const BYTES_PER_DICT = 240;
const BYTES_PER_LIST = 64;

/** Reads JSON as starlark-go does: ints stay apart from floats, keys keep their order, errors tell the offset. */
export class JsonParser {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): Value {
    const value = this.#value();
    this.#skipSpace();
    if (this.#at < this.#text.length) throw this.#failure(`unexpected character ${this.#shown()} after value`);
    return value;
  }

  #value(): Value {
    this.#skipSpace();
    const text = this.#text;
    const c = text[this.#at];
    if (c === undefined) throw this.#failure('unexpected end of file');
    if (c === '"') return this.#string();
    if (c === '{') return this.#object();
    if (c === '[') return this.#array();
    if (c === '-' || (c >= '0' && c <= '9')) return this.#number();
    if (text.startsWith('null', this.#at)) return this.#word('null', null);
    if (text.startsWith('true', this.#at)) return this.#word('true', true);
    if (text.startsWith('false', this.#at)) return this.#word('false', false);
    throw this.#failure(`unexpected character ${this.#shown()}`);
  }

  #word(text: string, value: Value): Value {
    this.#at += text.length;
    return value;
  }

  #array(): StarlarkList {
    this.#open();
    charge(BYTES_PER_LIST);
    const items: Value[] = [];
    this.#at++;
    this.#skipSpace();
    if (this.#text[this.#at] !== ']') {
      for (;;) {
        items.push(this.#value());
        this.#skipSpace();
        const c = this.#text[this.#at];
        if (c === undefined) throw this.#failure('unexpected end of file');
        if (c === ']') break;
        if (c !== ',') throw this.#failure(`got ${this.#shown()}, want ',' or ']'`);
        this.#at++;
      }
    }
    this.#at++;
    this.#depth--;
    return new StarlarkList(items);
  }

  #object(): StarlarkDict {
    this.#open();
    charge(BYTES_PER_DICT);
    const dict = new StarlarkDict();
    this.#at++;
    this.#skipSpace();
    if (this.#text[this.#at] !== '}') {
      for (;;) {
        const key = this.#value();
        if (typeof key !== 'string') throw this.#failure(`got ${typeName(key)} for object key, want string`);
        this.#skipSpace();
        if (this.#at >= this.#text.length) throw this.#failure('unexpected end of file');
        if (this.#text[this.#at] !== ':') throw this.#failure(`after object key, got ${this.#shown()}, want ':'`);
        this.#at++;
        dict.set(key, this.#value());
        this.#skipSpace();
        const c = this.#text[this.#at];
        if (c === undefined) throw this.#failure('unexpected end of file');
        if (c === '}') break;
        if (c !== ',') throw this.#failure(`in object, got ${this.#shown()}, want ',' or '}'`);
        this.#at++;
      }
    }
    this.#at++;
    this.#depth--;
    return dict;
  }

  #open(): void {
    if (++this.#depth > maxNesting) throw this.#failure(`nested more than ${maxNesting} levels deep`);
  }

  #number(): Value {
    NUMBER.lastIndex = this.#at;
    const text = NUMBER.exec(this.#text)![0];
    this.#at += text.length;
    const match = VALID_NUMBER.exec(text);
    if (match === null) throw this.#failure(`invalid number: ${text.slice(0, 60)}`);
    if (match[2] === undefined && match[3] === undefined) {
      if (text.length < 16) return Number(text) + 0;
      reserveInteger(Math.ceil(text.length * 3.33));
      return normalizeInt(BigInt(text));
    }
    const x = Number(text);
    if (x - x !== 0) throw this.#failure(`invalid number: ${text.slice(0, 60)}`);
    return makeFloat(x);
  }

  #string(): string {
    PLAIN_STRING.lastIndex = this.#at;
    const plain = PLAIN_STRING.exec(this.#text);
    if (plain !== null) {
      this.#at += plain[0].length;
      return plain[1]!;
    }
    const start = this.#at++;
    let out = '';
    for (;;) {
      const quote = this.#text.indexOf('"', this.#at);
      if (quote < 0) {
        this.#at = start;
        throw this.#failure('unclosed string literal');
      }
      const backslash = this.#text.indexOf('\\', this.#at);
      if (backslash < 0 || backslash > quote) {
        out += this.#text.slice(this.#at, quote);
        this.#at = quote + 1;
        return out.isWellFormed() ? out : out.toWellFormed();
      }
      out += this.#text.slice(this.#at, backslash);
      this.#at = backslash + 1;
      out += this.#escape();
    }
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

  #skipSpace(): void {
    for (;;) {
      const unit = this.#text.charCodeAt(this.#at);
      if (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) return;
      this.#at++;
    }
  }

  #shown(): string {
    const character = String.fromCodePoint(this.#text.codePointAt(this.#at)!);
    return `'${quoteString(character).slice(1, -1)}'`;
  }

  #failure(message: string): StarlarkError {
    return jsonFailure(`at offset ${this.#at}, ${message}`);
  }
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
