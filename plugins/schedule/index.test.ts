import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ClayError, type Json, type JsonObject } from '@clay/sdk';
import { createFakeClock, createTestHost, type FakeClock, type TestHost } from '@clay/sdk/testing';
import schedule from './index.ts';
import manifest from './plugin.json' with { type: 'json' };
import type { Receipt } from './schedule-table.ts';

const minute = 60_000;
const hour = 60 * minute;
const { optional, permissions, tables, leases } = manifest;
const session = { app: 'clay', user: 'telegram:7:7', id: 's1', turn: 't1' };

/** What surrounds the schedules: what is asked of the agent, what people hear. */
interface World {
  turns: JsonObject[];
  sent: JsonObject[];
  answer: (turn: JsonObject) => Json | Promise<Json>;
  send: (args: JsonObject) => Json;
}

function createWorld(): World {
  return {
    turns: [],
    sent: [],
    answer: () => ({ text: 'Here is the news.', turn: 't-1' }),
    send: () => ({ queued: 1 }),
  };
}

interface Options {
  readonly config?: JsonObject;
  readonly clock?: FakeClock;
  readonly database?: string;
}

function start(world: World, { config = {}, ...options }: Options = {}): Promise<TestHost> {
  return createTestHost(
    { ...schedule, optional, permissions, tables, leases },
    {
      ...options,
      config: { timezone: 'UTC', ...config },
      provided: {
        'service:turns.start': (args) => {
          world.turns.push(args as JsonObject);
          return world.answer(args as JsonObject);
        },
        'service:chat.send': (args) => {
          world.sent.push(args as JsonObject);
          return world.send(args as JsonObject);
        },
      },
    },
  );
}

const news = { name: 'news', prompt: 'Tell the news.' };
const add = (claw: TestHost, args: JsonObject) => claw.tool('schedule_add', args, { session });

async function receipts(claw: TestHost): Promise<Receipt[]> {
  const { receipts: all } = (await claw.call('service:schedule.receipts', { limit: 1000 })) as unknown as {
    receipts: Receipt[];
  };
  return all.toReversed();
}
const outcomes = async (claw: TestHost) => (await receipts(claw)).map(({ outcome }) => outcome);

function databaseFile(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'clay-schedule-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return join(folder, 'a.db');
}

/** A clock that a test can set. */
function settableClock(): { readonly clock: FakeClock; set(byMs: number): void } {
  const inner = createFakeClock();
  let offset = 0;
  return {
    clock: {
      ...inner,
      now: () => inner.now() + offset,
      get pending() {
        return inner.pending;
      },
    },
    set(byMs) {
      offset += byMs;
    },
  };
}

test('what is planned runs when it is due, in its conversation, and its answer is told there', async () => {
  const world = createWorld();
  await using claw = await start(world);
  const added = (await add(claw, { ...news, cron: '0 8 * * *' })) as JsonObject;
  assert.deepEqual(added.schedule, {
    name: 'news',
    when: '0 8 * * * (UTC)',
    next: 'Thu 2026-01-01 08:00 UTC',
    prompt: 'Tell the news.',
    catch_up: 'run-once',
  });
  await claw.advance(8 * hour - 1);
  assert.equal(world.turns.length, 0);
  await claw.advance(1);
  assert.equal(world.turns[0]?.user, 'telegram:7:7');
  assert.match(String(world.turns[0]?.text), /^\[SCHEDULE "news", due Thu 2026-01-01 08:00 UTC\].*\nTell the news\./);
  assert.deepEqual(world.sent, [{ text: 'Here is the news.', to: 'telegram:7:7' }]);
  await claw.advance(48 * hour);
  assert.deepEqual(await outcomes(claw), ['ran', 'ran', 'ran']);
  assert.equal((await receipts(claw))[0]?.turn, 't-1', 'the ledger tells what it cost');
});

test('without a schedule nobody is asked anything', async () => {
  const world = createWorld();
  await using claw = await start(world);
  await claw.advance(24 * hour);
  assert.deepEqual([world.turns, world.sent, await receipts(claw)], [[], [], []]);
});

test('an answer with nothing to tell is sent to nobody', async () => {
  const world = createWorld();
  world.answer = () => ({ text: 'NOTHING_TO_TELL' });
  await using claw = await start(world);
  await add(claw, { ...news, every: '1h' });
  await claw.advance(hour);
  assert.deepEqual([world.turns.length, world.sent.length], [1, 0]);
  assert.equal((await receipts(claw))[0]?.reason, 'There was nothing to tell.');
});

