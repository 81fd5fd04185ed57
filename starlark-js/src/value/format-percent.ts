import { StarlarkError } from '../errors.ts';
import { StarlarkDict } from './dict.ts';
import { floatValue, isFloat, isInt, isNumeric } from './float.ts';
import { formatExponent, formatFixed, formatFloat } from './float-text.ts';
import { formatExtensions } from './format-options.ts';
import { type FormatSpec, formatNumber, pad } from './format-spec.ts';
import { countIntegerWork } from './integer.ts';
import { type Conversion, parsePercent } from './percent-syntax.ts';
import { display, repr, shortRepr } from './repr.ts';
import { reserveString } from './reserve.ts';
import { fromUnicode, toUnicode } from './string-unit.ts';
import { truncateToInt } from './to-int.ts';
import { StarlarkTuple } from './tuple.ts';
import { typeName } from './type-name.ts';
import type { Value } from './value.ts';

/** `format % operand`. */
export function formatPercent(format: string, operand: Value): string {
  const parts = parsePercent(format, formatExtensions());
  const args = operand instanceof StarlarkTuple ? operand.items : null;
  const count = args === null ? 1 : args.length;
  let next = 0;
  let out = '';
  for (const part of parts) {
    if (typeof part === 'string') {
      out += part;
      continue;
    }
    let value: Value;
    if (part.key !== null) {
      value = lookUp(part.key, operand);
      next++;
    } else {
      if (next >= count)
        throw new StarlarkError('VALUE', 'not enough arguments for format string', [`format: ${shortRepr(format)}`]);
      value = args === null ? operand : args[next]!;
      next++;
    }
    out += part.conversion === 's' && part.spec === null ? display(value) : convert(part, value);
  }
  if (next < count && !(operand instanceof StarlarkDict))
    throw new StarlarkError('VALUE', 'too many arguments for format string', [`format: ${shortRepr(format)}`]);
  reserveString(out.length);
  return out;
}

function lookUp(key: string, operand: Value): Value {
  if (!(operand instanceof StarlarkDict)) throw new StarlarkError('TYPE', 'format requires a mapping');
  const value = operand.get(key);
  if (value === undefined) throw new StarlarkError('KEY', `key not found: ${key}`);
  return value;
}

function convert({ conversion, spec }: Conversion, value: Value): string {
  switch (conversion) {
    case 's':
    case 'r':
    case 'c': {
      let text = conversion === 's' ? display(value) : conversion === 'r' ? repr(value) : character(value);
      if (spec === null) return text;
      if (spec.precision !== null && conversion !== 'c') text = text.slice(0, spec.precision);
      return pad(text, spec, '>');
    }
    case 'd':
    case 'i':
    case 'u':
      return integer(value, spec, 'd', conversion);
    case 'o':
    case 'x':
    case 'X':
      return integer(value, spec, conversion, conversion);
    default:
      return float(value, spec, conversion);
  }
}

function integer(value: Value, spec: FormatSpec | null, type: string, conversion: string): string {
  if (!isNumeric(value))
    throw new StarlarkError(
      'TYPE',
      `%${conversion} format requires integer: cannot convert ${typeName(value)} to int`,
      [`value: ${shortRepr(value)}`],
    );
  const int = isInt(value) ? value : truncateToInt(floatValue(value), `%${conversion} format requires integer`);
  if (spec !== null) return formatNumber(int, { ...spec, type });
  countIntegerWork(int);
  if (type === 'd') return `${int}`;
  const digits = int.toString(type === 'o' ? 8 : 16);
  return type === 'X' ? digits.toUpperCase() : digits;
}

function float(value: Value, spec: FormatSpec | null, type: string): string {
  if (!isFloat(value) && !isInt(value))
    throw new StarlarkError('TYPE', `%${type} format requires float, not ${typeName(value)}`, [
      `value: ${shortRepr(value)}`,
    ]);
  const x = floatValue(value);
  if (spec !== null) return formatNumber(value, { ...spec, type });
  switch (type) {
    case 'e':
      return formatExponent(x, 6);
    case 'E':
      return upperCase(formatExponent(x, 6));
    case 'g':
      return formatFloat(x);
    case 'G':
      return upperCase(formatFloat(x));
    default:
      return formatFixed(x, 6);
  }
}

/** `inf` and `nan` are words, not digits: they stay as they are. */
function upperCase(text: string): string {
  return /^[-+]?[in]/.test(text) ? text : text.toUpperCase();
}

function character(value: Value): string {
  if (typeof value === 'string') {
    const text = value.length > 4 ? value : toUnicode(value);
    const point = text.codePointAt(0);
    if (point === undefined || text.length > (point > 0xffff ? 2 : 1))
      throw new StarlarkError('VALUE', '%c format requires a single-character string', [`value: ${shortRepr(value)}`]);
    return value;
  }
  if (!isInt(value))
    throw new StarlarkError('TYPE', `%c format requires int or single-character string, not ${typeName(value)}`);
  if (value < 0 || value > 0x10ffff)
    throw new StarlarkError('VALUE', `%c format requires a valid Unicode code point, got ${value}`);
  return value >= 0xd800 && value <= 0xdfff ? fromUnicode('\ufffd') : fromUnicode(String.fromCodePoint(Number(value)));
}
