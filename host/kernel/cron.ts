import { ClayError } from '@clay/sdk';

/** A five-field cron expression: which minutes, hours, days, months and weekdays it names. */
export interface Cron {
  readonly text: string;
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly days: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  readonly weekdays: ReadonlySet<number>;
  /** Both days and weekdays are restricted: then either is enough (POSIX crontab). */
  readonly isEitherDay: boolean;
}

const monthNames = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const dayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const shorthands: Readonly<Record<string, string>> = {
  '@hourly': '0 * * * *',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@weekly': '0 0 * * 0',
  '@monthly': '0 0 1 * *',
  '@yearly': '0 0 1 1 *',
};

/**
 * Reads a cron expression: `minute hour day month weekday`, with `*`, lists, ranges, steps and names.
 *
 * @throws ClayError `BAD_ARGUMENTS`, naming the field
 */
export function parseCron(text: string): Cron {
  const fields = (shorthands[text.trim().toLowerCase()] ?? text).trim().split(/\s+/);
  if (fields.length !== 5) {
    throw new ClayError(
      'BAD_ARGUMENTS',
      `The cron expression ${JSON.stringify(text)} has ${fields.length} fields; it needs five: minute hour day month weekday.`,
    );
  }
  const [minute, hour, day, month, weekday] = fields as [string, string, string, string, string];
  const weekdays = parseField(text, 'weekday', weekday, 0, 7, dayNames, 0);
  return {
    text,
    minutes: parseField(text, 'minute', minute, 0, 59),
    hours: parseField(text, 'hour', hour, 0, 23),
    days: parseField(text, 'day', day, 1, 31),
    months: parseField(text, 'month', month, 1, 12, monthNames, 1),
    weekdays: new Set([...weekdays].map((one) => one % 7)),
    isEitherDay: !day.startsWith('*') && !weekday.startsWith('*'),
  };
}

/**
 * The next minute that fits, strictly after `after` (milliseconds since the epoch), in the process's time zone; null
 * when none comes within five years (31 February). A minute that the clock skips for summer time does not come.
 */
export function nextRun(cron: Cron, after: number): number | null {
  const date = new Date(after);
  date.setSeconds(0, 0);
  date.setMinutes(date.getMinutes() + 1);
  const end = after + 5 * 366 * 86_400_000;
  while (date.getTime() <= end) {
    if (!cron.months.has(date.getMonth() + 1)) {
      date.setMonth(date.getMonth() + 1, 1);
      date.setHours(0, 0, 0, 0);
    } else if (!fitsDay(cron, date)) {
      date.setDate(date.getDate() + 1);
      date.setHours(0, 0, 0, 0);
    } else if (!cron.hours.has(date.getHours())) {
      // By elapsed time, since setting the wall clock could stand still in the hour that repeats in autumn.
      date.setTime(date.getTime() + (60 - date.getMinutes()) * 60_000);
    } else if (!cron.minutes.has(date.getMinutes())) {
      date.setTime(date.getTime() + 60_000);
    } else {
      return date.getTime();
    }
  }
  return null;
}

function fitsDay(cron: Cron, date: Date): boolean {
  const day = cron.days.has(date.getDate());
  const weekday = cron.weekdays.has(date.getDay());
  return cron.isEitherDay ? day || weekday : day && weekday;
}

function parseField(
  text: string,
  field: string,
  source: string,
  min: number,
  max: number,
  names: readonly string[] = [],
  firstName = 0,
): ReadonlySet<number> {
  const wrong = (part: string) =>
    new ClayError(
      'BAD_ARGUMENTS',
      `The ${field} ${JSON.stringify(part)} of the cron expression ${JSON.stringify(text)} must be a number from ${min} to ${max}, a range, a list, or *.`,
    );
  const parse = (part: string): number => {
    const named = names.indexOf(part.toLowerCase());
    const value = named >= 0 ? named + firstName : /^\d+$/.test(part) ? Number(part) : Number.NaN;
    if (!(value >= min && value <= max)) throw wrong(part);
    return value;
  };
  const values = new Set<number>();
  for (const part of source.split(',')) {
    const [range = '', stepText] = part.split('/');
    const step = stepText === undefined ? 1 : Number(stepText);
    if (!Number.isInteger(step) || step < 1) throw wrong(part);
    const [from, to] = range === '*' ? [String(min), String(max)] : range.split('-');
    const first = parse(from ?? '');
    const last = to !== undefined ? parse(to) : stepText === undefined ? first : max;
    if (last < first) throw wrong(part);
    for (let value = first; value <= last; value += step) values.add(value);
  }
  return values;
}
