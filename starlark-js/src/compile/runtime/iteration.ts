import { getAttribute } from '../../builtins/attribute.ts';
import { range } from '../../builtins/collections.ts';
import { StarlarkError } from '../../errors.ts';
import { tick } from '../../meter.ts';
import { collect, reserveElements } from '../../value/collect.ts';
import { StarlarkDict } from '../../value/dict.ts';
import { elementsOf, iterableOf, notIterable, release } from '../../value/iterate.ts';
import { StarlarkList } from '../../value/list.ts';
import { StarlarkRange } from '../../value/range.ts';
import { shortRepr } from '../../value/repr.ts';
import { Table } from '../../value/table.ts';
import { StarlarkTuple } from '../../value/tuple.ts';
import { typeName } from '../../value/type-name.ts';
import type { Value } from '../../value/value.ts';
import { callValue } from './calling.ts';

/** A range is handed out in pieces of this many numbers. */
const CHUNK = 1024;

/** The elements, or the first of them, of what a loop runs over, which is locked until `iterEnd`. */
export function iterStart(v: Value): readonly Value[] {
  if (v instanceof StarlarkList) {
    v.lock++;
    return v.items;
  }
  if (v instanceof StarlarkTuple) return v.items;
  if (v instanceof Table) {
    reserveElements(v.size);
    v.lock++;
    return Array.from(v.keys());
  }
  if (v instanceof StarlarkRange) return chunk(v, 0);
  const elements = iterableOf(v);
  if (elements === undefined) throw notIterable(v);
  return collect(elements);
}

/** The next elements of a range after the array `last`; null at the end, and for everything that fits one array. */
export function iterMore(v: Value, last: readonly Value[]): readonly Value[] | null {
  if (!(v instanceof StarlarkRange) || last.length === 0) return null;
  const next = ((last[last.length - 1] as number) - v.start) / v.step + 1;
  return next < v.count ? chunk(v, next) : null;
}

function chunk(range: StarlarkRange, from: number): Value[] {
  const size = Math.min(CHUNK, range.count - from);
  const items: Value[] = [];
  for (let index = 0; index < size; index++) items.push(range.at(from + index));
  return items;
}

export const iterEnd: (v: Value) => void = release;

/** An argument of the `range(…)` that a loop counts through without making it. */
export function rangeBound(v: Value, position: 1 | 2 | 3): number {
  if (typeof v === 'number' && v === Math.trunc(v) && (position < 3 || v !== 0)) return v;
  const refused = position === 1 ? range(v) : position === 2 ? range(0, v) : range(0, 0, v);
  return refused.stop;
}

/** A copy of the elements of `v`, for `name` that reads them all at once. */
export function snapshot(v: Value, name: string): readonly Value[] {
  const elements = elementsOf(v);
  if (elements === undefined)
    throw new StarlarkError('TYPE', `${name}: got ${typeName(v)}, want iterable`, [`value: ${shortRepr(v)}`]);
  reserveElements(elements.length);
  tick(elements.length >> 3);
  return v instanceof StarlarkList ? elements.slice() : elements;
}

/** The keys and values of `v.items()`, one after the other. */
export function itemPairs(v: Value): readonly Value[] {
  const flat: Value[] = [];
  if (v instanceof StarlarkDict) {
    reserveElements(v.size * 2);
    if (v.hasPlainKeys) for (const [key, value] of v.map) flat.push(key, value);
    else for (const [key, value] of v.map) flat.push(v.shownKey(key), value);
    return flat;
  }
  const items = callValue(getAttribute(v, 'items'), [], []);
  const pairs = elementsOf(items);
  if (pairs === undefined) throw notIterable(items);
  for (const pair of pairs) flat.push(...unpack(pair, 2));
  return flat;
}

/** The elements of the right side of `a, b = v`; exactly `count` of them. */
export function unpack(v: Value, count: number): readonly Value[] {
  const items = v instanceof StarlarkTuple || v instanceof StarlarkList ? v.items : elementsOf(v);
  if (items === undefined)
    throw new StarlarkError('TYPE', `got ${typeName(v)} in sequence assignment`, [`value: ${shortRepr(v)}`]);
  if (items.length === count) return items;
  const many = items.length > count ? 'many' : 'few';
  throw new StarlarkError('VALUE', `too ${many} values to unpack (got ${items.length}, want ${count})`, [
    `value: ${shortRepr(v)}`,
  ]);
}

/** A dict of keys and values in turn, whose keys are different. */
export function dictOf(parts: readonly Value[]): StarlarkDict {
  const dict = new StarlarkDict();
  for (let index = 0; index < parts.length; index += 2) dict.set(parts[index]!, parts[index + 1]!);
  return dict;
}

/** Puts the next entry into the dict of a display. */
export function addEntry(dict: StarlarkDict, key: Value, value: Value): void {
  const before = dict.size;
  dict.set(key, value);
  if (dict.size === before) throw new StarlarkError('VALUE', `duplicate key: ${shortRepr(key)}`);
}

/** A dict of a few different strings: nothing to look up, nothing to check. */
export function recordOf(keys: readonly string[], values: readonly Value[]): StarlarkDict {
  const dict = new StarlarkDict();
  const { map } = dict;
  for (let index = 0; index < keys.length; index++) map.set(keys[index]!, values[index]!);
  return dict;
}

export function setEntry(dict: StarlarkDict, key: Value, value: Value): void {
  dict.set(key, value);
}
