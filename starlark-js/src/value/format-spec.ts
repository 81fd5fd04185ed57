import { StarlarkError } from '../errors.ts';
import { floatValue, isFloat, isInt, type StarlarkFloat } from './float.ts';
import { formatExponent, formatFixed, formatFloat, formatGeneral } from './float-text.ts';
import { countIntegerWork } from './integer.ts';
import { display, shortRepr } from './repr.ts';
import { reserveString } from './reserve.ts';
import { truncateToInt } from './to-int.ts';
import { typeName } from './type-name.ts';
import type { Value } from './value.ts';

/** Python's format specification: `[[fill]align][sign][#][0][width][grouping][.precision][type]`. */
export interface FormatSpec {
  readonly fill: string;
  /** Left, right, centred, or after the sign; null means what suits the value. */
  readonly align: '<' | '>' | '^' | '=' | null;
  readonly sign: '+' | '-' | ' ';
  readonly alternate: boolean;
  readonly width: number;
  readonly grouping: ',' | '_' | null;
  readonly precision: number | null;
  /** One letter, or empty for the natural text of the value. */
  readonly type: string;
}

export const plainSpec: FormatSpec = {
  fill: ' ',
  align: null,
  sign: '-',
  alternate: false,
  width: 0,
  grouping: null,
  precision: null,
  type: '',
};

