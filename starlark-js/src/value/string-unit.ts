import { decodeUtf8, encodeUtf8, sequenceSize } from './utf8.ts';

/*
 * The unit of strings is a property of the running program's dialect: whoever switches between programs sets it.
 * Usually it is a UTF-16 code unit, and a Starlark string is the JavaScript string. For compatibility it can be a byte:
 * then a Starlark string is a JavaScript string with one character, below 256, for each byte of its UTF-8 form.
 * Lengths, indices, order and searching work on either; what looks at characters asks here.
 */

let isByteUnit = false;

/** Sets the unit for the program that runs from now on and gives the one to go back to. */
export function useByteStrings(enabled: boolean): boolean {
  const previous = isByteUnit;
  isByteUnit = enabled;
  return previous;
}

/** Whether the running program's strings are made of bytes. */
export function areByteStrings(): boolean {
  return isByteUnit;
}

const BEYOND_ASCII = /[^\0-\x7f]/;

/** The text of a string of the program; an invalid byte becomes U+FFFD. */
export function toUnicode(s: string): string {
  return isByteUnit && BEYOND_ASCII.test(s) ? decodeUtf8(stringBytes(s)) : s;
}

/** The program's string for a text. */
export function fromUnicode(text: string): string {
  return isByteUnit && BEYOND_ASCII.test(text) ? byteString(encodeUtf8(text)) : text;
}

/** Applies a function of texts to a string of the program. */
export function viaUnicode(s: string, map: (text: string) => string): string {
  return isByteUnit && BEYOND_ASCII.test(s) ? fromUnicode(map(toUnicode(s))) : map(s);
}

/** How many units the character at `at` has; a byte that is no UTF-8 stands alone. */
export function characterSize(s: string, at: number): number {
  if (!isByteUnit) return s.codePointAt(at)! > 0xffff ? 2 : 1;
  if (s.charCodeAt(at) < 0x80) return 1;
  return Math.max(1, sequenceSize(stringBytes(s.slice(at, at + 4)), 0));
}

/** How many units the character has that ends before `end`. */
export function characterSizeBefore(s: string, end: number): number {
  for (let size = Math.min(4, end); size > 1; size--) if (characterSize(s, end - size) === size) return size;
  return 1;
}

/** The bytes of a string that is made of bytes. */
export function stringBytes(s: string): Uint8Array {
  const data = new Uint8Array(s.length);
  for (let i = 0; i < s.length; i++) data[i] = s.charCodeAt(i);
  return data;
}

const CHUNK = 8192;

function byteString(data: Uint8Array): string {
  let out = '';
  for (let at = 0; at < data.length; at += CHUNK) out += String.fromCharCode(...data.subarray(at, at + CHUNK));
  return out;
}
