import { tick } from '../meter.ts';
import { relateAt } from '../value/compare.ts';
import { maxNesting } from '../value/limits.ts';
import { compareStrings } from '../value/string-order.ts';
import type { Value } from '../value/value.ts';

/*
 * Stable sorting. The type of the keys is looked at once: numbers go through V8's typed-array sort, strings through
 * its native order of code units where that is the order of code points, everything else through a merge sort.
 */

/** Sorts an array that belongs to the caller, and gives it. Equal elements keep their order, reversed or not. */
export function sortItems(items: Value[], isReversed: boolean): Value[] {
  tick(workOf(items.length));
  if (items.length < 2) return items;
  if (items.every(isRawNumber)) return sortNumbers(items as number[], isReversed);
  if (items.every(isString)) return sortStrings(items as string[], isReversed);
  return sortedOrder(items, isReversed, false).map((i) => items[i]!);
}

function sortNumbers(items: number[], isReversed: boolean): Value[] {
  // Raw numbers that are equal cannot be told apart, so stability is free.
  const sorted = Float64Array.from(items).sort();
  const last = items.length - 1;
  for (let i = 0; i <= last; i++) items[i] = sorted[isReversed ? last - i : i]!;
  return items;
}

/** Units from here on order differently by code unit and by code point. */
const ABOVE = /[\ud800-\uffff]/;

function sortStrings(items: string[], isReversed: boolean): Value[] {
  if (items.some((s) => ABOVE.test(s))) items.sort(compareStrings);
  else items.sort();
  return isReversed ? items.reverse() : items;
}

/** The positions of `keys` in sorted order. */
export function sortedOrder(keys: readonly Value[], isReversed: boolean, charged = true): readonly number[] {
  const size = keys.length;
  if (charged) tick(workOf(size));
  if (keys.every(isRawNumber)) {
    const packed = packNumbers(keys as number[], isReversed);
    if (packed !== null) return packed;
    const numbers = keys as number[];
    return mergeSort(size, isReversed ? (a, b) => numbers[b]! > numbers[a]! : (a, b) => numbers[b]! < numbers[a]!);
  }
  if (keys.every(isString)) {
    const strings = keys as string[];
    return mergeSort(
      size,
      isReversed
        ? (a, b) => compareStrings(strings[b]!, strings[a]!) > 0
        : (a, b) => compareStrings(strings[b]!, strings[a]!) < 0,
    );
  }
  return mergeSort(size, (a, b) => relateAt(isReversed ? '>' : '<', keys[b]!, keys[a]!, maxNesting));
}

function workOf(size: number): number {
  return size < 16 ? size : size * (32 - Math.clz32(size));
}

function isRawNumber(v: Value): boolean {
  return typeof v === 'number';
}

function isString(v: Value): boolean {
  return typeof v === 'string';
}

/**
 * Int keys that are small enough are sorted natively together with their position: key * size + position is one exact
 * float whose order is the order of the keys, then of the positions. Null when the keys do not fit.
 */
function packNumbers(keys: readonly number[], isReversed: boolean): number[] | null {
  const size = keys.length;
  const most = Number.MAX_SAFE_INTEGER / size - 1;
  const packed = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    const key = isReversed ? -keys[i]! : keys[i]!;
    if (key !== Math.trunc(key) || key > most || key < -most) return null;
    packed[i] = key * size + i;
  }
  packed.sort();
  const order: number[] = [];
  for (let i = 0; i < size; i++) {
    const remainder = packed[i]! % size;
    order.push(remainder < 0 ? remainder + size : remainder + 0);
  }
  return order;
}

const RUN = 8;

/** Bottom-up merge sort of positions; `isAfter(a, b)` tells that the element at `b` must come before that at `a`. */
function mergeSort(size: number, isAfter: (a: number, b: number) => boolean): readonly number[] {
  let from = new Array<number>(size);
  for (let i = 0; i < size; i++) from[i] = i;
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
  for (let at = start; at < end; at++) {
    if (right >= end || (left < middle && !isAfter(from[left]!, from[right]!))) to[at] = from[left++]!;
    else to[at] = from[right++]!;
  }
}
