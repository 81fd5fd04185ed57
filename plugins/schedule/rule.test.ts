import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDuration } from './duration.ts';
import { formatInstant, formatRule, nextDue, parseRule, type RuleRequest } from './rule.ts';

const minute = 60_000;
const hour = 60 * minute;
const utc = (text: string) => Date.parse(`${text}Z`);
const now = utc('2026-03-10T12:00');

const parse = (fields: Partial<RuleRequest>) =>
  parseRule({ zone: 'Europe/Berlin', now, minIntervalMs: 5 * minute, ...fields });
const refused = (fields: Partial<RuleRequest>, pattern: RegExp) =>
  assert.throws(() => parse(fields), { code: 'BAD_ARGUMENTS', message: pattern });

/** The next due instants, as people of the zone read them. */
function times(fields: Partial<RuleRequest>, count: number, from = now): string[] {
  const rule = parse(fields);
  const list: string[] = [];
  for (let at = nextDue(rule, from); at !== null && list.length < count; at = nextDue(rule, at)) {
    list.push(formatInstant(at, rule.zone).slice(4, 20));
  }
  return list;
}

test('every weekday at 8 is at 8 in the time zone', () => {
  const rule = parse({ cron: '0 8 * * mon-fri' });
  assert.equal(nextDue(rule, now), utc('2026-03-11T07:00'));
  assert.equal(formatRule(rule), '0 8 * * mon-fri (Europe/Berlin)');
  assert.deepEqual(times({ cron: '0 8 * * 1-5' }, 4, utc('2026-03-12T12:00')), [
    '2026-03-13 08:00',
    '2026-03-16 08:00',
    '2026-03-17 08:00',
    '2026-03-18 08:00',
  ]);
});

test('a time that is skipped when clocks go forward comes right after the gap, once', () => {
  // In Berlin, 2026-03-29 has no 02:30.
  const from = utc('2026-03-28T00:00');
  assert.deepEqual(times({ cron: '30 2 * * *' }, 3, from), [
    '2026-03-28 02:30',
    '2026-03-29 03:00',
    '2026-03-30 02:30',
  ]);
  assert.deepEqual(times({ cron: '0 8 * * *' }, 3, from), ['2026-03-28 08:00', '2026-03-29 08:00', '2026-03-30 08:00']);
});

test('a time that comes twice when clocks go back is taken once, also in a list', () => {
  // In Berlin, 2026-10-25 has 02:30 twice.
  const from = utc('2026-10-24T10:00');
  const twice = ['2026-10-25 02:30', '2026-10-26 02:30'];
  assert.deepEqual(times({ cron: '30 2 * * *' }, 2, from), twice);
  assert.deepEqual(
    times({ cron: '30 2,14 * * *' }, 4, from).filter((time) => time.endsWith('02:30')),
    twice,
  );
  const steps = parse({ cron: '0 */2 * * *' });
  const gaps = [];
  for (let at = nextDue(steps, from)!; at < from + 24 * hour; ) {
    const next = nextDue(steps, at)!;
    gaps.push((next - at) / hour);
    at = next;
  }
  assert.ok(
    gaps.every((gap) => gap > 0 && gap <= 3),
    String(gaps),
  );
});

test('an interval is counted from now, whatever the clocks of people do', () => {
  const rule = parse({ every: 'every 90m' });
  assert.deepEqual(
    [0, 1, 90, 91].map((after) => (nextDue(rule, now + after * minute)! - now) / minute),
    [90, 90, 180, 180],
  );
  assert.equal(formatRule(rule), 'every 1h30m');
  assert.equal(parseDuration('1h30m'), 90 * minute);
  assert.equal(parseDuration('soon'), null);
});

test('one instant is a time of the zone, or says its offset', () => {
  for (const [at, instant] of [
    ['2026-03-11T08:00', '2026-03-11T07:00'],
    ['2026-07-01 08:00:30', '2026-07-01T06:00:30'],
    ['2026-03-11T08:00Z', '2026-03-11T08:00'],
    ['2026-03-11T08:00:00+05:30', '2026-03-11T02:30'],
  ] as const) {
    const rule = parse({ at });
    assert.equal(nextDue(rule, now), utc(instant), at);
    assert.equal(nextDue(rule, utc(instant)), null);
  }
});

test('what cannot be meant is refused, with what to write', () => {
  refused({}, /exactly one of cron, every and at, not none/);
  refused({ cron: '0 8 * * *', every: '2h' }, /not several/);
  refused({ cron: 'every weekday' }, /cron is "every weekday" and must be five fields/);
  refused({ cron: '0 0 8 * * *' }, /five fields/);
  refused({ cron: '0 8 31 2 *' }, /never comes/);
  refused({ cron: '* * * * *' }, /comes 1m after the run before it; the shortest time allowed between two runs is 5m/);
  refused({ cron: '0,1 8 * * *' }, /comes 1m after/);
  refused({ every: '10s' }, /comes 10s after/);
  refused({ every: '0h' }, /every is "0h" and must be a duration/);
  refused({ every: 'two hours' }, /every is "two hours" and must be a duration such as "2h"/);
  refused({ at: '2026-03-10T12:59' }, /has passed; it is Tue 2026-03-10 13:00 Europe\/Berlin/);
  refused({ at: 'tomorrow' }, /at is "tomorrow" and must be an ISO instant/);
  refused({ at: '2026-02-31T08:00' }, /2026-02-31T08:00/);
  refused({ cron: '0 8 * * *', zone: 'Berlin' }, /time zone "Berlin" is not known; write an IANA name/);
});
