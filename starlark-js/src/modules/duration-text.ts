import { StarlarkError } from '../errors.ts';
import { quoteString } from '../value/quote.ts';

const UNITS: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1000n],
  ['µs', 1000n],
  ['μs', 1000n],
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['m', 60_000_000_000n],
  ['h', 3_600_000_000_000n],
]);

/** Go's form: `1h30m0s`, `1.5s`, `100ms`, `0s`. */
export function formatDuration(nanoseconds: bigint): string {
  if (nanoseconds === 0n) return '0s';
  const sign = nanoseconds < 0n ? '-' : '';
  const size = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  if (size < 1000n) return `${sign}${size}ns`;
  if (size < 1_000_000n) return `${sign}${decimal(size, 3)}µs`;
  if (size < 1_000_000_000n) return `${sign}${decimal(size, 6)}ms`;
  const seconds = `${decimal(size % 60_000_000_000n, 9)}s`;
  const minutes = size / 60_000_000_000n;
  if (minutes === 0n) return sign + seconds;
  const hours = minutes / 60n;
  return `${sign}${hours > 0n ? `${hours}h` : ''}${minutes % 60n}m${seconds}`;
}

/** `value` / 10**digits without trailing zeros. */
function decimal(value: bigint, digits: number): string {
  const text = value.toString().padStart(digits + 1, '0');
  const fraction = text.slice(-digits).replace(/0+$/, '');
  return text.slice(0, -digits) + (fraction === '' ? '' : `.${fraction}`);
}

const PART = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/y;

/** Nanoseconds of a text such as `-1h30m` or `1.5s`. */
export function parseDuration(text: string): bigint {
  const invalid = (): StarlarkError =>
    new StarlarkError('VALUE', `parse_duration: for parameter 1: time: invalid duration ${quoteString(text)}`, [
      'A duration is numbers with units h, m, s, ms, us or ns, such as "1h30m" or "1.5s".',
    ]);
  if (text === '0' || text === '+0' || text === '-0') return 0n;
  const start = /^[-+]/.test(text) ? 1 : 0;
  if (text.length === start || text.length > 100) throw invalid();
  let total = 0n;
  PART.lastIndex = start;
  while (PART.lastIndex < text.length) {
    const match = PART.exec(text);
    if (match === null) throw invalid();
    const unit = UNITS.get(match[2]!)!;
    const [whole = '', fraction = ''] = match[1]!.split('.');
    total += BigInt(whole === '' ? 0 : whole) * unit;
    if (fraction !== '') total += (BigInt(fraction) * unit) / 10n ** BigInt(fraction.length);
  }
  return text.startsWith('-') ? -total : total;
}
