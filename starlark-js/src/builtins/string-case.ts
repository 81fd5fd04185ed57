import { tick } from '../meter.ts';
import { reserveString } from '../value/reserve.ts';
import { fromUnicode, toUnicode, viaUnicode } from '../value/string-unit.ts';
import { spaceAt } from './whitespace.ts';

/*
 * Case is mapped character by character, as starlark-go does: one code point becomes one code point. JavaScript's own
 * mappings agree but for the few that lengthen a string or look at the neighbours, which are undone here.
 */

const CONTEXTUAL_LOWER = /[\u0130\u03a3]/;

export function lower(s: string): string {
  return viaUnicode(s, lowerText);
}

function lowerText(s: string): string {
  reserveString(s.length);
  if (!CONTEXTUAL_LOWER.test(s)) return s.toLowerCase();
  return mapCharacters(s, lowerCharacter);
}

export function upper(s: string): string {
  return viaUnicode(s, upperText);
}

function upperText(s: string): string {
  reserveString(s.length);
  const mapped = s.toUpperCase();
  return mapped.length === s.length ? mapped : mapCharacters(s, upperCharacter);
}

function mapCharacters(s: string, map: (character: string) => string): string {
  tick(s.length);
  let out = '';
  for (const character of s) out += map(character);
  return out;
}

function lowerCharacter(character: string): string {
  if (character === '\u0130') return 'i';
  return character === '\u03a3' ? '\u03c3' : character.toLowerCase();
}

function upperCharacter(character: string): string {
  const mapped = character.toUpperCase();
  return mapped.length === character.length ? mapped : withIota(character);
}

/** Greek letters with an iota below have a one-letter capital that JavaScript spells out as two. */
function withIota(character: string): string {
  const point = character.codePointAt(0)!;
  if (point >= 0x1f80 && point <= 0x1faf && (point & 8) === 0) return String.fromCodePoint(point + 8);
  if (point === 0x1fb3 || point === 0x1fc3 || point === 0x1ff3) return String.fromCodePoint(point + 9);
  return character;
}

/** The letters whose title case is not their upper case: the Latin digraphs such as DŽ, Dž, dž. */
function titleCharacter(character: string): string {
  const point = character.codePointAt(0)!;
  if (point >= 0x01c4 && point <= 0x01cc) return String.fromCodePoint(0x01c5 + 3 * Math.trunc((point - 0x01c4) / 3));
  if (point >= 0x01f1 && point <= 0x01f3) return '\u01f2';
  // Georgian has capitals, but begins no word with one.
  if (point >= 0x10d0 && point <= 0x10ff) return character;
  return upperCharacter(character);
}

const ASCII = /^[\0-\x7f]*$/;

export function title(s: string): string {
  return viaUnicode(s, titleText);
}

function titleText(s: string): string {
  reserveString(s.length);
  tick(s.length >> 2);
  return ASCII.test(s) ? titleAscii(s) : titleAny(s);
}

function titleAscii(s: string): string {
  const small = s.toLowerCase();
  let out = '';
  let done = 0;
  let isInWord = false;
  for (let i = 0; i < small.length; i++) {
    const unit = small.charCodeAt(i);
    const isLetter = unit >= 0x61 && unit <= 0x7a;
    if (isLetter && !isInWord) {
      out += small.slice(done, i) + String.fromCharCode(unit - 0x20);
      done = i + 1;
    }
    isInWord = isLetter;
  }
  return out + small.slice(done);
}

function titleAny(s: string): string {
  let out = '';
  let isInWord = false;
  for (const character of s) {
    const mapped = isInWord ? lowerCharacter(character) : titleCharacter(character);
    out += mapped;
    isInWord = isCased(mapped);
  }
  return out;
}

/** A word goes on after a character of which there is another case; the Turkish i's have none that folds to them. */
function isCased(character: string): boolean {
  if (character === '\u0130' || character === '\u0131') return false;
  return character === 'ß' || lowerCharacter(character) !== character || titleCharacter(character) !== character;
}

export function capitalize(s: string): string {
  return viaUnicode(s, capitalizeText);
}

function capitalizeText(s: string): string {
  if (s === '') return s;
  const first = String.fromCodePoint(s.codePointAt(0)!);
  return titleCharacter(first) + lowerText(s.slice(first.length));
}

export function isalnum(s: string): boolean {
  tick(s.length >> 4);
  return /^[\p{L}\p{Nd}]+$/u.test(toUnicode(s));
}

export function isalpha(s: string): boolean {
  tick(s.length >> 4);
  return /^\p{L}+$/u.test(toUnicode(s));
}

export function isdigit(s: string): boolean {
  tick(s.length >> 4);
  return /^\p{Nd}+$/u.test(toUnicode(s));
}

export function isspace(s: string): boolean {
  tick(s.length >> 4);
  for (let at = 0; at < s.length; ) {
    const size = spaceAt(s, at);
    if (size === 0) return false;
    at += size;
  }
  return s !== '';
}

/** Whether a character has another case. A ligature has none of one letter, so it is neither small nor a capital. */
function hasCased(text: string): boolean {
  if (/[A-Za-z]/.test(text)) return true;
  if (ASCII.test(text)) return false;
  for (const character of text) if (isCased(character)) return true;
  return false;
}

/** Bytes that are no UTF-8 make it false, as in starlark-go: what they stand for has no case. */
export function islower(s: string): boolean {
  tick(s.length >> 4);
  const text = toUnicode(s);
  return hasCased(text) && fromUnicode(lowerText(text)) === s;
}

export function isupper(s: string): boolean {
  tick(s.length >> 4);
  const text = toUnicode(s);
  return hasCased(text) && fromUnicode(upperText(text)) === s;
}

/** Whether capitals begin the words and small letters follow. */
export function istitle(s: string): boolean {
  tick(s.length);
  let isInWord = false;
  let hasWord = false;
  for (const character of toUnicode(s)) {
    const isSmall = /^\p{Ll}$/u.test(character);
    const isCapital = /^[\p{Lu}\p{Lt}]$/u.test(character);
    if (isCapital ? isInWord : isSmall && !isInWord) return false;
    isInWord = isCapital || isSmall;
    hasWord ||= isInWord;
  }
  return hasWord;
}
