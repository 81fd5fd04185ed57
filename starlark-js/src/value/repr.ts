import { tick } from '../meter.ts';
import { formatFloat } from './float-text.ts';
import { countIntegerWork } from './integer.ts';
import { quoteString } from './quote.ts';
import { ReprWriter } from './repr-writer.ts';
import { toUnicode } from './string-unit.ts';
import { typeName } from './type-name.ts';
import type { Value } from './value.ts';

/**
 * What `repr(v)` gives.
 *
 * @example
 * repr('a'); // '"a"'
 */
export function repr(v: Value): string {
  if (typeof v !== 'object' || v === null) return scalarRepr(v);
  const out = new ReprWriter();
  v.writeRepr(out);
  return out.result;
}

/**
 * What `str(v)` gives: the text of strings and bytes, `repr` of any other value.
 *
 * @example
 * str('a'); // 'a'
 */
export function str(v: Value): string {
  if (typeof v === 'string') return v;
  return (typeof v === 'object' ? v?.plainText() : undefined) ?? repr(v);
}

/** What `%s` and `{}` give: the text of a string, `repr` of any other value. */
export function display(v: Value): string {
  return typeof v === 'string' ? v : repr(v);
}

export function writeValue(v: Value, out: ReprWriter): void {
  if (typeof v === 'object' && v !== null) v.writeRepr(out);
  else if (typeof v === 'string') {
    if (v.length > 1024) tick(v.length >> 4);
    out.string(v);
  } else out.text(scalarRepr(v));
}

function scalarRepr(v: null | boolean | number | bigint | string): string {
  switch (typeof v) {
    case 'string':
      if (v.length > 1024) tick(v.length >> 4);
      return quoteString(v);
    case 'number':
      return v === Math.trunc(v) ? `${v}` : formatFloat(v);
    case 'boolean':
      return v ? 'True' : 'False';
    case 'bigint':
      countIntegerWork(v);
      return v.toString();
    default:
      return 'None';
  }
}

const SHORT = 60;

/** A value in the note of an error: cut to one short line, and never an error of its own. */
export function shortRepr(v: Value): string {
  if (typeof v === 'bigint' && (v > 10n ** 60n || v < -(10n ** 60n))) return 'an int of more than 60 digits';
  const size = typeof v === 'object' && v !== null ? v.length() : undefined;
  if (size !== undefined && size > SHORT) return `a ${typeName(v)} of ${size} elements`;
  const out = new ReprWriter(SHORT);
  try {
    writeValue(v, out);
  } catch {
    // A value too long or too deep to print is told by its beginning.
  }
  const text = toUnicode(out.beginning);
  return text.length > SHORT ? `${text.slice(0, SHORT)}…` : text;
}
