import { StarlarkError } from '../errors.ts';
import { charge, tick } from '../meter.ts';
import { reserveElements } from '../value/collect.ts';
import { StarlarkDict } from '../value/dict.ts';
import { isInt } from '../value/float.ts';
import { elementsOf, iterableOf } from '../value/iterate.ts';
import { StarlarkList } from '../value/list.ts';
import { StarlarkRange } from '../value/range.ts';
import { shortRepr } from '../value/repr.ts';
import { StarlarkSet, setFrom } from '../value/set.ts';
import { emptyTuple, StarlarkTuple } from '../value/tuple.ts';
import { truth, typeName } from '../value/type-name.ts';
import type { NamedArgument, Value } from '../value/value.ts';
import { expectElements, notIterableArgument, wrongArgument } from './arguments.ts';
import { fillDict } from './dict-methods.ts';

export function all(iterable: Value): boolean {
  for (const element of expectIterable('all', iterable)) if (!truth(element)) return false;
  return true;
}

export function any(iterable: Value): boolean {
  for (const element of expectIterable('any', iterable)) if (truth(element)) return true;
  return false;
}

function expectIterable(name: string, v: Value): Iterable<Value> {
  const elements = iterableOf(v);
  if (elements === undefined) throw notIterableArgument(name, 1, v);
  tick((typeof v === 'object' && v !== null ? (v.length() ?? 0) : 0) >> 3);
  return elements;
}

export function bool(x: Value = false): boolean {
  return truth(x);
}

export function len(x: Value): number {
  if (typeof x === 'string') return x.length;
  const length = typeof x === 'object' && x !== null ? x.length() : undefined;
  if (length === undefined)
    throw new StarlarkError('TYPE', `len: value of type ${typeName(x)} has no len`, [`value: ${shortRepr(x)}`]);
  return length;
}

export function list(iterable?: Value): StarlarkList {
  return new StarlarkList(iterable === undefined ? [] : copyElements('list', iterable));
}

export function tuple(iterable?: Value): StarlarkTuple {
  if (iterable === undefined) return emptyTuple;
  return iterable instanceof StarlarkTuple ? iterable : new StarlarkTuple(copyElements('tuple', iterable));
}

/** A new array, even where the elements are stored as one already. */
function copyElements(name: string, iterable: Value): Value[] {
  const elements = expectElements(name, 1, iterable);
  reserveElements(elements.length);
  return elements.slice();
}

export function set(iterable?: Value): StarlarkSet {
  if (iterable === undefined) return new StarlarkSet();
  const elements = iterableOf(iterable);
  if (elements === undefined) throw notIterableArgument('set', 1, iterable);
  return setFrom(elements);
}

export function dict(args: readonly Value[], named: readonly NamedArgument[] = []): StarlarkDict {
  const result = new StarlarkDict();
  fillDict('dict', result, args, named);
  return result;
}

export function enumerate(iterable: Value, start: Value = 0): StarlarkList {
  const elements = expectElements('enumerate', 1, iterable);
  if (!isInt(start)) throw wrongArgument('enumerate', 2, start, 'int');
  if (typeof start === 'bigint' || !Number.isSafeInteger(start + elements.length))
    throw new StarlarkError('VALUE', `enumerate: for parameter 2: ${start} out of range`);
  reserveElements(elements.length);
  charge(elements.length * 48);
  return new StarlarkList(elements.map((element, i) => new StarlarkTuple([start + i, element])));
}

export function zip(args: readonly Value[]): StarlarkList {
  const columns = args.map((argument, i) => {
    const elements = elementsOf(argument);
    if (elements === undefined)
      throw new StarlarkError('TYPE', `zip: argument #${i + 1} is not iterable: ${typeName(argument)}`, [
        `value: ${shortRepr(argument)}`,
      ]);
    return elements;
  });
  if (columns.length === 0) return new StarlarkList([]);
  const size = Math.min(...columns.map((column) => column.length));
  reserveElements(size * (columns.length + 1));
  charge(size * 48);
  const rows: Value[] = [];
  for (let i = 0; i < size; i++) rows.push(new StarlarkTuple(columns.map((column) => column[i]!)));
  return new StarlarkList(rows);
}

export function reversed(iterable: Value): StarlarkList {
  const elements = expectElements('reversed', 1, iterable);
  reserveElements(elements.length);
  return new StarlarkList(elements.toReversed());
}

export function range(first: Value, second?: Value, third: Value = 1): StarlarkRange {
  const a = rangeBound(1, first);
  const b = second === undefined ? null : rangeBound(2, second);
  const step = rangeBound(3, third);
  if (step === 0) throw new StarlarkError('VALUE', 'range: step argument must not be zero');
  const [start, stop] = b === null ? [0, a] : [a, b];
  if (!Number.isSafeInteger(stop - start) || !Number.isSafeInteger(stop + step))
    throw new StarlarkError('VALUE', `range: span from ${start} to ${stop} is too large`);
  return new StarlarkRange(start, stop, step);
}

function rangeBound(position: number, v: Value): number {
  if (!isInt(v)) throw wrongArgument('range', position, v, 'int');
  if (typeof v === 'bigint')
    throw new StarlarkError(
      'VALUE',
      `range: for parameter ${position}: ${v} out of range (want value in signed 54-bit range)`,
    );
  return v;
}
