import { expectInt, expectString } from '../builtins/arguments.ts';
import { routine } from '../builtins/method-table.ts';
import { services } from '../builtins/services.ts';
import { StarlarkError } from '../errors.ts';
import { Builtin } from '../value/builtin.ts';
import { StarlarkModule } from '../value/module.ts';
import type { Value } from '../value/value.ts';
import { Duration, SECOND } from './duration.ts';
import { parseDuration } from './duration-text.ts';
import { parseLayout } from './layout.ts';
import { Moment } from './moment.ts';
import { momentOf } from './wall-clock.ts';
import { findZone, isZone, utc } from './zone.ts';

const RFC3339 = '2006-01-02T15:04:05Z07:00';

function now(): Moment {
  return new Moment(services().now(), utc);
}

function fromTimestamp(seconds: Value, nanoseconds: Value = 0): Moment {
  const whole = BigInt(expectInt('from_timestamp', 1, seconds));
  return new Moment(whole * SECOND + BigInt(expectInt('from_timestamp', 2, nanoseconds)), utc);
}

function parseTime(text: Value, format: Value = RFC3339, location: Value = 'UTC'): Moment {
  const zone = findZone(expectString('parse_time', 'location', location));
  const { nanoseconds, zone: told } = parseLayout(
    expectString('parse_time', 'x', text),
    expectString('parse_time', 'format', format),
    zone,
  );
  return new Moment(nanoseconds, told);
}

function parseDurationValue(text: Value): Duration {
  return text instanceof Duration ? text : new Duration(parseDuration(expectString('parse_duration', 1, text)));
}

/** Most parts that may be given, far beyond any date that can be told. */
const MOST_PART = 1e12;

function time(positional: readonly Value[], ...parts: Value[]): Moment {
  if (positional.length > 0)
    throw new StarlarkError('ARGUMENTS', 'time: unexpected positional arguments', [
      'Name every part: time.time(year = 2024, month = 1, day = 31).',
    ]);
  const names = ['year', 'month', 'day', 'hour', 'minute', 'second', 'nanosecond'];
  const [year, month, day, hour, minute, second, nanosecond] = names.map((name, i) => {
    const part = expectInt('time', name, parts[i] ?? 0);
    if (Math.abs(part) > MOST_PART) throw new StarlarkError('OVERFLOW', `time: ${name} ${part} out of range`);
    return part;
  }) as [number, number, number, number, number, number, number];
  const zone = findZone(expectString('time', 'location', parts[7] ?? 'UTC'));
  return new Moment(momentOf({ year, month, day, hour, minute, second, nanosecond }, zone), zone);
}

function isValidTimezone(name: Value): boolean {
  return isZone(expectString('is_valid_timezone', 1, name));
}

const routines = [
  routine('now() -> time.time', 0, 0, now, 'The current time.'),
  routine(
    'from_timestamp(sec: int, nsec: int = 0, /) -> time.time',
    1,
    2,
    fromTimestamp,
    'The time so many seconds and nanoseconds after 1970-01-01 UTC.',
  ),
  routine('is_valid_timezone(loc: str, /) -> bool', 1, 1, isValidTimezone, 'Whether there is such a time zone.'),
  routine('parse_duration(d: str, /) -> time.duration', 1, 1, parseDurationValue, 'A duration such as "1h30m".'),
  routine(
    `parse_time(x: str, format: str = "${RFC3339}", location: str = "UTC") -> time.time`,
    1,
    3,
    parseTime,
    'The time that a text tells in a layout of Go.',
  ),
  routine(
    'time(*args, year: int = 0, month: int = 0, day: int = 0, hour: int = 0, minute: int = 0, second: int = 0, nanosecond: int = 0, location: str = "UTC") -> time.time',
    0,
    -1,
    time,
    'The time at which clocks in the location show these parts.',
  ),
];

const units: readonly (readonly [string, bigint])[] = [
  ['nanosecond', 1n],
  ['microsecond', 1000n],
  ['millisecond', 1_000_000n],
  ['second', SECOND],
  ['minute', 60n * SECOND],
  ['hour', 3600n * SECOND],
];

export const timeModule: StarlarkModule = new StarlarkModule(
  'time',
  new Map<string, Value>([
    ...routines.map((each) => [each.name, new Builtin(each)] as const),
    ...units.map(([name, nanoseconds]) => [name, new Duration(nanoseconds)] as const),
  ]),
);
