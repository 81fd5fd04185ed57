import { StarlarkError } from '../errors.ts';
import { tick } from '../meter.ts';
import { extendItems } from '../value/augment.ts';
import { isInt } from '../value/float.ts';
import { indexOutOfRange } from '../value/indexing.ts';
import { clampInt } from '../value/integer.ts';
import type { StarlarkList } from '../value/list.ts';
import { indexOf } from '../value/membership.ts';
import { shortRepr } from '../value/repr.ts';
import { sliceRange } from '../value/slice.ts';
import type { Value } from '../value/value.ts';
import { expectElements, wrongArgument } from './arguments.ts';
import { type MethodTable, methodTable, routine } from './method-table.ts';

function append(list: StarlarkList, x: Value): null {
  list.append(x);
  return null;
}

function clear(list: StarlarkList): null {
  list.checkMutable('clear', 'clear');
  list.items.length = 0;
  return null;
}

function extend(list: StarlarkList, iterable: Value): null {
  const elements = expectElements('extend', 1, iterable);
  list.checkMutable('extend', 'extend');
  extendItems(list, elements);
  return null;
}

function index(list: StarlarkList, x: Value, start: Value = null, end: Value = null): number {
  const [from, to] = sliceRange(start, end, 1, list.items.length);
  const at = indexOf(list.items, x, from, to);
  if (at < 0) throw new StarlarkError('VALUE', 'index: value not in list', [`value: ${shortRepr(x)}`]);
  return at;
}

function insert(list: StarlarkList, position: Value, x: Value): null {
  if (!isInt(position)) throw wrongArgument('insert', 1, position, 'int');
  list.checkMutable('insert into', 'insert');
  const size = list.items.length;
  const at = clampInt(position);
  if (at >= size) list.append(x);
  else {
    moveTail(size);
    list.items.splice(Math.max(at < 0 ? at + size : at, 0), 0, x);
  }
  return null;
}

function pop(list: StarlarkList, position: Value = -1): Value {
  if (!isInt(position)) throw wrongArgument('pop', 1, position, 'int');
  const { items } = list;
  const index = clampInt(position);
  const at = index < 0 ? index + items.length : index;
  if (at < 0 || at >= items.length) {
    const { code, message } = indexOutOfRange('list', index, items.length);
    throw new StarlarkError(code, `pop: ${message}`);
  }
  list.checkMutable('pop from', 'pop');
  if (at === items.length - 1) return items.pop()!;
  moveTail(items.length);
  if (at === 0) return items.shift()!;
  return items.splice(at, 1)[0]!;
}

function remove(list: StarlarkList, x: Value): null {
  list.checkMutable('remove from', 'remove');
  const at = indexOf(list.items, x);
  if (at < 0) throw new StarlarkError('VALUE', 'remove: element not found', [`value: ${shortRepr(x)}`]);
  moveTail(list.items.length);
  list.items.splice(at, 1);
  return null;
}

/** Counts the elements that a change in the middle of a long list moves. */
function moveTail(size: number): void {
  if (size > 256) tick(size >> 7);
}

export const listMethods: MethodTable = methodTable([
  routine('append(x, /) -> None', 1, 1, append, 'Adds x to the end of the list.'),
  routine('clear() -> None', 0, 0, clear, 'Removes all elements.'),
  routine('extend(iterable: Iterable, /) -> None', 1, 1, extend, 'Adds the elements of the iterable to the end.'),
  routine(
    'index(x, start: int | None = None, end: int | None = None, /) -> int',
    1,
    3,
    index,
    'The position of the first element equal to x; an error when there is none.',
  ),
  routine('insert(i: int, x, /) -> None', 2, 2, insert, 'Puts x before the element at position i.'),
  routine('pop(i: int = -1, /)', 0, 1, pop, 'Removes the element at position i, by default the last, and gives it.'),
  routine('remove(x, /) -> None', 1, 1, remove, 'Removes the first element equal to x; an error when there is none.'),
]);