test('one instant runs once, is not planned again, and its name is free', async () => {
  const world = createWorld();
  await using claw = await start(world);
  await add(claw, { ...news, at: '2026-01-01T10:00' });
  await assert.rejects(add(claw, { ...news, every: '1h' }), { code: 'CONFLICT' });
  await claw.advance(30 * hour);
  assert.deepEqual(await outcomes(claw), ['ran']);
  assert.match(await claw.command('schedules'), /news: once, Thu 2026-01-01 10:00 UTC, not again; last ran/);
  await add(claw, { ...news, every: '1h' });
});

test('two that are due at once run side by side, as many as are allowed', async () => {
  const world = createWorld();
  let running = 0;
  let most = 0;
  const gate = Promise.withResolvers<void>();
  world.answer = async () => {
    most = Math.max(most, ++running);
    await gate.promise;
    running--;
    return { text: 'done' };
  };
  await using claw = await start(world, { config: { maxRuns: 2 } });
  for (const name of ['a', 'b', 'c']) await add(claw, { ...news, name, at: '2026-01-01T10:00' });
  await claw.advance(10 * hour);
  assert.equal(most, 2);
  gate.resolve();
  await claw.advance(minute);
  assert.deepEqual([most, world.turns.length, await outcomes(claw)], [2, 3, ['ran', 'ran', 'ran']]);
});

test('an instant that comes while the run before it goes on is missed because of it', async () => {
  const world = createWorld();
  const gate = Promise.withResolvers<void>();
  world.answer = async () => {
    await gate.promise;
    return { text: 'done' };
  };
  await using claw = await start(world);
  await add(claw, { ...news, every: '10m' });
  await claw.advance(25 * minute);
  gate.resolve();
  await claw.advance(10 * minute);
  const all = await receipts(claw);
  assert.deepEqual(
    all.map(({ outcome, reason }) => [outcome, reason]),
    [
      ['ran', ''],
      ['missed', 'The run before it was still going.'],
      ['ran', ''],
    ],
  );
});

test('a failure is told once, and each has its receipt', async () => {
  const world = createWorld();
  world.answer = () => {
    throw new ClayError('MODEL', 'The model is away.');
  };
  await using claw = await start(world);
  await add(claw, { ...news, every: '1h' });
  await claw.advance(3 * hour);
  assert.deepEqual(await outcomes(claw), ['failed', 'failed', 'failed']);
  assert.deepEqual(
    world.sent.map(({ text }) => text),
    ['The schedule “news” failed: The model is away.'],
  );
});

test('a host that takes no turns now is asked again, and the instant has one receipt', async () => {
  const world = createWorld();
  let refusals = 2;
  world.answer = () => {
    if (refusals-- > 0) throw new ClayError('UNAVAILABLE', 'stopping');
    return { text: 'done' };
  };
  await using claw = await start(world);
  await add(claw, { ...news, every: '1h' });
  await claw.advance(hour + minute);
  assert.deepEqual([world.turns.length, await outcomes(claw)], [3, ['ran']]);
});

test('what was made outside of every chat is told to the person that the claw belongs to, or to nobody', async () => {
  const world = createWorld();
  world.send = ({ to }) => {
    if (to !== undefined) throw new ClayError('NOT_FOUND', `nobody called ${to}`);
    return { queued: 1 };
  };
  await using claw = await start(world);
  await claw.tool('schedule_add', { ...news, every: '1h' });
  await claw.advance(hour);
  assert.deepEqual(
    world.sent.map(({ to }) => to),
    ['schedule', undefined],
  );
  world.send = () => {
    throw new ClayError('NOT_FOUND', 'nobody has written yet');
  };
  await claw.advance(hour);
  assert.deepEqual((await receipts(claw)).map(({ outcome, reason }) => [outcome, reason]).at(-1), [
    'ran',
    'Nobody could be told: nobody has written yet',
  ]);
});

test('a claw that was down runs once, for what its policy says, and every instant has its receipt', async (t) => {
  for (const [catchUp, turns, expected] of [
    ['run-once', 1, ['missed', 'missed', 'missed', 'ran']],
    ['skip', 0, ['missed', 'missed', 'missed', 'missed']],
    ['all', 2, ['missed', 'missed', 'ran', 'ran']],
  ] as const) {
    const world = createWorld();
    const database = databaseFile(t);
    const before = await start(world, { database });
    await add(before, { ...news, every: '1h', catch_up: catchUp });
    await before.stop();
    const clock = createFakeClock(Date.UTC(2026, 0, 1, 4, 30));
    await using claw = await start(world, { database, clock, config: { catchUpRuns: 2 } });
    await claw.advance(minute);
    assert.deepEqual([world.turns.length, await outcomes(claw)], [turns, expected], catchUp);
  }
});

