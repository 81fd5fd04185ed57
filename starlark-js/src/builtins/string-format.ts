import { StarlarkError } from '../errors.ts';
import { formatExtensions } from '../value/format-options.ts';
import { formatValue } from '../value/format-spec.ts';
import { display, repr } from '../value/repr.ts';
import { reserveString } from '../value/reserve.ts';
import { didYouMean } from '../value/spelling.ts';
import type { NamedArgument, Value } from '../value/value.ts';

/** One `{…}`. A number is a position, a string a keyword, null the next position. */
interface Replacement {
  readonly field: number | string | null;
  readonly conversion: 'r' | 's';
  /** Itself a template where it has fields of its own, such as `>{width}`. */
  readonly spec: string | Template;
}

interface Template extends ReadonlyArray<string | Replacement> {}

const CACHED = 256;
const cache: Map<string, Template> = new Map();

/** `S.format(*args, **kwargs)`. */
export function format(template: string, args: readonly Value[], named: readonly NamedArgument[] = []): string {
  let parts = cache.get(template);
  if (parts === undefined) {
    parts = parse(template);
    if (cache.size >= CACHED) cache.clear();
    if (template.length <= 1024) cache.set(template, parts);
  }
  const out = fill(parts, { args, named, next: 0, numbering: 'none' });
  reserveString(out.length);
  return out;
}

/** The arguments of one call, and how its fields name them so far. */
interface Arguments {
  readonly args: readonly Value[];
  readonly named: readonly NamedArgument[];
  next: number;
  numbering: 'none' | 'automatic' | 'manual';
}

function fill(template: Template, from: Arguments): string {
  let out = '';
  for (const part of template) out += typeof part === 'string' ? part : replacement(part, from);
  return out;
}

function replacement({ field, conversion, spec }: Replacement, from: Arguments): string {
  const value = typeof field === 'string' ? keyword(field, from.named) : positional(field, from);
  if (spec === '') return conversion === 'r' ? repr(value) : display(value);
  const text = typeof spec === 'string' ? spec : fill(spec, from);
  if (!formatExtensions())
    throw new StarlarkError('VALUE', `format: format spec features not supported in replacement fields: ${text}`);
  return formatValue(conversion === 'r' ? repr(value) : value, text);
}

function positional(field: number | null, from: Arguments): Value {
  const wanted = field === null ? 'automatic' : 'manual';
  if (from.numbering !== 'none' && from.numbering !== wanted) throw mixedNumbering(from.numbering);
  from.numbering = wanted;
  const at = field ?? from.next++;
  const value = from.args[at];
  if (value === undefined)
    throw new StarlarkError('INDEX', 'format: tuple index out of range', [
      `Replacement field ${at} has no argument: ${from.args.length} were given.`,
    ]);
  return value;
}

function keyword(name: string, named: readonly NamedArgument[]): Value {
  for (const [key, value] of named) if (key === name) return value;
  const hint = didYouMean(
    name,
    named.map(([key]) => key),
  );
  throw new StarlarkError('KEY', `format: keyword ${name} not found${hint}`);
}

function mixedNumbering(first: 'automatic' | 'manual'): StarlarkError {
  const [from, to] =
    first === 'automatic'
      ? ['automatic field numbering', 'manual field specification']
      : ['manual field specification', 'automatic field numbering'];
  return new StarlarkError('VALUE', `format: cannot switch from ${from} to ${to}`);
}

const BRACE = /[{}]/g;

function parse(template: string, isSpec = false): Template {
  const parts: (string | Replacement)[] = [];
  let literal = '';
  let at = 0;
  while (at < template.length) {
    BRACE.lastIndex = at;
    const brace = BRACE.exec(template);
    if (brace === null) break;
    literal += template.slice(at, brace.index);
    at = brace.index;
    const c = template[at]!;
    if (template[at + 1] === c) {
      literal += c;
      at += 2;
      continue;
    }
    if (c === '}') throw new StarlarkError('VALUE', "format: single '}' in format", ['Write }} for a brace.']);
    const close = closingBrace(template, at);
    if (close < 0) throw new StarlarkError('VALUE', "format: unmatched '{' in format", ['Write {{ for a brace.']);
    if (literal !== '') parts.push(literal);
    literal = '';
    parts.push(parseField(template.slice(at + 1, close), isSpec));
    at = close + 1;
  }
  literal += template.slice(at);
  if (literal !== '') parts.push(literal);
  return parts;
}

/** The brace that closes the one at `open`: a format spec may hold fields of its own. */
function closingBrace(template: string, open: number): number {
  let depth = 0;
  for (let i = open; i < template.length; i++) {
    if (template[i] === '{') depth++;
    else if (template[i] === '}' && --depth === 0) return i;
  }
  return -1;
}

function parseField(text: string, isInSpec: boolean): Replacement {
  const match = /^([^!:]*)(?:!([^:]*))?(?::(.*))?$/s.exec(text)!;
  const [, name = '', conversion = 's', spec = ''] = match;
  if (name.includes('{') || conversion.includes('{') || (spec.includes('{') && (isInSpec || !formatExtensions())))
    throw new StarlarkError('VALUE', `format: nested replacement fields are not supported: ${text}`, [
      'Format the inner value first, or write {{ for a brace.',
    ]);
  if (conversion !== 's' && conversion !== 'r')
    throw new StarlarkError('VALUE', `format: unknown conversion "${conversion}"`, ['Conversions are !r and !s.']);
  if (name.includes('.'))
    throw new StarlarkError('VALUE', `format: attribute syntax x.y is not supported in replacement fields: ${name}`);
  if (name.includes('['))
    throw new StarlarkError('VALUE', `format: element syntax a[i] is not supported in replacement fields: ${name}`);
  const field = name === '' ? null : /^0*\d{1,9}$/.test(name) ? Number(name) : name;
  return { field, conversion, spec: spec.includes('{') ? parse(spec, true) : spec };
}
