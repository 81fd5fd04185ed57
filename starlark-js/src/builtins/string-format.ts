import { StarlarkError } from '../errors.ts';
import { reserveString } from '../value/concatenate.ts';
import { formatExtensions } from '../value/format-options.ts';
import { formatValue } from '../value/format-spec.ts';
import { repr, str } from '../value/repr.ts';
import { didYouMean } from '../value/spelling.ts';
import type { NamedArgument, Value } from '../value/value.ts';

/** One `{…}`. A number is a position, a string a keyword, null the next position. */
interface Replacement {
  readonly field: number | string | null;
  readonly conversion: 'r' | 's';
  readonly spec: string;
}

type Template = readonly (string | Replacement)[];

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
  let out = '';
  let next = 0;
  let numbering: 'none' | 'automatic' | 'manual' = 'none';
  for (const part of parts) {
    if (typeof part === 'string') {
      out += part;
      continue;
    }
    const { field } = part;
    let value: Value | undefined;
    if (typeof field === 'string') value = keyword(field, named);
    else {
      const wanted = field === null ? 'automatic' : 'manual';
      if (numbering !== 'none' && numbering !== wanted) throw mixedNumbering(numbering);
      numbering = wanted;
      value = args[field ?? next++];
      if (value === undefined)
        throw new StarlarkError('INDEX', 'format: tuple index out of range', [
          `replacement field ${(field ?? next - 1) + 1} has no argument: ${args.length} were given`,
        ]);
    }
    out += replacement(part, value);
  }
  reserveString(out.length);
  return out;
}

function replacement({ conversion, spec }: Replacement, value: Value): string {
  if (spec === '') return conversion === 'r' ? repr(value) : str(value);
  if (!formatExtensions())
    throw new StarlarkError('VALUE', `format: format spec features not supported in replacement fields: ${spec}`);
  return formatValue(conversion === 'r' ? repr(value) : value, spec);
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

function parse(template: string): Template {
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
    const close = template.indexOf('}', at);
    if (close < 0) throw new StarlarkError('VALUE', "format: unmatched '{' in format", ['Write {{ for a brace.']);
    if (template.slice(at + 1, close).includes('{'))
      throw new StarlarkError('VALUE', 'format: nested replacement fields are not supported', [
        'Format the inner value first, or write {{ for a brace.',
      ]);
    if (literal !== '') parts.push(literal);
    literal = '';
    parts.push(parseField(template.slice(at + 1, close)));
    at = close + 1;
  }
  literal += template.slice(at);
  if (literal !== '') parts.push(literal);
  return parts;
}

function parseField(text: string): Replacement {
  const match = /^([^!:]*)(?:!([^:]*))?(?::(.*))?$/s.exec(text)!;
  const [, name = '', conversion = 's', spec = ''] = match;
  if (conversion !== 's' && conversion !== 'r')
    throw new StarlarkError('VALUE', `format: unknown conversion "${conversion}"`, ['Conversions are !r and !s.']);
  if (name.includes('.'))
    throw new StarlarkError('VALUE', `format: attribute syntax x.y is not supported in replacement fields: ${name}`);
  if (name.includes('['))
    throw new StarlarkError('VALUE', `format: element syntax a[i] is not supported in replacement fields: ${name}`);
  const field = name === '' ? null : /^\d{1,9}$/.test(name) ? Number(name) : name;
  return { field, conversion, spec };
}
