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

/**
 * `v.name`. Throws a `StarlarkError` of code `ATTRIBUTE` that proposes another name, or lists them.
 *
 * @example
 * repr(getAttribute('', 'upper')); // '<built-in method upper of string value>'
 */
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
  ['time.time.strftime', 'Use t.format("2006-01-02 15:04:05"): the layout shows how that time is written, as in Go.'],
  ['time.time.isoformat', 'Use t.format("2006-01-02T15:04:05Z07:00").'],
  ['time.time.timestamp', 'Use t.unix.'],
  ['time.time.date', 'Use t.format("2006-01-02").'],
  ['time.time.weekday', 'Use t.format("Monday").'],
  ['time.duration.total_seconds', 'Use d.seconds.'],
]);

/** Names of things that hosts name in other ways; one is proposed only where the value has it. */
const SYNONYMS: ReadonlyMap<string, readonly string[]> = new Map([
  ['equal', ['eq', 'equals']],
  ['equals', ['eq', 'equal']],
  ['assert_equal', ['eq', 'equal']],
  ['assertEqual', ['eq', 'equal']],
  ['assert_eq', ['eq', 'equal']],
  ['assert_true', ['true']],
  ['raises', ['fails']],
  ['assert_fails', ['fails']],
  ['status_code', ['status']],
  ['code', ['status']],
  ['content', ['text', 'body']],
  ['raise_for_status', ['ok']],
  ['loads', ['decode']],
  ['parse', ['decode', 'parse_time']],
  ['dumps', ['encode']],
  ['stringify', ['encode']],
  ['save', ['write', 'set', 'store']],
  ['put', ['set', 'write']],
  ['load', ['read', 'get']],
  ['remember', ['store']],
  ['complete', ['ask']],
  ['chat', ['ask']],
  ['notify', ['send']],
]);

const MOST_LISTED = 40;

export function missingAttribute(v: Value, name: string, prefix = ''): StarlarkError {
  const type = typeName(v);
  const names = attributeNames(v);
  // What a struct of functions shows is of no use here; its names are.
  const notes =
    type === 'struct' && names.length > 0 && names.length <= MOST_LISTED
      ? [`It has ${names.map((each) => `.${each}`).join(', ')}.`]
      : [`value: ${shortRepr(v)}`];
  const elsewhere = ELSEWHERE.get(`${type}.${name}`);
  if (elsewhere !== undefined) notes.push(elsewhere);
  const synonym = SYNONYMS.get(name)?.find((each) => names.includes(each));
  const isKey = v instanceof StarlarkDict && v.get(name) !== undefined;
  const near = isKey
    ? ` (did you mean ["${name}"]?)`
    : synonym === undefined
      ? didYouMean(name, names, '.')
      : ` (did you mean .${synonym}?)`;
  const hint = elsewhere === undefined ? near : '';
  if (type === 'dict' && !isKey && hint === '' && elsewhere === undefined)
    notes.push(`To read an entry, use d["${name}"].`);
  return new StarlarkError('ATTRIBUTE', `${prefix}${type} has no .${name} field or method${hint}`, notes);
}
