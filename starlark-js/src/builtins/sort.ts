import { tick } from '../meter.ts';
import { relateAt } from '../value/compare.ts';
import { maxNesting } from '../value/limits.ts';
import { StarlarkTuple } from '../value/tuple.ts';
import type { Value } from '../value/value.ts';
import { orderNumbers, sortNumbers } from './sort-numbers.ts';
import { orderStrings } from './sort-strings.ts';

/*
 * Stable sorting. The type of the keys is looked at once: numbers, strings and tuples of them have ways of their own,
 * and everything else goes through a merge sort by `<`.
 */

/** Sorts an array that belongs to the caller, and gives it. Equal elements keep their order, reversed or not. */
export function sortItems(items: Value[], isReversed: boolean): Value[] {
  if (items.length < 2) return items;
  if (items.every(isRawNumber)) {
    tick(workOf(items.length));
    return sortNumbers(items as number[], isReversed);
  }
  return sortedOrder(items, isReversed).map((i) => items[i]!);
}

/** The positions of `keys` in sorted order. */
export function sortedOrder(keys: readonly Value[], isReversed: boolean): readonly number[] {
  const size = keys.length;
  tick(workOf(size));
  if (keys.every(isRawNumber)) return orderNumbers(keys as number[], isReversed);
  if (keys.every(isString)) return orderStrings(keys as string[], isReversed);
  const rows = simpleRows(keys);
  if (rows !== null) return orderRows(rows, isReversed);
  return mergeSort(size, (a, b) => relateAt(isReversed ? '>' : '<', keys[b]!, keys[a]!, maxNesting));
}

function workOf(size: number): number {
  return size < 16 ? size : size * (32 - Math.clz32(size));
}

function isRawNumber(v: Value): v is number {
  return typeof v === 'number';
}

function isString(v: Value): v is string {
  return typeof v === 'string';
}

type Row = readonly (number | string)[];

const MOST_COLUMNS = 4;

/** The items of tuples that have raw numbers or strings in the same columns; null for any other keys. */
function simpleRows(keys: readonly Value[]): readonly Row[] | null {
  const first = keys[0];
  if (!(first instanceof StarlarkTuple)) return null;
  const types = first.items.map((item) => typeof item);
  if (types.length > MOST_COLUMNS || !types.every((type) => type === 'number' || type === 'string')) return null;
  const rows: Row[] = [];
  for (const key of keys) {
    if (!(key instanceof StarlarkTuple) || key.items.length !== types.length) return null;
    for (let i = 0; i < types.length; i++) if (typeof key.items[i] !== types[i]) return null;
    rows.push(key.items as Row);
  }
  return rows;
}

/** Sorts by the last column first: what is equal in the columns before it keeps that order. */
function orderRows(rows: readonly Row[], isReversed: boolean): readonly number[] {
  let order: readonly number[] = Array.from(rows, (_, i) => i);
  for (let column = rows[0]!.length - 1; column >= 0; column--) {
    const keys = order.map((position) => rows[position]![column]!);
    const within =
      typeof keys[0] === 'number'
        ? orderNumbers(keys as number[], isReversed)
        : orderStrings(keys as string[], isReversed);
    const last = order;
    order = within.map((i) => last[i]!);
  }
  return order;
}

const RUN = 8;

/** Bottom-up merge sort of positions; `isAfter(a, b)` tells that the element at `b` must come before that at `a`. */
function mergeSort(size: number, isAfter: (a: number, b: number) => boolean): readonly number[] {
  let from = Array.from({ length: size }, (_, i) => i);
  for (let start = 0; start < size; start += RUN) insertionSort(from, start, Math.min(start + RUN, size), isAfter);
  let to = new Array<number>(size).fill(0);
  for (let width = RUN; width < size; width *= 2) {
    for (let start = 0; start < size; start += 2 * width)
      merge(from, to, start, Math.min(start + width, size), Math.min(start + 2 * width, size), isAfter);
    [from, to] = [to, from];
  }
  return from;
}

function insertionSort(order: number[], start: number, end: number, isAfter: (a: number, b: number) => boolean): void {
  for (let i = start + 1; i < end; i++) {
    const position = order[i]!;
    let at = i;
    while (at > start && isAfter(order[at - 1]!, position)) {
      order[at] = order[at - 1]!;
      at--;
    }
    order[at] = position;
  }
}

function merge(
  from: readonly number[],
  to: number[],
  start: number,
  middle: number,
  end: number,
  isAfter: (a: number, b: number) => boolean,
): void {
  let left = start;
  let right = middle;
  // Runs that are in order already need no comparing.
  const isSorted = middle >= end || !isAfter(from[middle - 1]!, from[middle]!);
  for (let at = start; at < end; at++) {
    if (isSorted) to[at] = from[at]!;
    else if (right >= end || (left < middle && !isAfter(from[left]!, from[right]!))) to[at] = from[left++]!;
    else to[at] = from[right++]!;
  }
}
