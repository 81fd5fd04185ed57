import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '@clay/sdk/testing';
import { type AgendaRequest, type CatchUp, catchUps, dueAfterSetBack, makeAgenda } from './agenda.ts';
import { nextDue, type Rule } from './rule.ts';

const minute = 60_000;
const hour = 60 * minute;
const start = Date.UTC(2026, 0, 1);
const hourly: Rule = { kind: 'every', everyMs: hour, anchor: start, zone: 'UTC' };

const agenda = (fields: Partial<AgendaRequest>) =>
  makeAgenda({
    rule: hourly,
    dueAt: start + hour,
    now: start + hour,
    catchUp: 'run-once',
    catchUpRuns: 3,
    isRunning: false,
    ...fields,
  });
const hours = (instants: readonly number[]) => instants.map((instant) => (instant - start) / hour);

test('what is due now is run, and the next one waits', () => {
  assert.deepEqual(agenda({}), { runs: [start + hour], missed: [], next: start + 2 * hour });
  const last: Rule = { kind: 'at', at: start + hour, zone: 'UTC' };
  assert.equal(agenda({ rule: last }).next, null);
});

test('after a long sleep one run, none, or the newest few make up for those that were missed', () => {
  const plan = (catchUp: CatchUp) => agenda({ catchUp, now: start + 6 * hour + 30 * minute });
  for (const [catchUp, runs, missed] of [
    ['run-once', [6], [1, 2, 3, 4, 5]],
    ['skip', [], [1, 2, 3, 4, 5, 6]],
    ['all', [4, 5, 6], [1, 2, 3]],
  ] as const) {
    const made = plan(catchUp);
    assert.deepEqual([hours(made.runs), hours(made.missed.map(({ dueAt }) => dueAt))], [runs, missed], catchUp);
    assert.equal(made.next, start + 7 * hour);
  }
  // One that is punctual makes up for those before it.
  assert.deepEqual(hours(agenda({ now: start + 6 * hour }).runs), [6]);
  assert.deepEqual(hours(agenda({ now: start + 6 * hour, catchUp: 'skip' }).runs), [6]);
});

test('an instant that comes while the run before it goes on is missed because of it', () => {
  const { runs, missed } = agenda({ isRunning: true });
  assert.deepEqual([runs, missed[0]?.reason], [[], 'The run before it was still going.']);
});

test('every instant is in exactly one place, however long the sleep and whatever the policy', () => {
  const random = createRandom(7);
  const cron: Rule = { kind: 'cron', cron: '*/30 6-9 * * *', zone: 'America/New_York' };
  for (let round = 0; round < 60; round++) {
    const rule: Rule = round % 2 === 0 ? hourly : cron;
    const dueAt: number = nextDue(rule, start + random.below(48 * hour))!;
    const now: number = dueAt + random.below(random.pick([10 * minute, 5 * hour, 20 * 24 * hour]));
    const catchUp = random.pick(catchUps);
    const { runs, missed, next } = agenda({ rule, dueAt, now, catchUp, isRunning: random.below(5) === 0 });
    let expected = 0;
    for (let at: number | null = dueAt; at !== null && at <= now; at = nextDue(rule, at)) expected++;
    assert.equal(
      runs.length + missed.reduce((sum, { instants }) => sum + instants, 0),
      expected,
      `seed ${random.seed}`,
    );
    const places = [...runs, ...missed.map((one) => one.dueAt)];
    assert.equal(new Set(places).size, places.length);
    assert.ok(next !== null && next > now);
    assert.ok(missed.length <= 101);
  }
});

test('a clock that jumps by years leaves one row for what cannot be counted, and the newest are run', () => {
  const { runs, missed, next } = agenda({ catchUp: 'all', now: start + 10 * 365 * 24 * hour + 30 * minute });
  assert.equal(runs.length, 3);
  assert.match(missed[0]!.reason, /There were more of them/);
  assert.ok(next! - runs.at(-1)! === hour);
});

test('a clock that is set back does not wait for the time that it had reached, and runs nothing twice', () => {
  const ran = new Set([start + 5 * hour, start + 6 * hour]);
  const due = (now: number, dueAt: number) => dueAfterSetBack(hourly, now, dueAt, (instant) => ran.has(instant));
  assert.equal(due(start + 4.5 * hour, start + 7 * hour), start + 7 * hour);
  assert.equal(due(start + 2.5 * hour, start + 7 * hour), start + 3 * hour);
  assert.equal(due(start + 6.5 * hour, start + 7 * hour), start + 7 * hour);
});
