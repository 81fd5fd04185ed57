import { StarlarkError } from '../errors.ts';
import { hashValue } from '../value/hash.ts';
import { elementsOf } from '../value/iterate.ts';
import { shortRepr } from '../value/repr.ts';
import {
  difference,
  intersection,
  replaceElements,
  StarlarkSet,
  setFrom,
  symmetricDifference,
  union,
} from '../value/set.ts';
import { typeName } from '../value/type-name.ts';
import type { Value } from '../value/value.ts';
import { expectElements } from './arguments.ts';
import { type MethodTable, methodTable, routine } from './method-table.ts';

function add(set: StarlarkSet, x: Value): null {
  set.checkMutable('insert into', 'add');
  set.add(x);
  return null;
}

function clear(set: StarlarkSet): null {
  set.checkMutable('clear', 'clear');
  set.clear();
  return null;
}

function discard(set: StarlarkSet, x: Value): null {
  set.checkMutable('delete from', 'discard');
  set.delete(x);
  return null;
}

function remove(set: StarlarkSet, x: Value): null {
  set.checkMutable('delete from', 'remove');
  if (set.delete(x) === undefined)
    throw new StarlarkError('KEY', 'remove: missing key', [
      `value: ${shortRepr(x)}`,
      'Use s.discard(x) where x may be missing.',
    ]);
  return null;
}

function pop(set: StarlarkSet): Value {
  if (set.size === 0) throw new StarlarkError('KEY', 'pop: empty set');
  set.checkMutable('delete from', 'pop');
  return set.popFirst()![0];
}

/** The operand of a method that takes any iterable of hashable values. */
function asSet(name: string, position: number, v: Value): StarlarkSet {
  if (v instanceof StarlarkSet) return v;
  const elements = elementsOf(v);
  if (elements === undefined)
    throw new StarlarkError('TYPE', `${name}: argument #${position} is not iterable: ${typeName(v)}`, [
      `value: ${shortRepr(v)}`,
    ]);
  return setFrom(elements);
}

function asSets(name: string, args: readonly Value[]): StarlarkSet[] {
  return args.map((argument, i) => asSet(name, i + 1, argument));
}

function unionOf(set: StarlarkSet, others: readonly Value[]): StarlarkSet {
  return asSets('union', others).reduce((sum, other) => union(sum, other.keys()), union(set, []));
}

function intersectionOf(set: StarlarkSet, others: readonly Value[]): StarlarkSet {
  return asSets('intersection', others).reduce(intersection, union(set, []));
}

function differenceOf(set: StarlarkSet, others: readonly Value[]): StarlarkSet {
  return asSets('difference', others).reduce(difference, union(set, []));
}

function symmetricDifferenceOf(set: StarlarkSet, other: Value): StarlarkSet {
  return symmetricDifference(set, asSet('symmetric_difference', 1, other));
}

function update(set: StarlarkSet, others: readonly Value[]): null {
  const sets = asSets('update', others);
  set.checkMutable('insert into', 'update');
  for (const other of sets) if (other !== set) for (const element of other.keys()) set.add(element);
  return null;
}

function intersectionUpdate(set: StarlarkSet, others: readonly Value[]): null {
  set.checkMutable('delete from', 'intersection_update');
  replaceElements(set, asSets('intersection_update', others).reduce(intersection, union(set, [])));
  return null;
}

function differenceUpdate(set: StarlarkSet, others: readonly Value[]): null {
  set.checkMutable('delete from', 'difference_update');
  replaceElements(set, asSets('difference_update', others).reduce(difference, union(set, [])));
  return null;
}

function symmetricDifferenceUpdate(set: StarlarkSet, other: Value): null {
  set.checkMutable('insert into', 'symmetric_difference_update');
  replaceElements(set, symmetricDifference(set, asSet('symmetric_difference_update', 1, other)));
  return null;
}

function issubset(set: StarlarkSet, other: Value): boolean {
  return set.isSubsetOf(other instanceof StarlarkSet ? other : setFrom(expectElements('issubset', 1, other)));
}

function issuperset(set: StarlarkSet, other: Value): boolean {
  return expectElements('issuperset', 1, other).every((element) => set.has(element));
}

function isdisjoint(set: StarlarkSet, other: Value): boolean {
  let isDisjoint = true;
  for (const element of expectElements('isdisjoint', 1, other)) {
    hashValue(element);
    if (set.has(element)) isDisjoint = false;
  }
  return isDisjoint;
}

export const setMethods: MethodTable = methodTable([
  routine('add(x, /) -> None', 1, 1, add, 'Adds x.'),
  routine('clear() -> None', 0, 0, clear, 'Removes all elements.'),
  routine('difference(*others: Iterable) -> set', 0, -1, differenceOf, 'A new set without the elements of others.'),
  routine('difference_update(*others: Iterable) -> None', 0, -1, differenceUpdate, 'Removes the elements of others.'),
  routine('discard(x, /) -> None', 1, 1, discard, 'Removes x if it is there.'),
  routine(
    'intersection(*others: Iterable) -> set',
    0,
    -1,
    intersectionOf,
    'A new set of the elements that all others have.',
  ),
  routine(
    'intersection_update(*others: Iterable) -> None',
    0,
    -1,
    intersectionUpdate,
    'Keeps only the elements that all others have.',
  ),
  routine('isdisjoint(other: Iterable, /) -> bool', 1, 1, isdisjoint, 'Whether no element is in both.'),
  routine('issubset(other: Iterable, /) -> bool', 1, 1, issubset, 'Whether all elements are in other.'),
  routine('issuperset(other: Iterable, /) -> bool', 1, 1, issuperset, 'Whether all elements of other are in the set.'),
  routine('pop()', 0, 0, pop, 'Removes the first element and gives it.'),
  routine('remove(x, /) -> None', 1, 1, remove, 'Removes x; an error when it is not there.'),
  routine(
    'symmetric_difference(other: Iterable, /) -> set',
    1,
    1,
    symmetricDifferenceOf,
    'A new set of the elements that are in only one of both.',
  ),
  routine(
    'symmetric_difference_update(other: Iterable, /) -> None',
    1,
    1,
    symmetricDifferenceUpdate,
    'Keeps what is in only one of both.',
  ),
  routine('union(*others: Iterable) -> set', 0, -1, unionOf, 'A new set of the elements of all.'),
  routine('update(*others: Iterable) -> None', 0, -1, update, 'Adds the elements of others.'),
]);
