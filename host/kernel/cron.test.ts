import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextRun, parseCron } from './cron.ts';

process.env.TZ = 'Europe/Berlin';

const from = (text: string) => new Date(text).getTime();

const runs: readonly (readonly [string, string, string])[] = [
  ['* * * * *', '2026-01-01T10:00:00', '2026-01-01T10:01:00'],
  ['*/15 * * * *', '2026-01-01T10:14:59', '2026-01-01T10:15:00'],
  ['0 9 * * *', '2026-01-01T09:00:00', '2026-01-02T09:00:00'],
  ['30 8 * * 1-5', '2026-01-02T09:00:00', '2026-01-05T08:30:00'],
  ['0 0 1 * *', '2026-01-15T00:00:00', '2026-02-01T00:00:00'],
  ['0 12 29 2 *', '2026-01-01T00:00:00', '2028-02-29T12:00:00'],
  ['0 0 13 * fri', '2026-01-01T00:00:00', '2026-01-02T00:00:00'],
  ['0 0 * * 7', '2026-01-01T00:00:00', '2026-01-04T00:00:00'],
  ['5,35 22-23 * DEC sun', '2026-01-01T00:00:00', '2026-12-06T22:05:00'],
  ['10/20 * * * *', '2026-01-01T10:30:00', '2026-01-01T10:50:00'],
  ['@daily', '2026-01-01T10:00:00', '2026-01-02T00:00:00'],
];

for (const [text, after, expected] of runs) {
  test(`${text} after ${after} runs at ${expected}`, () => {
    assert.equal(nextRun(parseCron(text), from(after)), from(expected));
  });
}

test('what falls into the hour that summer time skips comes when the clock has jumped', () => {
  assert.equal(nextRun(parseCron('30 2 * * *'), from('2026-03-28T12:00:00')), from('2026-03-29T03:00:00'));
});

test('the hour that repeats in autumn lets time go on', () => {
  let at: number | null = from('2026-10-24T12:00:00');
  const times: number[] = [];
  for (let count = 0; count < 4 && at !== null; count++) {
    at = nextRun(parseCron('30 * 25 10 *'), at);
    times.push(at!);
  }
  assert.deepEqual(
    times.map((time, index) => index === 0 || time - times[index - 1]! === 3_600_000),
    [true, true, true, true],
  );
});

test('a day that never comes is told by null', () => {
  assert.equal(nextRun(parseCron('0 0 31 2 *'), from('2026-01-01T00:00:00')), null);
});

for (const text of [
  '',
  '* * * *',
  '* * * * * *',
  '60 * * * *',
  '* 24 * * *',
  '* * 0 * *',
  '* * * 13 *',
  '* * * * 8',
  'x * * * *',
  '5-1 * * * *',
  '*/0 * * * *',
  '1,,2 * * * *',
  '-1 * * * *',
]) {
  test(`${JSON.stringify(text)} is no cron expression`, () => {
    assert.throws(() => parseCron(text), { code: 'BAD_ARGUMENTS' });
  });
}
