import { StarlarkError } from '../errors.ts';
import { StarlarkBytes } from './bytes.ts';
import { reserveElements } from './collect.ts';
import { isInt } from './float.ts';
import { clampInt } from './integer.ts';
import { maxElements } from './limits.ts';
import { StarlarkList } from './list.ts';
import { reserveBytes, reserveString } from './reserve.ts';
import { emptyTuple, StarlarkTuple } from './tuple.ts';
import type { Value } from './value.ts';

/** `sequence * int` or `int * sequence`; undefined for anything else. */
export function repeat(a: Value, b: Value): Value | undefined {
  if (isInt(b)) return repeatSequence(a, clampInt(b));
  if (isInt(a)) return repeatSequence(b, clampInt(a));
  return undefined;
}

function repeatSequence(sequence: Value, count: number): Value | undefined {
  if (typeof sequence === 'string') {
    if (sequence === '' || count < 1) return '';
    checkSize(sequence.length, count);
    reserveString(sequence.length * count);
    return sequence.repeat(count);
  }
  if (sequence instanceof StarlarkList) return new StarlarkList(repeatItems(sequence.items, count));
  if (sequence instanceof StarlarkTuple) {
    if (sequence.items.length === 0 || count < 1) return emptyTuple;
    return new StarlarkTuple(repeatItems(sequence.items, count));
  }
  if (sequence instanceof StarlarkBytes) {
    const { data } = sequence;
    if (data.length === 0 || count < 1) return new StarlarkBytes(new Uint8Array(0));
    checkSize(data.length, count);
    reserveBytes(data.length * count);
    const result = new Uint8Array(data.length * count);
    for (let i = 0; i < count; i++) result.set(data, i * data.length);
    return new StarlarkBytes(result);
  }
  return undefined;
}

function repeatItems(items: readonly Value[], count: number): Value[] {
  if (items.length === 0 || count < 1) return [];
  checkSize(items.length, count);
  const total = items.length * count;
  reserveElements(total);
  if (items.length === 1) return new Array<Value>(total).fill(items[0]!);
  const result: Value[] = [];
  for (let i = 0; i < count; i++) for (const item of items) result.push(item);
  return result;
}

function checkSize(length: number, count: number): void {
  if (length * count > maxElements)
    throw new StarlarkError('SIZE', `repeat count ${count} too large`, [
      `${length} elements * ${count} exceed the limit of ${maxElements}.`,
    ]);
}
