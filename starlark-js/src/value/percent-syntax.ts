import { StarlarkError } from '../errors.ts';
import { type FormatSpec, plainSpec } from './format-spec.ts';

/** One `%…` of a format string. `spec` is null when only the conversion was written. */
export interface Conversion {
  readonly key: string | null;
  readonly spec: FormatSpec | null;
  readonly conversion: string;
}

const CACHED = 256;
const cache: Map<string, readonly (string | Conversion)[]> = new Map();

/** The literal parts and conversions of a format string, remembered because programs use the same ones again. */
export function parsePercent(format: string, extended: boolean): readonly (string | Conversion)[] {
  const known = cache.get(format);
  if (known !== undefined && (extended || known.every(isPlain))) return known;
  const parts = parse(format, extended);
  if (format.length <= 1024) {
    if (cache.size >= CACHED) cache.clear();
    cache.set(format, parts);
  }
  return parts;
}

function isPlain(part: string | Conversion): boolean {
  return typeof part === 'string' || part.spec === null;
}

const FLAGS = /[-+ 0#]*/y;
const DIGITS = /\d*/y;

function parse(format: string, extended: boolean): (string | Conversion)[] {
  const parts: (string | Conversion)[] = [];
  let literal = '';
  let at = 0;
  for (;;) {
    const percent = format.indexOf('%', at);
    literal += format.slice(at, percent < 0 ? undefined : percent);
    if (percent < 0) break;
    at = percent + 1;
    if (format[at] === '%') {
      literal += '%';
      at++;
      continue;
    }
    let key: string | null = null;
    if (format[at] === '(') {
      const close = format.indexOf(')', at);
      if (close < 0) throw new StarlarkError('VALUE', 'incomplete format key');
      key = format.slice(at + 1, close);
      at = close + 1;
    }
    let spec: FormatSpec | null = null;
    if (extended) [spec, at] = parseSpec(format, at);
    const conversion = format[at];
    if (conversion === undefined) throw new StarlarkError('VALUE', 'incomplete format');
    if (!'srcdiuoxXeEfFgG'.includes(conversion))
      throw new StarlarkError('VALUE', `unknown conversion %${conversion}`, [
        'Conversions are %s %r %d %x %X %o %e %f %g %c; write %% for a percent sign.',
      ]);
    at++;
    if (literal !== '') parts.push(literal);
    literal = '';
    parts.push({ key, spec, conversion });
  }
  if (literal !== '') parts.push(literal);
  return parts;
}

/** Flags, width and precision as C's printf has them. */
function parseSpec(format: string, start: number): [spec: FormatSpec | null, end: number] {
  const flags = take(FLAGS, format, start);
  const width = take(DIGITS, format, start + flags.length);
  let at = start + flags.length + width.length;
  let precision: number | null = null;
  if (format[at] === '.') {
    const digits = take(DIGITS, format, at + 1);
    precision = Number(digits);
    at += 1 + digits.length;
  }
  if (at === start) return [null, at];
  const isLeft = flags.includes('-');
  const spec: FormatSpec = {
    ...plainSpec,
    align: isLeft ? '<' : flags.includes('0') ? '=' : null,
    fill: flags.includes('0') && !isLeft ? '0' : ' ',
    sign: flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '-',
    alternate: flags.includes('#'),
    width: Number(width),
    precision,
  };
  return [spec, at];
}

function take(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? '';
}
