import { StarlarkError } from '../errors.ts';
import { BoundMethod } from '../value/builtin.ts';
import { StarlarkBytes } from '../value/bytes.ts';
import { StarlarkDict } from '../value/dict.ts';
import { StarlarkList } from '../value/list.ts';
import { shortRepr } from '../value/repr.ts';
import { StarlarkSet } from '../value/set.ts';
import { didYouMean } from '../value/spelling.ts';
import { typeName } from '../value/type-name.ts';
import type { Value } from '../value/value.ts';
import { bytesMethods } from './bytes-methods.ts';
import { dictMethods } from './dict-methods.ts';
import { listMethods } from './list-methods.ts';
import type { MethodTable } from './method-table.ts';
import { setMethods } from './set-methods.ts';
import { stringMethods } from './string-methods.ts';

/** The methods of a value's built-in type; undefined for types whose attributes are their own. */
export function methodsOf(v: Value): MethodTable | undefined {
  if (typeof v === 'string') return stringMethods;
  if (v instanceof StarlarkList) return listMethods;
  if (v instanceof StarlarkDict) return dictMethods;
  if (v instanceof StarlarkSet) return setMethods;
  if (v instanceof StarlarkBytes) return bytesMethods;
  return undefined;
}

/** `v.name`, or undefined when there is no such attribute. */
export function findAttribute(v: Value, name: string): Value | undefined {
  const methods = methodsOf(v);
  if (methods === undefined) return typeof v === 'object' && v !== null ? v.getAttribute(name) : undefined;
  const method = methods.get(name);
  return method === undefined ? undefined : new BoundMethod(v, method, typeName(v));
}

/** `v.name`. */
export function getAttribute(v: Value, name: string): Value {
  const value = findAttribute(v, name);
  if (value === undefined) throw missingAttribute(v, name);
  return value;
}

/** `v.name = value`. */
export function setAttribute(v: Value, name: string, value: Value): void {
  if (typeof v === 'object' && v !== null && v.setAttribute(name, value)) return;
  throw new StarlarkError('ATTRIBUTE', `can't assign to .${name} field of ${typeName(v)}`, [`value: ${shortRepr(v)}`]);
}

/**
 * The attribute names of a value in order: what `dir(v)` gives.
 *
 * @example
 * attributeNames('').includes('upper'); // true
 */
export function attributeNames(v: Value): string[] {
  const methods = methodsOf(v);
  if (methods !== undefined) return [...methods.keys()].sort();
  return typeof v === 'object' && v !== null ? [...v.attributeNames()].sort() : [];
}

/** What authors who think in Python reach for, and what the language has instead. */
const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ['string.encode', 'Use bytes(s) for the UTF-8 bytes of a string.'],
  ['string.zfill', 'Use "%05d" % n or "{:05d}".format(n).'],
  ['string.rjust', 'Use "{:>10}".format(s).'],
  ['string.ljust', 'Use "{:<10}".format(s).'],
  ['string.center', 'Use "{:^10}".format(s).'],
  ['bytes.decode', 'Use str(b) for the text of UTF-8 bytes.'],
  ['list.sort', 'Use xs = sorted(xs): a list has no method that sorts it.'],
  ['list.reverse', 'Use xs = reversed(xs), or xs[::-1].'],
  ['list.copy', 'Use list(xs).'],
  ['list.count', 'Use len([x for x in xs if x == value]).'],
  ['dict.copy', 'Use dict(d).'],
  ['dict.has_key', 'Use key in d.'],
  ['dict.iteritems', 'Use d.items().'],
  ['dict.fromkeys', 'Use {key: value for key in keys}.'],
  ['set.copy', 'Use set(s).'],
]);

export function missingAttribute(v: Value, name: string, prefix = ''): StarlarkError {
  const type = typeName(v);
  const notes = [`value: ${shortRepr(v)}`];
  const elsewhere = ELSEWHERE.get(`${type}.${name}`);
  if (elsewhere !== undefined) notes.push(elsewhere);
  const hint = elsewhere === undefined ? didYouMean(name, attributeNames(v), '.') : '';
  if (type === 'dict' && hint === '' && elsewhere === undefined) notes.push(`To read an entry, use d["${name}"].`);
  return new StarlarkError('ATTRIBUTE', `${prefix}${type} has no .${name} field or method${hint}`, notes);
}
