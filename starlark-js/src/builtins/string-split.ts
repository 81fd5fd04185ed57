import { StarlarkError } from '../errors.ts';
import { charge, tick } from '../meter.ts';
import { reserveElements } from '../value/collect.ts';
import { StarlarkList } from '../value/list.ts';
import { StarlarkTuple } from '../value/tuple.ts';
import { typeName } from '../value/type-name.ts';
import type { Value } from '../value/value.ts';
import { expectBool, expectInt, expectString } from './arguments.ts';
import { counted, countWithin } from './string-search.ts';
import { spaceAt, spaceBefore } from './whitespace.ts';

const BYTES_PER_PART = 32;
/** V8's own `split` is a call out of compiled code, which only long strings repay. */
const LONG = 1024;

export function split(s: string, separator: Value = null, limit: Value = -1): StarlarkList {
  const most = limit === -1 ? -1 : expectInt('split', 2, limit);
  if (separator === null) return new StarlarkList(splitSpace(s, most));
  const by = expectSeparator('split', separator);
  reserveParts(s, by);
  if (most < 0 && s.length > LONG) return new StarlarkList(s.split(by));
  const parts: string[] = [];
  let from = 0;
  while (parts.length !== most) {
    const at = s.indexOf(by, from);
    if (at < 0) break;
    parts.push(s.slice(from, at));
    from = at + by.length;
  }
  parts.push(s.slice(from));
  return new StarlarkList(parts);
}

export function rsplit(s: string, separator: Value = null, limit: Value = -1): StarlarkList {
  const most = limit === -1 ? -1 : expectInt('rsplit', 2, limit);
  if (separator === null) return new StarlarkList(most < 0 ? splitSpace(s, most) : splitSpaceFromEnd(s, most));
  const by = expectSeparator('rsplit', separator);
  reserveParts(s, by);
  if (most < 0) return new StarlarkList(s.split(by));
  const parts: string[] = [];
  let to = s.length;
  while (parts.length < most && to >= by.length) {
    const at = s.lastIndexOf(by, to - by.length);
    if (at < 0) break;
    parts.push(s.slice(at + by.length, to));
    to = at;
  }
  parts.push(s.slice(0, to));
  return new StarlarkList(parts.reverse());
}

function expectSeparator(name: string, separator: Value): string {
  if (typeof separator !== 'string')
    throw new StarlarkError('TYPE', `${name}: got ${typeName(separator)} for separator, want string`);
  if (separator === '') throw new StarlarkError('VALUE', `${name}: empty separator`);
  return separator;
}

/** Only the parts of a long string are worth counting before they are made. */
function reserveParts(s: string, separator: string): void {
  if (s.length < 4096) charge(64 + s.length);
  else {
    const parts = countWithin(s, separator) + 1;
    reserveElements(parts);
    charge(parts * BYTES_PER_PART);
  }
}

/** Splits around runs of white space; what follows the last allowed split keeps its end. */
function splitSpace(s: string, most: number): string[] {
  tick(s.length >> 6);
  charge(64 + s.length * 2);
  const parts: string[] = [];
  const size = s.length;
  let at = 0;
  for (;;) {
    for (let space = spaceAt(s, at); space > 0; space = spaceAt(s, at)) at += space;
    if (at === size) return parts;
    if (parts.length === most) break;
    const from = at;
    while (at < size && spaceAt(s, at) === 0) at++;
    parts.push(s.slice(from, at));
  }
  parts.push(s.slice(at));
  return parts;
}

function splitSpaceFromEnd(s: string, most: number): string[] {
  tick(s.length >> 6);
  charge(64 + s.length * 2);
  const parts: string[] = [];
  let at = s.length;
  for (;;) {
    for (let space = spaceBefore(s, at); space > 0; space = spaceBefore(s, at)) at -= space;
    if (at === 0) return parts.reverse();
    if (parts.length === most) break;
    const to = at;
    while (at > 0 && spaceBefore(s, at) === 0) at--;
    parts.push(s.slice(at, to));
  }
  parts.push(s.slice(0, at));
  return parts.reverse();
}

const LINE = /[^\n\r]*(?:\r\n|\n|\r|$)/y;

export function splitlines(s: string, keepEnds: Value = false): StarlarkList {
  const keep = expectBool('splitlines', 1, keepEnds);
  tick(s.length >> 5);
  charge(64 + s.length * 2);
  const lines: Value[] = [];
  LINE.lastIndex = 0;
  while (LINE.lastIndex < s.length) {
    const line = LINE.exec(s)![0];
    lines.push(keep ? line : line.replace(/[\r\n]+$/, ''));
  }
  return new StarlarkList(lines);
}

export function partition(s: string, separator: Value): StarlarkTuple {
  const by = expectString('partition', 1, separator);
  if (by === '') throw new StarlarkError('VALUE', 'partition: empty separator');
  const at = counted(s, 0, s.indexOf(by));
  return at < 0 ? new StarlarkTuple([s, '', '']) : new StarlarkTuple([s.slice(0, at), by, s.slice(at + by.length)]);
}

export function rpartition(s: string, separator: Value): StarlarkTuple {
  const by = expectString('rpartition', 1, separator);
  if (by === '') throw new StarlarkError('VALUE', 'rpartition: empty separator');
  const at = s.lastIndexOf(by);
  if (s.length > 1024) tick((s.length - at) >> 6);
  return at < 0 ? new StarlarkTuple(['', '', s]) : new StarlarkTuple([s.slice(0, at), by, s.slice(at + by.length)]);
}
