import { StarlarkError } from '../errors.ts';
import { charge, tick } from '../meter.ts';
import { maxElements } from './limits.ts';
import type { Value } from './value.ts';

/** Reserves room for `count` elements of a list or tuple, before it is allocated. */
export function reserveElements(count: number): void {
  if (count > maxElements)
    throw new StarlarkError('SIZE', `${count} elements are too many for one list or tuple`, [
      `The limit is ${maxElements}.`,
    ]);
  tick(count >> 2);
  charge(count * 8);
}

/** The elements as a new array. A known `size` is charged in advance, an unknown one while it grows. */
export function collect(elements: Iterable<Value>, size?: number): Value[] {
  if (size !== undefined) {
    reserveElements(size);
    return Array.isArray(elements) ? elements.slice() : Array.from(elements);
  }
  const items: Value[] = [];
  let charged = 64;
  for (const element of elements) {
    if (items.push(element) > charged) {
      reserveElements(charged);
      charged *= 2;
    }
  }
  return items;
}
