import { tick } from '../meter.ts';
import { holds } from './compare.ts';
import { type Relation, StarlarkObject } from './object.ts';
import { quoteBytes } from './quote.ts';
import type { ReprWriter } from './repr-writer.ts';
import { reserveString } from './reserve.ts';
import { fromUnicode } from './string-unit.ts';
import { decodeUtf8 } from './utf8.ts';

/**
 * Immutable bytes. Whoever makes one hands over the array and does not change it afterwards.
 *
 * @example
 * repr(new StarlarkBytes(new Uint8Array([104, 105]))); // 'b"hi"'
 */
export class StarlarkBytes extends StarlarkObject {
  readonly data: Uint8Array;

  constructor(data: Uint8Array) {
    super();
    this.data = data;
  }

  get type(): string {
    return 'bytes';
  }

  override truth(): boolean {
    return this.data.length > 0;
  }

  override length(): number {
    return this.data.length;
  }

  override writeRepr(out: ReprWriter): void {
    out.text(quoteBytes(this.data));
  }

  override plainText(): string {
    reserveString(this.data.length);
    return fromUnicode(decodeUtf8(this.data));
  }

  override equalTo(other: StarlarkBytes): boolean {
    return this.data.length === other.data.length && compareBytes(this.data, other.data) === 0;
  }

  override relate(relation: Relation, other: StarlarkBytes): boolean {
    return holds(relation, compareBytes(this.data, other.data));
  }

  override hash(): number {
    return fnvHash(this.data) | 0;
  }
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const size = Math.min(a.length, b.length);
  for (let i = 0; i < size; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}

/** 32-bit FNV-1a: what `hash(b)` gives. */
export function fnvHash(data: Uint8Array): number {
  let h = 0x811c9dc5;
  for (const byte of data) h = Math.imul(h ^ byte, 0x01000193);
  return h >>> 0;
}

/** Whether `part` occurs in `whole`. */
export function includesBytes(whole: Uint8Array, part: Uint8Array): boolean {
  if (part.length === 0) return true;
  tick((whole.length >> 6) + 1);
  for (let at = whole.indexOf(part[0]!); at >= 0; at = whole.indexOf(part[0]!, at + 1)) {
    if (at + part.length > whole.length) return false;
    let matched = 1;
    while (matched < part.length && whole[at + matched] === part[matched]) matched++;
    if (matched === part.length) return true;
    tick(matched >> 6);
  }
  return false;
}
