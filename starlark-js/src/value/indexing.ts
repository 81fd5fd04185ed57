import { StarlarkError } from '../errors.ts';
import { StarlarkBytes } from './bytes.ts';
import { StarlarkCallable } from './callable.ts';
import { StarlarkDict } from './dict.ts';
import { isInt } from './float.ts';
import { StarlarkList } from './list.ts';
import { StarlarkRange } from './range.ts';
import { repr, shortRepr } from './repr.ts';
import { nearestName } from './spelling.ts';
import { StarlarkTuple } from './tuple.ts';
import { typeName } from './type-name.ts';
import type { Value } from './value.ts';

/** `container[index]`. */
export function getIndex(container: Value, index: Value): Value {
  if (container instanceof StarlarkList || container instanceof StarlarkTuple) {
    const { items } = container;
    if (typeof index === 'number' && index >= 0 && index < items.length && index === Math.trunc(index))
      return items[index]!;
    return items[resolveIndex(container.type, index, items.length)]!;
  }
  if (container instanceof StarlarkDict) {
    const value = container.get(index);
    if (value === undefined) throw missingKey(container, index);
    return value;
  }
  if (typeof container === 'string') return container.charAt(resolveIndex('string', index, container.length));
  return getOtherIndex(container, index);
}

function getOtherIndex(container: Value, index: Value): Value {
  if (container instanceof StarlarkRange) return container.at(resolveIndex('range', index, container.count));
  if (container instanceof StarlarkBytes) return container.data[resolveIndex('bytes', index, container.data.length)]!;
  const value = typeof container === 'object' && container !== null ? container.getIndex(index) : undefined;
  if (value !== undefined) return value;
  const notes = [`value: ${shortRepr(container)}`, `index: ${shortRepr(index)}`];
  if (container instanceof StarlarkCallable) notes.push('A function has no elements: call it first, as f()[index].');
  throw new StarlarkError('TYPE', `unhandled index operation ${typeName(container)}[${typeName(index)}]`, notes);
}

/** `container[index] = value`. */
export function setIndex(container: Value, index: Value, value: Value): void {
  if (container instanceof StarlarkList) {
    const { items } = container;
    if (typeof index === 'number' && index >= 0 && index < items.length && index === Math.trunc(index)) {
      if (container.lock !== 0) container.checkMutable('assign to element of');
      items[index] = value;
      return;
    }
    if (!isInt(index))
      throw new StarlarkError('TYPE', `got ${typeName(index)}, want int`, [`index: ${shortRepr(index)}`]);
    const at = resolveIndex('list', index, items.length);
    container.checkMutable('assign to element of');
    items[at] = value;
    return;
  }
  if (container instanceof StarlarkDict) {
    container.set(index, value);
    return;
  }
  if (typeof container === 'object' && container !== null && container.setIndex(index, value)) return;
  throw new StarlarkError('TYPE', `${typeName(container)} value does not support item assignment`, [
    `value: ${shortRepr(container)}`,
  ]);
}

/** The position from the start that an index of either sign means. */
export function resolveIndex(type: string, index: Value, size: number): number {
  if (typeof index === 'number' && index === Math.trunc(index)) {
    const at = index < 0 ? index + size : index;
    if (at >= 0 && at < size) return at;
    throw indexOutOfRange(type, index, size);
  }
  if (isInt(index)) throw new StarlarkError('INDEX', `${type} index: ${index} out of range`);
  throw new StarlarkError('TYPE', `${type} index: got ${typeName(index)}, want int`, [`index: ${shortRepr(index)}`]);
}

export function indexOutOfRange(type: string, index: number, size: number): StarlarkError {
  if (size === 0) return new StarlarkError('INDEX', `index ${index} out of range: empty ${type}`);
  return new StarlarkError('INDEX', `${type} index ${index} out of range [${-size}:${size - 1}]`);
}

function missingKey(dict: StarlarkDict, key: Value): StarlarkError {
  const notes: string[] = [];
  if (typeof key === 'string') {
    const names = stringKeys(dict);
    const near = nearestName(key, names);
    if (near !== undefined) notes.push(`Did you mean ${repr(near)}?`);
    else if (names.length > 0 && names.length <= LISTED_KEYS) notes.push(`It has ${names.map(shortRepr).join(', ')}.`);
  }
  notes.push('Use d.get(key, default) where a key may be missing.');
  return new StarlarkError('KEY', `key ${shortRepr(key)} not in dict`, notes);
}

const SEARCHED_KEYS = 1000;
const LISTED_KEYS = 12;

function stringKeys(dict: StarlarkDict): string[] {
  const names: string[] = [];
  for (const key of dict.map.keys()) {
    if (names.length === SEARCHED_KEYS) break;
    if (typeof key === 'string') names.push(key);
  }
  return names;
}
