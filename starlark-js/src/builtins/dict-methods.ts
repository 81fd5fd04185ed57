import { StarlarkError } from '../errors.ts';
import { charge } from '../meter.ts';
import { collect, reserveElements } from '../value/collect.ts';
import { StarlarkDict, updateDict } from '../value/dict.ts';
import { elementsOf } from '../value/iterate.ts';
import { StarlarkList } from '../value/list.ts';
import { shortRepr } from '../value/repr.ts';
import { StarlarkTuple } from '../value/tuple.ts';
import { typeName } from '../value/type-name.ts';
import type { NamedArgument, Value } from '../value/value.ts';
import { type MethodTable, methodTable, routine } from './method-table.ts';

function clear(dict: StarlarkDict): null {
  dict.clear();
  return null;
}

function get(dict: StarlarkDict, key: Value, otherwise: Value = null): Value {
  const value = dict.get(key);
  return value === undefined ? otherwise : value; // None is a value.
}

function items(dict: StarlarkDict): StarlarkList {
  reserveElements(dict.size);
  charge(dict.size * 48);
  const pairs: Value[] = [];
  const isPlain = dict.hasPlainKeys;
  dict.map.forEach((value, key) => {
    pairs.push(new StarlarkTuple([isPlain ? key : dict.shownKey(key), value]));
  });
  return new StarlarkList(pairs);
}

function keys(dict: StarlarkDict): StarlarkList {
  return new StarlarkList(collect(dict.keys(), dict.size));
}

function values(dict: StarlarkDict): StarlarkList {
  return new StarlarkList(collect(dict.map.values(), dict.size));
}

function pop(dict: StarlarkDict, key: Value, otherwise?: Value): Value {
  dict.checkMutable('delete from', 'pop');
  const value = dict.delete(key);
  if (value !== undefined) return value;
  if (otherwise === undefined) throw new StarlarkError('KEY', 'pop: missing key', [`key: ${shortRepr(key)}`]);
  return otherwise;
}

function popitem(dict: StarlarkDict): StarlarkTuple {
  if (dict.size === 0) throw new StarlarkError('KEY', 'popitem: empty dict');
  dict.checkMutable('delete from', 'popitem');
  return new StarlarkTuple(dict.popFirst()!);
}

function setdefault(dict: StarlarkDict, key: Value, otherwise: Value = null): Value {
  const value = dict.get(key);
  if (value !== undefined) return value;
  dict.checkMutable('insert into', 'setdefault');
  dict.set(key, otherwise);
  return otherwise;
}

function update(dict: StarlarkDict, args: readonly Value[], named: readonly NamedArgument[] = []): null {
  dict.checkMutable('insert into', 'update');
  fillDict('update', dict, args, named);
  return null;
}

/** Puts the entries of `dict(…)` or `d.update(…)` into a dict: a mapping or pairs, then the keyword arguments. */
export function fillDict(
  routineName: string,
  dict: StarlarkDict,
  args: readonly Value[],
  named: readonly NamedArgument[],
): void {
  if (args.length > 1)
    throw new StarlarkError('ARGUMENTS', `${routineName}: got ${args.length} arguments, want at most 1`);
  const source = args[0];
  if (source instanceof StarlarkDict) updateDict(dict, source);
  else if (source !== undefined) insertPairs(routineName, dict, source);
  for (const [name, value] of named) dict.set(name, value);
}

function insertPairs(routineName: string, dict: StarlarkDict, source: Value): void {
  const pairs = elementsOf(source);
  if (pairs === undefined)
    throw new StarlarkError('TYPE', `${routineName}: got ${typeName(source)}, want iterable`, [
      `value: ${shortRepr(source)}`,
    ]);
  const prefix = `${routineName}: dictionary update sequence element`;
  for (const [i, pair] of pairs.entries()) {
    const entry = elementsOf(pair);
    if (entry === undefined) throw new StarlarkError('TYPE', `${prefix} #${i} is not iterable (${typeName(pair)})`);
    if (entry.length !== 2) throw new StarlarkError('VALUE', `${prefix} #${i} has length ${entry.length}, want 2`);
    dict.set(entry[0]!, entry[1]!);
  }
}

export const dictMethods: MethodTable = methodTable([
  routine('clear() -> None', 0, 0, clear, 'Removes all entries.'),
  routine('get(key, default=None, /)', 1, 2, get, 'The value at key, or the default when there is none.'),
  routine('items() -> list[tuple]', 0, 0, items, 'The (key, value) pairs in order of insertion.'),
  routine('keys() -> list', 0, 0, keys, 'The keys in order of insertion.'),
  routine(
    'pop(key, default=unset, /)',
    1,
    2,
    pop,
    'Removes the entry at key and gives its value, or the default; an error when there is neither.',
  ),
  routine('popitem() -> tuple', 0, 0, popitem, 'Removes the first entry and gives it as a (key, value) pair.'),
  routine(
    'setdefault(key, default=None, /)',
    1,
    2,
    setdefault,
    'The value at key, which is set to the default when there is none.',
  ),
  routine(
    'update(*pairs: dict | Iterable, **kwargs) -> None',
    0,
    -1,
    update,
    'Takes over the entries of a dict or of pairs, then the keyword arguments.',
  ),
  routine('values() -> list', 0, 0, values, 'The values in order of insertion.'),
]);
