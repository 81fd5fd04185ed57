import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createFakeClock, createRandom } from '@clay/sdk/testing';
import { createWorld, receiptsOf, startHeartbeat } from './testing/claw.ts';

const minute = 60_000;
const task = { id: 1, title: 'Write the report', status: 'pending' };

test('a claw with nothing to do is never asked, and each instant says why', async () => {
  const world = createWorld();
  await using claw = await startHeartbeat(world);
  await claw.advance(61 * minute);
  assert.deepEqual(world.turns, []);
  const receipts = await receiptsOf(claw);
  assert.deepEqual(
    receipts.map(({ outcome, reason, instants }) => [outcome, reason, instants]),
    Array.from({ length: 4 }, () => ['missed', 'Nothing was due and nothing had changed.', 1]),
  );
});

test('a task is worked on until the answer is HEARTBEAT_OK, and again when something changes', async () => {
  const world = createWorld();
  world.tasks = [task];
  world.answers = ['I have begun.', 'HEARTBEAT_OK'];
  await using claw = await startHeartbeat(world);
  await claw.advance(15 * minute);
  assert.deepEqual(world.sent, ['I have begun.']);
  assert.match(String(world.turns[0]!.text), /^\[HEARTBEAT\] /);
  assert.equal(world.turns[0]!.user, 'heartbeat');
  await claw.advance(60 * minute);
  assert.deepEqual([world.turns.length, world.sent.length], [2, 1]);
  world.notes = 'Look at the mail.';
  await claw.advance(15 * minute);
  world.memories = [{ id: 9, content: 'Ada is back.', type: 'general' }];
  await claw.advance(15 * minute);
  assert.equal(world.turns.length, 4);
  await claw.advance(15 * minute);
  const outcomes = (await receiptsOf(claw)).map(({ outcome }) => outcome);
  assert.deepEqual(outcomes, ['ran', 'ran', 'missed', 'missed', 'missed', 'ran', 'ran', 'missed']);
});

test('NEXT_HEARTBEAT sets the next one, which runs also when nothing has changed', async () => {
  const world = createWorld();
  world.tasks = [task];
  world.answers = ['Waiting for Bo.\nNEXT_HEARTBEAT: 40m', 'HEARTBEAT_OK'];
  await using claw = await startHeartbeat(world);
  await claw.advance(15 * minute);
  assert.deepEqual(world.sent, ['Waiting for Bo.']);
  await claw.advance(39 * minute);
  assert.equal(world.turns.length, 1);
  await claw.advance(minute);
  assert.equal(world.turns.length, 2);
  await claw.advance(15 * minute);
  const receipts = await receiptsOf(claw);
  assert.deepEqual(
    receipts.map(({ dueAt }) => (dueAt - receipts[0]!.dueAt) / minute),
    [0, 40, 55],
  );
});

test('quiet hours pass without a question', async () => {
  const world = createWorld();
  world.tasks = [task];
  const clock = createFakeClock(new Date(2026, 0, 5, 21, 50).getTime());
  await using claw = await startHeartbeat(world, { clock, config: { quietHours: { from: '22:00', to: '07:00' } } });
  await claw.advance(9 * 60 * minute);
  assert.equal(world.turns.length, 0);
  await claw.advance(15 * minute);
  assert.equal(world.turns.length, 1);
  const reasons = new Set((await receiptsOf(claw)).map(({ reason }) => reason));
  assert.deepEqual([...reasons], ['It fell into the quiet hours.', '']);
});

test('a turn that fails gives a receipt with the reason, and the next one comes', async () => {
  const world = createWorld();
  world.tasks = [task];
  world.answers = [new Error('The brain is away.')];
  await using claw = await startHeartbeat(world);
  await claw.advance(30 * minute);
  const receipts = await receiptsOf(claw);
  assert.deepEqual(
    receipts.map(({ outcome }) => outcome),
    ['failed', 'ran'],
  );
  assert.match(receipts[0]!.reason, /The brain is away/);
});

test('instants that come due during a long turn are missed because of it', async () => {
  const world = createWorld();
  world.tasks = [task];
  const held = Promise.withResolvers<void>();
  world.onTurn = () => held.promise;
  await using claw = await startHeartbeat(world);
  await claw.advance(15 * minute);
  await claw.advance(25 * minute);
  held.resolve();
  await claw.advance(10 * minute);
  assert.deepEqual(
    (await receiptsOf(claw)).map(({ outcome, reason }) => [outcome, reason]),
    [
      ['ran', ''],
      ['missed', 'The heartbeat before it was still running.'],
      ['missed', 'Nothing was due and nothing had changed.'],
    ],
  );
});

for (const [afterMinutes, end, outcome] of [
  [1, 'finished by the next one, whose turn it is', ['ran', '']],
  [45, 'closed as failed when the next one comes late', ['failed', 'The claw stopped while it ran.']],
] as const) {
  test(`a heartbeat that ends with its host is ${end}`, async () => {
    const world = createWorld();
    world.tasks = [task];
    const folder = mkdtempSync(join(tmpdir(), 'clay-heartbeat-'));
    const held = Promise.withResolvers<void>();
    world.onTurn = () => held.promise;
    const clock = createFakeClock();
    const dying = await startHeartbeat(world, { clock, database: join(folder, 'a.db') });
    await dying.advance(15 * minute);
    assert.equal(world.turns.length, 1);
    cpSync(folder, `${folder}-killed`, { recursive: true });
    held.resolve();
    await dying.stop();
    world.sent = [];
    world.answers = ['The report is begun.'];
    const next = createFakeClock(clock.now() + afterMinutes * minute);
    const claw = await startHeartbeat(world, { clock: next, database: join(`${folder}-killed`, 'a.db') });
    await claw.advance(0);
    const receipts = await receiptsOf(claw);
    await claw.stop();
    for (const one of [folder, `${folder}-killed`]) rmSync(one, { recursive: true });
    assert.deepEqual([receipts[0]?.outcome, receipts[0]?.reason], outcome);
    assert.deepEqual(world.sent, outcome[0] === 'ran' ? ['The report is begun.'] : []);
  });
}