const SPEC = /^(?:(.)?([<>=^]))?([-+ ])?(#)?(0)?(\d{0,9})([,_])?(?:\.(\d{1,9}))?([bcdeEfFgGnosxX%])?$/su;

const INTEGER_TYPES = 'bdnoxX';
const CACHED = 256;
const cache: Map<string, FormatSpec> = new Map();

export function parseFormatSpec(text: string): FormatSpec {
  const known = cache.get(text);
  if (known !== undefined) return known;
  const match = SPEC.exec(text);
  if (match === null)
    throw new StarlarkError('VALUE', `invalid format spec "${text}"`, [
      'A format spec is [[fill]align][sign][#][0][width][,][.precision][type], such as ">10", "08.3f" or ",d".',
    ]);
  const [, fill, align, sign, alternate, zero, width, grouping, precision, type] = match;
  const spec: FormatSpec = {
    fill: fill ?? (zero !== undefined ? '0' : ' '),
    align: (align as FormatSpec['align']) ?? (zero !== undefined ? '=' : null),
    sign: (sign as FormatSpec['sign']) ?? '-',
    alternate: alternate !== undefined,
    width: Number(width),
    grouping: (grouping as FormatSpec['grouping']) ?? null,
    precision: precision === undefined ? null : Number(precision),
    type: type ?? '',
  };
  if (cache.size >= CACHED) cache.clear();
  cache.set(text, spec);
  return spec;
}

/** What `{v:spec}` gives in an f-string and in `format`. */
export function formatValue(v: Value, text: string): string {
  if (text === '') return display(v);
  const spec = parseFormatSpec(text);
  if (spec.precision !== null && (spec.type === '' ? isInt(v) : INTEGER_TYPES.includes(spec.type)))
    throw new StarlarkError('VALUE', `precision not allowed in integer format spec "${text}"`, [
      'For digits after the point, use type "f", such as ".2f".',
    ]);
  if (isInt(v) || isFloat(v)) return formatNumber(v, spec);
  if (typeof v === 'boolean' && spec.type !== '' && spec.type !== 's') return formatNumber(v ? 1 : 0, spec);
  if (spec.type !== '' && spec.type !== 's')
    throw new StarlarkError('TYPE', `format spec type "${spec.type}" requires a number, not ${typeName(v)}`, [
      `value: ${shortRepr(v)}`,
    ]);
  const body = display(v);
  return pad(spec.precision === null ? body : body.slice(0, spec.precision), spec, '<');
}

/** An int or float by a specification. Missing alignment means to the right. */
export function formatNumber(v: number | bigint | StarlarkFloat, spec: FormatSpec): string {
  const { type } = spec;
  if (type === 's')
    throw new StarlarkError('TYPE', `format spec type "s" requires a string, not ${typeName(v)}`, [
      'Convert it with display(x).',
    ]);
  if (type === 'c') return pad(String.fromCodePoint(codePoint(v)), spec, '<');
  if ((isInt(v) && type === '') || INTEGER_TYPES.includes(type)) {
    if (type !== '') return formatInteger(isInt(v) ? v : truncateToInt(floatValue(v), `format "${type}"`), spec);
    if (spec.precision === null && isInt(v)) return formatInteger(v, spec);
  }
  return formatFloating(floatValue(v), spec);
}

function codePoint(v: number | bigint | StarlarkFloat): number {
  if (isInt(v) && v >= 0 && v <= 0x10ffff) return Number(v);
  throw new StarlarkError('VALUE', `format spec type "c" requires a Unicode code point, got ${display(v)}`);
}

const RADIX: ReadonlyMap<string, number> = new Map([
  ['b', 2],
  ['o', 8],
  ['x', 16],
  ['X', 16],
]);

function formatInteger(v: number | bigint, spec: FormatSpec): string {
  const radix = RADIX.get(spec.type) ?? 10;
  const isNegative = v < 0;
  countIntegerWork(v);
  let digits = (isNegative ? -v : v).toString(radix);
  if (spec.type === 'X') digits = digits.toUpperCase();
  if (spec.precision !== null) {
    reserveString(spec.precision);
    digits = digits.padStart(spec.precision, '0');
  }
  const prefix = spec.alternate && radix !== 10 ? `0${spec.type}` : '';
  return assemble(isNegative, prefix, digits, '', spec, radix === 10 ? 3 : 4);
}

function formatFloating(x: number, spec: FormatSpec): string {
  const isNegative = x < 0 || Object.is(x, -0);
  let text = floatBody(Math.abs(x), spec);
  if (spec.type !== '' && 'EFG'.includes(spec.type)) text = text.toUpperCase();
  const match = /^(\d+)(.*)$/s.exec(text);
  return assemble(isNegative, '', match?.[1] ?? text.replace('+', ''), match?.[2] ?? '', spec, match === null ? 0 : 3);
}

function floatBody(magnitude: number, { type, precision }: FormatSpec): string {
  switch (type) {
    case 'e':
    case 'E':
      return formatExponent(magnitude, checkPrecision(precision ?? 6));
    case 'f':
    case 'F':
      return formatFixed(magnitude, checkPrecision(precision ?? 6));
    case '%':
      return `${formatFixed(magnitude * 100, checkPrecision(precision ?? 6))}%`;
    case 'g':
    case 'G':
      return precision === null ? formatFloat(magnitude) : formatGeneral(magnitude, checkPrecision(precision));
    default: {
      if (precision === null) return formatFloat(magnitude);
      const body = formatGeneral(magnitude, checkPrecision(precision));
      return /^\d+$/.test(body) ? `${body}.0` : body;
    }
  }
}

function checkPrecision(precision: number): number {
  if (precision > 100)
    throw new StarlarkError('VALUE', `format precision ${precision} too large`, ['The most is 100 digits.']);
  return precision;
}

/** Joins sign, prefix, grouped digits and tail, and pads them. `group` is 0 for text without digits. */
function assemble(
  isNegative: boolean,
  prefix: string,
  digits: string,
  tail: string,
  spec: FormatSpec,
  group: number,
): string {
  const sign = isNegative ? '-' : spec.sign === '-' ? '' : spec.sign;
  const head = sign + prefix;
  const separator = group === 0 ? null : spec.grouping;
  let body = separator === null ? digits : groupDigits(digits, separator, group);
  if (spec.align === '=') {
    const room = spec.width - head.length - tail.length;
    if (room > body.length) {
      reserveString(room);
      if (separator === null || spec.fill !== '0') body = body.padStart(room, spec.fill);
      // Zeros that fill the width are grouped like digits, and never begin with a separator.
      else body = groupDigits(digits.padStart(room, '0'), separator, group).slice(-room).replace(/^[,_]/, '0$&');
    }
    return head + body + tail;
  }
  return pad(head + body + tail, spec, '>');
}

function groupDigits(digits: string, separator: string, size: number): string {
  const groups: string[] = [];
  for (let end = digits.length; end > 0; end -= size) groups.push(digits.slice(Math.max(0, end - size), end));
  return groups.reverse().join(separator);
}

/** Fills `text` up to the width of the specification. */
export function pad(text: string, spec: FormatSpec, natural: '<' | '>'): string {
  const missing = spec.width - text.length;
  if (missing <= 0) return text;
  reserveString(spec.width);
  const align = spec.align ?? natural;
  if (align === '<') return text + spec.fill.repeat(missing);
  if (align === '^') return spec.fill.repeat(missing >> 1) + text + spec.fill.repeat(missing - (missing >> 1));
  return spec.fill.repeat(missing) + text;
}
