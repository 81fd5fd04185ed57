import { StarlarkError } from '../errors.ts';
import { charge, tick } from '../meter.ts';
import type { StarlarkCallable } from '../value/callable.ts';
import { reserveElements } from '../value/collect.ts';
import { relateAt } from '../value/compare.ts';
import { StarlarkDict } from '../value/dict.ts';
import { iterate, notIterable, release } from '../value/iterate.ts';
import { maxNesting } from '../value/limits.ts';
import { StarlarkList } from '../value/list.ts';
import { StarlarkSet } from '../value/set.ts';
import type { Value } from '../value/value.ts';
import { expectBool, expectCallable, expectElements } from './arguments.ts';
import { sortedOrder, sortItems } from './sort.ts';

export function sorted(iterable: Value, key: Value = null, reverse: Value = false): StarlarkList {
  const elements = expectElements('sorted', 'iterable', iterable);
  const isReversed = expectBool('sorted', '"reverse"', reverse);
  reserveElements(elements.length);
  const items = elements.slice();
  if (key === null) return new StarlarkList(sortItems(items, isReversed));
  const keys = applyKeyTo(iterable, items, expectCallable('sorted', '"key"', key));
  charge(items.length * 16);
  return new StarlarkList(sortedOrder(keys, isReversed).map((i) => items[i]!));
}

/** The keys of the elements. The iterable is locked: its elements must not change under the key function. */
function applyKeyTo(iterable: Value, items: readonly Value[], key: StarlarkCallable): Value[] {
  iterate(iterable);
  try {
    return applyKey(items, key);
  } finally {
    release(iterable);
  }
}

function applyKey(items: readonly Value[], key: StarlarkCallable): Value[] {
  return items.map((item) => key.call1(item));
}

export function min(args: readonly Value[], key: Value = null): Value {
  return extreme('min', '<', args, key);
}

export function max(args: readonly Value[], key: Value = null): Value {
  return extreme('max', '>', args, key);
}

function extreme(name: string, relation: '<' | '>', args: readonly Value[], key: Value): Value {
  if (args.length === 2 && key === null) {
    const [a, b] = args as [Value, Value];
    if (typeof a === 'number' && typeof b === 'number') return (relation === '<' ? b < a : b > a) ? b : a;
  }
  if (args.length === 0) throw new StarlarkError('ARGUMENTS', `${name} requires at least one positional argument`);
  const toKey = key === null ? null : expectCallable(name, '"key"', key);
  const elements = args.length === 1 ? elementsToCompare(name, args[0]!) : args;
  if (elements.length === 0)
    throw new StarlarkError('VALUE', `${name}: argument is an empty sequence`, [
      `Test first: ${name}(xs) if xs else …`,
    ]);
  tick(elements.length >> 2);
  if (toKey === null) return best(relation, elements, elements);
  const keys = args.length === 1 ? applyKeyTo(args[0]!, elements, toKey) : applyKey(elements, toKey);
  return best(relation, elements, keys);
}

function elementsToCompare(name: string, v: Value): readonly Value[] {
  if (v instanceof StarlarkList) return v.items;
  if (v instanceof StarlarkDict || v instanceof StarlarkSet) return [...v.keys()];
  try {
    return expectElements(name, 1, v);
  } catch (error) {
    if (!(error instanceof StarlarkError) || error.code !== 'TYPE') throw error;
    const { message, notes } = notIterable(v);
    throw new StarlarkError('TYPE', `${name}: ${message}`, notes);
  }
}

/** The first element whose key no other beats. */
function best(relation: '<' | '>', elements: readonly Value[], keys: readonly Value[]): Value {
  let at = 0;
  let bestKey = keys[0]!;
  for (let i = 1; i < keys.length; i++) {
    const key = keys[i]!;
    const isBetter =
      typeof key === 'number' && typeof bestKey === 'number'
        ? relation === '<'
          ? key < bestKey
          : key > bestKey
        : relateAt(relation, key, bestKey, maxNesting);
    if (isBetter) {
      at = i;
      bestKey = key;
    }
  }
  return elements[at]!;
}