test('a run that ends with its host goes on in the next one under the same key, and is told once', async (t) => {
  const world = createWorld();
  const database = databaseFile(t);
  world.answer = () => new Promise<Json>(() => undefined);
  const dying = await start(world, { database });
  await add(dying, { ...news, every: '1h' });
  await dying.advance(hour);
  assert.equal(world.turns.length, 1);
  assert.deepEqual(await outcomes(dying), ['begun']);
  await dying.stop();
  world.answer = () => ({ text: 'Here is the news.' });
  await using claw = await start(world, { database, clock: createFakeClock(Date.UTC(2026, 0, 1, 1, 10)) });
  await claw.advance(minute);
  assert.deepEqual([await outcomes(claw), world.sent.length], [['ran'], 1]);
  await claw.advance(49 * minute);
  assert.deepEqual(await outcomes(claw), ['ran', 'ran']);
});

test('a clock that is put forward leaves a receipt for every instant, and one that is set back runs none twice', async () => {
  const world = createWorld();
  const { clock, set } = settableClock();
  await using claw = await start(world, { clock });
  await add(claw, { ...news, every: '1h' });
  await claw.advance(hour);
  set(5 * hour + 10 * minute);
  await claw.advance(2 * minute);
  assert.deepEqual(await outcomes(claw), ['ran', 'missed', 'missed', 'missed', 'missed', 'ran']);
  set(-(3 * hour));
  await claw.advance(6 * hour);
  const all = await receipts(claw);
  assert.equal(new Set(all.map(({ dueAt }) => dueAt)).size, all.length);
  assert.equal(world.turns.length, all.filter(({ outcome }) => outcome === 'ran').length);
  const dues = all.map(({ dueAt }) => (dueAt - all[0]!.dueAt) / hour);
  assert.deepEqual(
    dues,
    Array.from(dues, (_, index) => index),
    'no hole',
  );
  set(-(365 * 24 * hour));
  const ran = world.turns.length;
  await claw.advance(2 * hour + minute);
  assert.equal(world.turns.length, ran + 2, 'it does not wait a year');
});

test('a new schedule is heard of at once, also while nothing else is due', async () => {
  const world = createWorld();
  await using claw = await start(world);
  await claw.advance(30 * minute);
  await add(claw, { ...news, at: '2026-01-01T00:30:20Z' });
  await claw.advance(20_000);
  assert.equal(world.turns.length, 1);
});

test('schedules are listed and removed by the agent and by people', async () => {
  const world = createWorld();
  await using claw = await start(world);
  assert.match(await claw.command('schedules'), /Nothing is planned/);
  await add(claw, { ...news, every: '1h' });
  await add(claw, { ...news, name: 'Backup', cron: '0 3 * * *', timezone: 'America/New_York' });
  await claw.advance(hour);
  assert.deepEqual(await claw.tool('schedule_list', { runs: 1 }), {
    count: 2,
    schedules: [
      {
        name: 'Backup',
        when: '0 3 * * * (America/New_York)',
        next: 'Thu 2026-01-01 03:00 America/New_York',
        prompt: 'Tell the news.',
        catch_up: 'run-once',
        lastRuns: [],
      },
      {
        name: 'news',
        when: 'every 1h',
        next: 'Thu 2026-01-01 02:00 UTC',
        prompt: 'Tell the news.',
        catch_up: 'run-once',
        lastRuns: [{ due: 'Thu 2026-01-01 01:00 UTC', outcome: 'ran' }],
      },
    ],
  });
  assert.deepEqual(await claw.tool('schedule_remove', { name: 'NEWS' }), { message: 'Removed the schedule "news".' });
  await assert.rejects(claw.tool('schedule_remove', { name: 'news' }), /no schedule "news"\. There are: "Backup"\./);
  assert.equal(await claw.command('schedules', 'remove backup'), 'Removed the schedule "Backup".');
  await claw.advance(24 * hour);
  assert.equal(world.turns.length, 1);
});

test('there is a limit to their number and to how often they run, and it is named', async () => {
  await using claw = await start(createWorld(), { config: { maxSchedules: 1 } });
  await assert.rejects(add(claw, { ...news, every: '1m' }), /shortest time allowed between two runs is 5m/);
  await add(claw, { ...news, at: '2026-01-01T01:00' });
  await assert.rejects(
    add(claw, { ...news, name: 'more', every: '1h' }),
    /There are 1 schedules, which is the limit \(maxSchedules/,
  );
  await claw.advance(2 * hour);
  await add(claw, { ...news, name: 'more', every: '1h' });
});