test('the interval that the operator gives by HEARTBEAT_INTERVAL wins over the plugin’s own', async () => {
  const world = createWorld();
  world.tasks = [task];
  await using claw = await startHeartbeat(world, { config: { interval: '0', heartbeat: { interval: '5m' } } });
  await claw.advance(5 * minute);
  assert.equal(world.turns.length, 1);
});

test('an interval of 0 turns heartbeats off', async () => {
  const world = createWorld();
  world.tasks = [task];
  await using claw = await startHeartbeat(world, { config: { interval: '0' } });
  await claw.advance(24 * 60 * minute);
  assert.deepEqual([world.turns, await receiptsOf(claw)], [[], []]);
});

test('what the model reads beside its tasks: the last continuation and what it learned lately, at heartbeats only', async () => {
  const world = createWorld();
  world.memories = [
    { id: 1, content: 'Chapter 3 is half done.', type: 'continuation' },
    { id: 2, content: 'Ada prefers tea.', type: 'general' },
  ];
  await using claw = await startHeartbeat(world);
  const turn = { user: 'heartbeat', text: '[HEARTBEAT] now' };
  assert.equal(
    await claw.prompt('last-session', turn),
    '--- YOUR LAST SESSION ---\nChapter 3 is half done.\n\n--- RECENT MEMORIES ---\n- Ada prefers tea.',
  );
  assert.equal(await claw.prompt('last-session', { ...turn, user: 'telegram:5' }), null);
});

/** Each instant lies in exactly one receipt: none between two, none in both. */
async function assertCovered(host: Awaited<ReturnType<typeof startHeartbeat>>, intervalMs: number, seed: string) {
  const receipts = await receiptsOf(host);
  receipts.forEach(({ dueAt, instants, outcome }, index) => {
    assert.notEqual(outcome, 'begun', `${seed}: a heartbeat has no end`);
    const next = receipts[index + 1];
    if (next === undefined) return;
    const end = dueAt + (instants - 1) * intervalMs;
    assert.ok(next.dueAt > end, `${seed}: ${next.dueAt} has two receipts`);
  });
  return receipts;
}

test('over restarts, sleeps and clocks that jump, every instant that was due has exactly one receipt', async () => {
  const { seed, below: pick } = createRandom();
  const folder = mkdtempSync(join(tmpdir(), 'clay-heartbeat-'));
  const intervalMs = 10 * minute;
  try {
    let now = Date.UTC(2026, 0, 5);
    const world = createWorld();
    world.tasks = [task];
    let due = 0;
    for (let life = 0; life < 30; life++) {
      const clock = createFakeClock(now);
      world.answers = Array.from({ length: pick(4) }, () => ['HEARTBEAT_OK', 'Working.', new Error('no')][pick(3)]!);
      const database = join(folder, 'claw.db');
      const host = await startHeartbeat(world, { clock, database, config: { interval: '10m' } });
      for (let step = 0; step < 5; step++) {
        await host.advance(pick(30) * minute);
        world.tasks = [{ ...task, id: pick(3) }];
      }
      const receipts = await assertCovered(host, intervalMs, `seed ${seed}`);
      const instants = receipts.reduce((sum, receipt) => sum + receipt.instants, 0);
      assert.ok(instants >= due, `seed ${seed}: a receipt was lost`);
      due = instants;
      // With one interval all the way the instants are a grid, and none of it is left out.
      const first = receipts[0];
      const last = receipts.at(-1);
      if (first !== undefined && last !== undefined) {
        const end = last.dueAt + (last.instants - 1) * intervalMs;
        assert.equal(instants, (end - first.dueAt) / intervalMs + 1, `seed ${seed}: an instant has no receipt`);
      }
      await host.stop();
      now = clock.now() + pick(5) * pick(200) * minute;
    }
    assert.ok(due > 50, `seed ${seed}: only ${due} instants came due`);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a clock that is set back a day gives no instant a second receipt, and heartbeats go on', async () => {
  const world = createWorld();
  world.tasks = [task];
  const folder = mkdtempSync(join(tmpdir(), 'clay-heartbeat-'));
  const database = join(folder, 'claw.db');
  const start = Date.UTC(2026, 0, 5);
  const before = await startHeartbeat(world, { clock: createFakeClock(start + 48 * 60 * minute), database });
  await before.advance(60 * minute);
  await before.stop();
  await using after = await startHeartbeat(world, { clock: createFakeClock(start), database });
  await after.advance(60 * minute);
  const receipts = await receiptsOf(after);
  assert.equal(new Set(receipts.map(({ dueAt }) => dueAt)).size, receipts.length);
  assert.ok(receipts.some(({ dueAt }) => dueAt < start + 61 * minute));
  rmSync(folder, { recursive: true });
});
