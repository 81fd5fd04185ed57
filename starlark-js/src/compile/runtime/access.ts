import { StarlarkError } from '../../errors.ts';
import { charge, tick } from '../../meter.ts';
import { reserveElements } from '../../value/collect.ts';
import { lessThan } from '../../value/compare.ts';
import { StarlarkDict } from '../../value/dict.ts';
import { getIndex } from '../../value/indexing.ts';
import { StarlarkList } from '../../value/list.ts';
import { contains } from '../../value/membership.ts';
import { shortRepr } from '../../value/repr.ts';
import { slice } from '../../value/slice.ts';
import { Table } from '../../value/table.ts';
import { StarlarkTuple } from '../../value/tuple.ts';
import { typeName } from '../../value/type-name.ts';
import type { Value } from '../../value/value.ts';
import { method0, method1, method2 } from './calling.ts';
import { snapshot } from './iteration.ts';

/** Operations that look at the likeliest operands before they ask the general one. */

export function isIn(x: Value, container: Value): boolean {
  if (container instanceof StarlarkDict && (typeof x === 'string' || typeof x === 'number'))
    return container.map.has(x);
  return contains(container, x);
}

export function append(list: Value, v: Value): Value {
  if (!(list instanceof StarlarkList) || list.lock !== 0) return method1(list, 'append', v);
  const size = list.items.push(v);
  if ((size & (size - 1)) === 0) charge(size * 8);
  return null;
}

export function get1(dict: Value, key: Value): Value {
  if (!(dict instanceof StarlarkDict) || typeof key === 'object') return method1(dict, 'get', key);
  return dict.map.get(key) ?? null;
}

export function get2(dict: Value, key: Value, otherwise: Value): Value {
  if (!(dict instanceof StarlarkDict) || typeof key === 'object') return method2(dict, 'get', key, otherwise);
  const value = dict.map.get(key);
  return value === undefined ? otherwise : value;
}

/** `v[low:high]`; JavaScript counts from the end and clamps as Starlark does. */
export function slice2(v: Value, low: Value, high: Value): Value {
  if (typeof v !== 'string' || !isBound(low) || !isBound(high)) return slice(v, low, high, null);
  charge(32);
  return high === null ? v.slice(low ?? 0) : v.slice(low ?? 0, high);
}

function isBound(v: Value): v is number | null {
  return v === null || (typeof v === 'number' && v === Math.trunc(v));
}

/** The elements of `v.elems()`, for a loop. */
export function elements(v: Value): readonly Value[] {
  if (typeof v !== 'string') return snapshot(method0(v, 'elems'), 'elems');
  reserveElements(v.length);
  tick(v.length >> 3);
  return v.split('');
}

export function len(v: Value): number {
  if (typeof v === 'string') return v.length;
  if (v instanceof StarlarkList || v instanceof StarlarkTuple) return v.items.length;
  if (v instanceof Table) return v.map.size;
  const length = typeof v === 'object' && v !== null ? v.length() : undefined;
  if (length === undefined)
    throw new StarlarkError('TYPE', `len: value of type ${typeName(v)} has no len`, [`value: ${shortRepr(v)}`]);
  return length;
}

export function min2(a: Value, b: Value): Value {
  if (typeof a === 'number' && typeof b === 'number') return b < a ? b : a;
  return lessThan(b, a) ? b : a;
}

export function max2(a: Value, b: Value): Value {
  if (typeof a === 'number' && typeof b === 'number') return b > a ? b : a;
  return lessThan(a, b) ? b : a;
}

export const minimum = (a: number, b: number): number => Math.min(a, b);
export const maximum = (a: number, b: number): number => Math.max(a, b);

export const index: (container: Value, key: Value) => Value = getIndex;
