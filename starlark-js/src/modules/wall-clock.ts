import { StarlarkError } from '../errors.ts';
import type { Zone } from './zone.ts';

/** What a clock and a calendar on a wall show. Months and days count from 1, weekdays from Sunday = 0. */
export interface WallClock {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly weekday: number;
  readonly yearDay: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly nanosecond: number;
  /** Seconds east of UTC. */
  readonly offset: number;
  readonly abbreviation: string;
}

const NANOS_PER_MILLI = 1_000_000n;
const NANOS_PER_SECOND = 1_000_000_000n;
/** What a JavaScript Date can hold. */
const MOST_MILLISECONDS = 8.64e15;

export function wallClock(nanoseconds: bigint, zone: Zone): WallClock {
  const rest = ((nanoseconds % NANOS_PER_SECOND) + NANOS_PER_SECOND) % NANOS_PER_SECOND;
  const milliseconds = Number((nanoseconds - rest) / NANOS_PER_MILLI);
  if (Math.abs(milliseconds) > MOST_MILLISECONDS - 1e9)
    throw new StarlarkError('OVERFLOW', 'time out of range', ['Years go from -271821 to 275760.']);
  const offset = zone.offsetAt(milliseconds);
  const date = new Date(milliseconds + offset * 1000);
  const year = date.getUTCFullYear();
  const newYear = new Date(0).setUTCFullYear(year, 0, 1);
  return {
    year,
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    weekday: date.getUTCDay(),
    yearDay: Math.floor((date.getTime() - newYear) / 86_400_000) + 1,
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    nanosecond: Number(rest),
    offset,
    abbreviation: zone.abbreviationAt(milliseconds),
  };
}

/** Parts of a date that may exceed their usual range: month 13 is the next January. */
export interface DateParts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly nanosecond: number;
}

/** The moment at which clocks in the zone show these parts, in nanoseconds since 1970. */
export function momentOf(parts: DateParts, zone: Zone): bigint {
  const date = new Date(0);
  date.setUTCFullYear(parts.year, parts.month - 1, parts.day);
  date.setUTCHours(parts.hour, parts.minute, parts.second);
  const wall = date.getTime();
  if (Number.isNaN(wall) || Math.abs(wall) > MOST_MILLISECONDS - 1e9)
    throw new StarlarkError('OVERFLOW', 'time out of range', ['Years go from -271821 to 275760.']);
  // The offset is that of the moment sought, so a first guess is corrected once.
  const guess = wall - zone.offsetAt(wall) * 1000;
  const milliseconds = wall - zone.offsetAt(guess) * 1000;
  return BigInt(milliseconds) * NANOS_PER_MILLI + BigInt(parts.nanosecond);
}
