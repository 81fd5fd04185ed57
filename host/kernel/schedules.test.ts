import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '@clay/sdk';
import { createFakeClock, settle } from '@clay/sdk/testing';
import { CapabilityTable } from '../registry/capability-table.ts';
import { Schedules } from './schedules.ts';
import { type Line, listLog } from './testing/kernel-fixture.ts';

function setUp(run: (name: string) => Promise<null> = async () => null) {
  const clock = createFakeClock(Date.UTC(2026, 0, 1));
  const table = new CapabilityTable();
  const runs: string[] = [];
  const log: Line[] = [];
  const call = (name: string) => {
    runs.push(`${name} ${(clock.now() - Date.UTC(2026, 0, 1)) / 60_000}`);
    return run(name);
  };
  const schedules = new Schedules({ registry: table, call, clock, log: listLog(log) });
  let generation = 0;
  const provide = (all: Readonly<Record<string, JsonObject>>) => {
    generation += 1;
    table.replace(
      'p',
      Object.entries(all).map(([name, details]) => ({
        kind: 'schedule',
        name,
        fullName: name,
        plugin: 'p',
        generation,
        description: '',
        parameters: null,
        details,
      })),
    );
  };
  return { clock, runs, log, schedules, provide };
}

const minute = 60_000;

test('intervals and cron run side by side at their times', async () => {
  const { clock, runs, provide } = setUp();
  provide({ every: { everyMs: 20 * minute }, cron: { cron: '*/30 * * * *' } });
  await clock.advance(60 * minute);
  assert.deepEqual(runs.sort(), ['cron 30', 'cron 60', 'every 20', 'every 40', 'every 60']);
});

test('a run that is still going is not doubled, and the next one comes', async () => {
  let finish: () => void = () => {};
  const { clock, runs, log, provide } = setUp(
    () =>
      new Promise((resolve) => {
        finish = () => resolve(null);
      }),
  );
  provide({ slow: { everyMs: minute } });
  await clock.advance(2 * minute);
  assert.deepEqual(runs, ['slow 1']);
  assert.deepEqual(
    log.map((line) => line.event),
    ['schedule.skipped'],
  );
  finish();
  await clock.advance(minute);
  assert.deepEqual(runs, ['slow 1', 'slow 3']);
});

test('a run that fails is told, and the next one comes', async () => {
  const { clock, runs, log, provide } = setUp(() => Promise.reject(new Error('no network')));
  provide({ bad: { everyMs: minute } });
  await clock.advance(2 * minute);
  await settle();
  assert.equal(runs.length, 2);
  assert.deepEqual(
    log.map((line) => [line.event, line.error]),
    [
      ['schedule.failed', 'no network'],
      ['schedule.failed', 'no network'],
    ],
  );
});

test('a new generation with the same times does not disturb the wait; other times begin anew', async () => {
  const { clock, runs, provide } = setUp();
  provide({ a: { everyMs: 10 * minute } });
  await clock.advance(9 * minute);
  provide({ a: { everyMs: 10 * minute } });
  await clock.advance(minute);
  assert.deepEqual(runs, ['a 10']);
  provide({ a: { everyMs: 5 * minute } });
  await clock.advance(5 * minute);
  assert.deepEqual(runs, ['a 10', 'a 15']);
  provide({});
  await clock.advance(60 * minute);
  assert.equal(runs.length, 2);
  assert.equal(clock.pending, 0);
});

test('a wait longer than a timer can hold is made of short ones', async () => {
  const { clock, runs, provide } = setUp();
  provide({ yearly: { cron: '0 0 1 6 *' } });
  await clock.advance(140 * 24 * 60 * minute);
  assert.deepEqual(runs, []);
  await clock.advance(12 * 24 * 60 * minute);
  assert.equal(runs.length, 1);
});

test('nothing runs after the stop', async () => {
  const { clock, runs, schedules, provide } = setUp();
  provide({ a: { everyMs: minute } });
  schedules.stop();
  await clock.advance(10 * minute);
  assert.deepEqual([runs, clock.pending], [[], 0]);
});

test('a time that is none, or never comes, is told and disturbs nothing', async () => {
  const { clock, runs, log, provide } = setUp();
  provide({ bad: { cron: 'soon' }, never: { cron: '0 0 31 2 *' }, good: { everyMs: minute } });
  await clock.advance(minute);
  assert.deepEqual(log.map((line) => line.event).sort(), ['schedule.never', 'schedule.refused']);
  assert.deepEqual(runs, ['good 1']);
});
