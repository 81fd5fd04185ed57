interface Field {
  readonly name: string;
  readonly low: number;
  readonly high: number;
  readonly words: readonly string[];
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const fields: readonly Field[] = [
  { name: 'minute', low: 0, high: 59, words: [] },
  { name: 'hour', low: 0, high: 23, words: [] },
  { name: 'day of month', low: 1, high: 31, words: [] },
  { name: 'month', low: 1, high: 12, words: months },
  { name: 'day of week', low: 0, high: 7, words: days },
];
const shorthands: ReadonlySet<string> = new Set([
  '@hourly',
  '@daily',
  '@weekly',
  '@monthly',
  '@yearly',
  '@annually',
  '@midnight',
]);

/** What is wrong with a cron expression, in one sentence; null when nothing is. */
export function cronProblem(text: string): string | null {
  if (shorthands.has(text)) return null;
  const parts = text.trim().split(/\s+/);
  if (parts.length !== fields.length)
    return `a cron expression has five fields (minute, hour, day of month, month, day of week), not ${text.trim() === '' ? 0 : parts.length}: ${JSON.stringify(text)}`;
  for (const [index, field] of fields.entries()) {
    const part = parts[index]!;
    if (!part.split(',').every((item) => isItem(item, field)))
      return `the field "${field.name}" of a cron expression takes ${field.low} to ${field.high}, *, lists, ranges and steps such as */5, not ${JSON.stringify(part)}`;
  }
  return null;
}

function isItem(item: string, field: Field): boolean {
  const [range = '', step, ...rest] = item.split('/');
  if (rest.length > 0 || (step !== undefined && !/^[1-9]\d{0,2}$/.test(step))) return false;
  if (range === '*' || (range === '?' && step === undefined)) return true;
  if (field.name === 'day of month' && range.toUpperCase() === 'L') return step === undefined;
  const ends = range.split('-').map((end) => numberOf(end, field));
  if (ends.length > 2 || ends.some((end) => end === null)) return false;
  return ends.length === 1 || ends[0]! <= ends[1]! || field.words === days;
}

function numberOf(text: string, { low, high, words }: Field): number | null {
  const word = words.indexOf(text.toLowerCase());
  if (word >= 0) return word + low;
  if (!/^\d{1,2}$/.test(text)) return null;
  const number = Number(text);
  return number >= low && number <= high ? number : null;
}
