import { StarlarkError } from '../errors.ts';
import { StarlarkBytes } from './bytes.ts';
import { reserveElements } from './collect.ts';
import { isInt } from './float.ts';
import { StarlarkList } from './list.ts';
import { StarlarkRange } from './range.ts';
import { shortRepr } from './repr.ts';
import { reserveBytes, reserveString } from './reserve.ts';
import { StarlarkTuple } from './tuple.ts';
import { typeName } from './type-name.ts';
import type { Value } from './value.ts';

/** `v[start:stop:step]`; `null` stands for an absent part, as None does in the language. */
export function slice(v: Value, start: Value, stop: Value, step: Value): Value {
  const stride = step === null ? 1 : sliceStride(v, step);
  if (typeof v === 'string') {
    const [from, to] = sliceRange(start, stop, stride, v.length);
    return stride === 1 ? sliceString(v, from, to) : pickString(v, from, to, stride);
  }
  if (v instanceof StarlarkList) return new StarlarkList(sliceItems(v.items, start, stop, stride));
  if (v instanceof StarlarkTuple) return new StarlarkTuple(sliceItems(v.items, start, stop, stride));
  if (v instanceof StarlarkBytes) {
    const { data } = v;
    const [from, to] = sliceRange(start, stop, stride, data.length);
    if (stride === 1) return new StarlarkBytes(data.subarray(from, Math.max(from, to)));
    const count = sliceCount(from, to, stride);
    reserveBytes(count);
    return new StarlarkBytes(Uint8Array.from({ length: count }, (_, i) => data[from + i * stride]!));
  }
  if (v instanceof StarlarkRange) {
    const [from, to] = sliceRange(start, stop, stride, v.count);
    return new StarlarkRange(v.at(from), v.at(to), v.step * stride);
  }
  throw notSliceable(v);
}

/** What cannot be sliced at all is told before a step that does not fit. */
function sliceStride(v: Value, step: Value): number {
  if (typeof step === 'number' && step !== 0) return sliceBound('slice step', step);
  const isSliceable =
    typeof v === 'string' ||
    v instanceof StarlarkList ||
    v instanceof StarlarkTuple ||
    v instanceof StarlarkBytes ||
    v instanceof StarlarkRange;
  if (!isSliceable) throw notSliceable(v);
  if (step === 0) throw new StarlarkError('VALUE', 'zero is not a valid slice step');
  return sliceBound('slice step', step);
}

function notSliceable(v: Value): StarlarkError {
  return new StarlarkError('TYPE', `invalid slice operand ${typeName(v)}`, [`value: ${shortRepr(v)}`]);
}

/** The first position and the exclusive end of a slice with this stride over `size` elements. */
export function sliceRange(start: Value, stop: Value, stride: number, size: number): [from: number, to: number] {
  const lowest = stride > 0 ? 0 : -1;
  const highest = stride > 0 ? size : size - 1;
  const place = (name: string, bound: Value, absent: number): number => {
    if (bound === null) return absent;
    const index = sliceBound(name, bound);
    return Math.min(Math.max(index < 0 ? index + size : index, lowest), highest);
  };
  const from = place('start index', start, stride > 0 ? 0 : highest);
  const to = place('end index', stop, stride > 0 ? size : lowest);
  return [from, to];
}

function sliceCount(from: number, to: number, stride: number): number {
  return Math.max(0, Math.ceil((to - from) / stride));
}

function sliceBound(name: string, bound: Value): number {
  if (typeof bound === 'number' && bound === Math.trunc(bound)) return bound;
  if (isInt(bound)) throw new StarlarkError('VALUE', `invalid ${name}: ${bound} out of range`);
  throw new StarlarkError('TYPE', `invalid ${name}: got ${typeName(bound)}, want int`, [`value: ${shortRepr(bound)}`]);
}

function sliceItems(items: readonly Value[], start: Value, stop: Value, stride: number): Value[] {
  const [from, to] = sliceRange(start, stop, stride, items.length);
  const count = sliceCount(from, to, stride);
  reserveElements(count);
  if (stride === 1) return items.slice(from, to);
  const result: Value[] = [];
  for (let i = 0; i < count; i++) result.push(items[from + i * stride]!);
  return result;
}

/** A part of a string. V8 lets a long part share its whole, so a small charge covers it. */
function sliceString(s: string, from: number, to: number): string {
  if (to <= from) return '';
  reserveString(to - from, 16);
  return s.slice(from, to);
}

function pickString(s: string, from: number, to: number, stride: number): string {
  const count = sliceCount(from, to, stride);
  reserveString(count);
  let result = '';
  for (let i = 0; i < count; i++) result += s.charAt(from + i * stride);
  return result;
}
