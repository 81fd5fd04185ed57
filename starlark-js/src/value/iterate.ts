import { StarlarkError } from '../errors.ts';
import { StarlarkCallable } from './callable.ts';
import { collect } from './collect.ts';
import { StarlarkList } from './list.ts';
import { shortRepr } from './repr.ts';
import { Table } from './table.ts';
import { StarlarkTuple } from './tuple.ts';
import { typeName } from './type-name.ts';
import type { Value } from './value.ts';

/**
 * Starts a loop over `v`: the elements to be read with `for … of`. A list, dict or set is locked against changes
 * until `release(v)`, which belongs into a `finally`.
 */
export function iterate(v: Value): Iterable<Value> {
  if (v instanceof StarlarkList) {
    v.lock++;
    return v.items;
  }
  if (v instanceof StarlarkTuple) return v.items;
  if (v instanceof Table) {
    v.lock++;
    return v.keys();
  }
  const elements = iterableOf(v);
  if (elements === undefined) throw notIterable(v);
  return elements;
}

/** Ends the loop that `iterate(v)` started. */
export function release(v: Value): void {
  if (v instanceof StarlarkList || v instanceof Table) v.lock--;
}

/** The elements of `v` without a lock, for code that cannot reach the program while it reads them. */
export function iterableOf(v: Value): Iterable<Value> | undefined {
  return typeof v === 'object' && v !== null ? v.iterate() : undefined;
}

/** The elements of `v` as an array that belongs to the caller only for reading. */
export function elementsOf(v: Value): readonly Value[] | undefined {
  if (v instanceof StarlarkList || v instanceof StarlarkTuple) return v.items;
  if (typeof v !== 'object' || v === null) return undefined;
  const elements = v.iterate();
  return elements === undefined ? undefined : collect(elements, v.length());
}

export function notIterable(v: Value): StarlarkError {
  const notes = [`value: ${shortRepr(v)}`];
  if (typeof v === 'string')
    notes.push('A string is not iterable: use s.elems() for its characters, or s.codepoints().');
  if (typeof v === 'number') notes.push('To count, loop over range(n).');
  if (v instanceof StarlarkCallable) notes.push('To loop over what a function gives, call it: f().');
  return new StarlarkError('TYPE', `${typeName(v)} value is not iterable`, notes);
}
