import { StarlarkError } from '../errors.ts';
import { tick } from '../meter.ts';
import { shortRepr } from '../value/repr.ts';
import { reserveString } from '../value/reserve.ts';
import { areByteStrings, characterSize, characterSizeBefore, toUnicode } from '../value/string-unit.ts';
import { typeName } from '../value/type-name.ts';
import type { Value } from '../value/value.ts';
import { expectElements, expectInt, expectString } from './arguments.ts';
import { countWithin } from './string-search.ts';
import { spaceAt, spaceBefore } from './whitespace.ts';

export function join(separator: string, iterable: Value): string {
  const parts = expectElements('join', 1, iterable);
  let length = parts.length === 0 ? 0 : separator.length * (parts.length - 1);
  for (const part of parts) {
    if (typeof part !== 'string')
      throw new StarlarkError('TYPE', `join: in list, want string, got ${typeName(part)}`, [
        `value: ${shortRepr(part)}`,
        'Convert the elements: sep.join([str(x) for x in xs]).',
      ]);
    length += part.length;
  }
  tick(parts.length >> 2);
  reserveString(length);
  return parts.join(separator);
}

export function replace(s: string, old: Value, fresh: Value, limit: Value = -1): string {
  const from = expectString('replace', 1, old);
  const to = expectString('replace', 2, fresh);
  const most = limit === -1 ? -1 : expectInt('replace', 3, limit);
  if (most === 0) return s;
  if (from === '') return interleave(s, to, most);
  if (most < 0) {
    const at = s.indexOf(from);
    if (at < 0) return s;
    reserveReplaced(s, from, to);
    return s.replaceAll(from, to.includes('$') ? to.replaceAll('$', '$$$$') : to);
  }
  reserveReplaced(s, from, to);
  let out = '';
  let done = 0;
  for (let i = 0; i < most; i++) {
    const at = s.indexOf(from, done);
    if (at < 0) break;
    out += s.slice(done, at) + to;
    done = at + from.length;
  }
  return out + s.slice(done);
}

function reserveReplaced(s: string, from: string, to: string): void {
  const growth = to.length - from.length;
  const bound = s.length + (growth <= 0 ? 0 : Math.ceil(s.length / from.length) * growth);
  reserveString(growth <= 0 || bound < 4096 ? bound : s.length + countWithin(s, from) * growth);
}

/** `replace` of the empty string: `to` goes before every character and to the end. */
function interleave(s: string, to: string, most: number): string {
  const places = most < 0 ? s.length + 1 : Math.min(most, s.length + 1);
  reserveString(s.length + places * to.length);
  tick(s.length);
  let out = '';
  let left = places;
  for (let at = 0; at < s.length; ) {
    const end = at + characterSize(s, at);
    out += (left-- > 0 ? to : '') + s.slice(at, end);
    at = end;
  }
  return left > 0 ? out + to : out;
}

export function strip(s: string, characters?: Value): string {
  if (characters === undefined) return trimSpace(s, true, true);
  return trimSet(s, expectString('strip', 1, characters), true, true);
}

export function lstrip(s: string, characters?: Value): string {
  if (characters === undefined) return trimSpace(s, true, false);
  return trimSet(s, expectString('lstrip', 1, characters), true, false);
}

export function rstrip(s: string, characters?: Value): string {
  if (characters === undefined) return trimSpace(s, false, true);
  return trimSet(s, expectString('rstrip', 1, characters), false, true);
}

function trimSpace(s: string, atStart: boolean, atEnd: boolean): string {
  let from = 0;
  let to = s.length;
  if (atStart) for (let size = spaceAt(s, 0); size > 0; size = spaceAt(s, from)) from += size;
  if (atEnd && from < to) for (let size = spaceBefore(s, to); size > 0; size = spaceBefore(s, to)) to -= size;
  if (s.length > 1024) tick((s.length - to + from) >> 4);
  return to - from === s.length ? s : s.slice(from, to);
}

const SURROGATE = /[\ud800-\udfff]/;

function trimSet(s: string, set: string, atStart: boolean, atEnd: boolean): string {
  if (areByteStrings() || SURROGATE.test(set)) return trimPoints(s, set, atStart, atEnd);
  let from = 0;
  let to = s.length;
  if (atStart) while (from < to && set.includes(s.charAt(from))) from++;
  if (atEnd) while (to > from && set.includes(s.charAt(to - 1))) to--;
  tick((s.length - to + from) >> 4);
  return to - from === s.length ? s : s.slice(from, to);
}

/** Trims whole characters: a set must not take half of one that it does not hold. A broken byte counts as U+FFFD. */
function trimPoints(s: string, members: string, atStart: boolean, atEnd: boolean): string {
  const set = new Set(toUnicode(members)); // Its iteration is by code point.
  let from = 0;
  let to = s.length;
  if (atStart)
    while (from < to) {
      const size = characterSize(s, from);
      if (!set.has(toUnicode(s.slice(from, from + size)))) break;
      from += size;
    }
  if (atEnd)
    while (to > from) {
      const size = characterSizeBefore(s, to);
      if (!set.has(toUnicode(s.slice(to - size, to)))) break;
      to -= size;
    }
  tick((s.length - to + from) >> 2);
  return s.slice(from, to);
}

export function removeprefix(s: string, prefix: Value): string {
  const part = expectString('removeprefix', 1, prefix);
  return s.startsWith(part) ? s.slice(part.length) : s;
}

export function removesuffix(s: string, suffix: Value): string {
  const part = expectString('removesuffix', 1, suffix);
  return s.endsWith(part) ? s.slice(0, s.length - part.length) : s;
}
