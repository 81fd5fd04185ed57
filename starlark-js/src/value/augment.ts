import { add, sub } from './arithmetic.ts';
import { bitAnd, bitOr, bitXor } from './bitwise.ts';
import { reserveElements } from './collect.ts';
import { StarlarkDict, updateDict } from './dict.ts';
import { elementsOf } from './iterate.ts';
import { StarlarkList } from './list.ts';
import { difference, intersection, replaceElements, StarlarkSet, symmetricDifference } from './set.ts';
import type { Value } from './value.ts';

/** `a += b`: a list takes the elements of any iterable in place, everything else is `a + b`. */
export function augmentedAdd(a: Value, b: Value): Value {
  if (a instanceof StarlarkList) {
    const elements = elementsOf(b);
    if (elements !== undefined) {
      a.checkMutable('apply += to');
      extendItems(a, elements);
      return a;
    }
  }
  return add(a, b);
}

/** Appends `elements` to a list that may be changed; they may be the list's own. */
export function extendItems(list: StarlarkList, elements: readonly Value[]): void {
  const count = elements.length;
  reserveElements(count);
  const { items } = list;
  for (let i = 0; i < count; i++) items.push(elements[i]!);
}

/** `a |= b`: a dict or set takes the entries of another in place. */
export function augmentedOr(a: Value, b: Value): Value {
  if (a instanceof StarlarkDict && b instanceof StarlarkDict) {
    a.checkMutable('insert into');
    updateDict(a, b);
    return a;
  }
  if (a instanceof StarlarkSet && b instanceof StarlarkSet) {
    a.checkMutable('insert into');
    if (a !== b) for (const element of b.keys()) a.add(element);
    return a;
  }
  return bitOr(a, b);
}

/** `a &= b`: a set keeps in place what is in both. */
export function augmentedAnd(a: Value, b: Value): Value {
  if (a instanceof StarlarkSet && b instanceof StarlarkSet) return replaceElements(a, intersection(a, b));
  return bitAnd(a, b);
}

/** `a ^= b`: a set keeps in place what is in only one of both. */
export function augmentedXor(a: Value, b: Value): Value {
  if (a instanceof StarlarkSet && b instanceof StarlarkSet) return replaceElements(a, symmetricDifference(a, b));
  return bitXor(a, b);
}

/** `a -= b`: a set loses in place what is in `b`. */
export function augmentedSub(a: Value, b: Value): Value {
  if (a instanceof StarlarkSet && b instanceof StarlarkSet) return replaceElements(a, difference(a, b));
  return sub(a, b);
}
