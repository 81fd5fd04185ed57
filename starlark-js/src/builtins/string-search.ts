import { StarlarkError } from '../errors.ts';
import { tick } from '../meter.ts';
import { shortRepr } from '../value/repr.ts';
import { sliceRange } from '../value/slice.ts';
import { characterSize } from '../value/string-unit.ts';
import { StarlarkTuple } from '../value/tuple.ts';
import { typeName } from '../value/type-name.ts';
import type { Value } from '../value/value.ts';
import { expectString } from './arguments.ts';

/** The first place of `part` that lies within `s[start:end]`, or -1. */
function findForward(s: string, part: string, start: Value, end: Value): number {
  if (start === null && end === null) return counted(s, 0, s.indexOf(part));
  const [from, to] = sliceRange(start, end, 1, s.length);
  if (to < from) return -1;
  const at = counted(s, from, s.indexOf(part, from));
  return at + part.length <= to ? at : -1;
}

/** Counts the work of a search that began at `from` and found `at`. */
export function counted(s: string, from: number, at: number): number {
  if (s.length > 1024) tick(((at < 0 ? s.length : at) - from) >> 6);
  return at;
}

function findBackward(s: string, part: string, start: Value, end: Value): number {
  const [from, to] = sliceRange(start, end, 1, s.length);
  const last = to - part.length;
  if (last < from) return -1;
  const at = s.lastIndexOf(part, last);
  if (s.length > 1024) tick((last - at) >> 6);
  return at >= from ? at : -1;
}

export function find(s: string, part: Value, start: Value = null, end: Value = null): number {
  return findForward(s, expectString('find', 1, part), start, end);
}

export function rfind(s: string, part: Value, start: Value = null, end: Value = null): number {
  return findBackward(s, expectString('rfind', 1, part), start, end);
}

export function index(s: string, part: Value, start: Value = null, end: Value = null): number {
  const at = findForward(s, expectString('index', 1, part), start, end);
  if (at < 0) throw notFound('index', part);
  return at;
}

export function rindex(s: string, part: Value, start: Value = null, end: Value = null): number {
  const at = findBackward(s, expectString('rindex', 1, part), start, end);
  if (at < 0) throw notFound('rindex', part);
  return at;
}

function notFound(name: string, part: Value): StarlarkError {
  return new StarlarkError('VALUE', `${name}: substring not found`, [
    `value: ${shortRepr(part)}`,
    `Use ${name.replace('index', 'find')}, which gives -1, where it may be missing.`,
  ]);
}

export function count(s: string, part: Value, start: Value = null, end: Value = null): number {
  const wanted = expectString('count', 1, part);
  const [from, to] = sliceRange(start, end, 1, s.length);
  if (wanted === '') return countCharacters(s.slice(from, Math.max(from, to))) + 1;
  return countWithin(s, wanted, from, to);
}

function countCharacters(s: string): number {
  if (s.length > 1024) tick(s.length >> 2);
  let found = 0;
  for (let at = 0; at < s.length; at += characterSize(s, at)) found++;
  return found;
}

/** How often `part` occurs in `s[from:to]` without overlap. */
export function countWithin(s: string, part: string, from = 0, to: number = s.length): number {
  if (to - from > 1024) tick((to - from) >> 6);
  let found = 0;
  for (let at = s.indexOf(part, from); at >= 0 && at + part.length <= to; at = s.indexOf(part, at + part.length))
    found++;
  return found;
}

export function startswith(s: string, prefix: Value, start: Value = null, end: Value = null): boolean {
  if (typeof prefix === 'string' && start === null && end === null) {
    if (prefix.length > 1024) tick(prefix.length >> 6);
    return s.startsWith(prefix);
  }
  return matchesAny('startswith', prefix, start, end, s.length, (part, from, to) => {
    return from + part.length <= to && s.startsWith(part, from);
  });
}

export function endswith(s: string, suffix: Value, start: Value = null, end: Value = null): boolean {
  if (typeof suffix === 'string' && start === null && end === null) {
    if (suffix.length > 1024) tick(suffix.length >> 6);
    return s.endsWith(suffix);
  }
  return matchesAny('endswith', suffix, start, end, s.length, (part, from, to) => {
    return from + part.length <= to && s.endsWith(part, to);
  });
}

function matchesAny(
  name: string,
  parts: Value,
  start: Value,
  end: Value,
  size: number,
  matches: (part: string, from: number, to: number) => boolean,
): boolean {
  const [from, to] = sliceRange(start, end, 1, size);
  if (typeof parts === 'string') return matches(parts, from, to);
  if (!(parts instanceof StarlarkTuple))
    throw new StarlarkError('TYPE', `${name}: got ${typeName(parts)}, want string or tuple of string`, [
      `value: ${shortRepr(parts)}`,
    ]);
  for (const [i, part] of parts.items.entries()) {
    if (typeof part !== 'string')
      throw new StarlarkError('TYPE', `${name}: want string, got ${typeName(part)}, for element ${i}`);
    if (matches(part, from, to)) return true;
  }
  return false;
}
