import type { StarlarkBytes } from '../value/bytes.ts';
import { asIndex } from '../value/integer.ts';
import { StarlarkObject } from '../value/object.ts';
import { quoteString } from '../value/quote.ts';
import { repr } from '../value/repr.ts';
import type { ReprWriter } from '../value/repr-writer.ts';
import { fromUnicode, toUnicode } from '../value/string-unit.ts';
import type { Value } from '../value/value.ts';

/** What `s.elems()`, `s.elem_ords()`, `s.codepoints()` and `s.codepoint_ords()` give: a view, never a copy. */
export class StringElements extends StarlarkObject {
  readonly text: string;
  readonly unit: 'elems' | 'codepoints';
  readonly isOrdinal: boolean;

  constructor(text: string, unit: 'elems' | 'codepoints', isOrdinal: boolean) {
    super();
    this.text = text;
    this.unit = unit;
    this.isOrdinal = isOrdinal;
  }

  get type(): string {
    return `string.${this.unit}`;
  }

  override writeRepr(out: ReprWriter): void {
    const method = this.isOrdinal ? `${this.unit.slice(0, -1)}_ords` : this.unit;
    out.text(`${quoteString(this.text)}.${method}()`);
  }

  override equalTo(other: StringElements): boolean {
    return this.text === other.text && this.unit === other.unit && this.isOrdinal === other.isOrdinal;
  }

  /** Only the elements can be counted without reading the text. */
  override length(): number | undefined {
    return this.unit === 'elems' ? this.text.length : undefined;
  }

  override getIndex(index: Value): Value | undefined {
    const at = asIndex(index);
    if (this.unit !== 'elems' || at === undefined) return undefined;
    const position = at < 0 ? at + this.text.length : at;
    if (position < 0 || position >= this.text.length) return undefined;
    return this.isOrdinal ? this.text.charCodeAt(position) : this.text.charAt(position);
  }

  override *iterate(): Iterable<Value> {
    const { text } = this;
    if (this.unit === 'elems') {
      for (let i = 0; i < text.length; i++) yield this.isOrdinal ? text.charCodeAt(i) : text.charAt(i);
      return;
    }
    for (const character of toUnicode(text)) {
      const point = character.codePointAt(0)!;
      const isLone = point >= 0xd800 && point <= 0xdfff;
      if (this.isOrdinal) yield isLone ? 0xfffd : point;
      else yield fromUnicode(isLone ? '\ufffd' : character);
    }
  }
}

/** What `b.elems()` gives. */
export class BytesElements extends StarlarkObject {
  readonly bytes: StarlarkBytes;

  constructor(bytes: StarlarkBytes) {
    super();
    this.bytes = bytes;
  }

  get type(): string {
    return 'bytes.elems';
  }

  override writeRepr(out: ReprWriter): void {
    out.text(`${repr(this.bytes)}.elems()`);
  }

  override equalTo(other: BytesElements): boolean {
    return this.bytes.equalTo(other.bytes);
  }

  override length(): number {
    return this.bytes.data.length;
  }

  override getIndex(index: Value): Value | undefined {
    const at = asIndex(index);
    if (at === undefined) return undefined;
    return this.bytes.data[at < 0 ? at + this.bytes.data.length : at];
  }

  override iterate(): Iterable<Value> {
    return this.bytes.data;
  }
}
