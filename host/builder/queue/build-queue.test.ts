import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSuperseded } from '../build-error.ts';
import { failureOf } from '../testing/sources.ts';
import { BuildQueue, retryAfterOf } from './build-queue.ts';

const wide = { concurrent: 1, concurrentPerTenant: 1, waiting: 100, waitingPerTenant: 100 };

/** A job that runs until it is told to end, and notes when it began. */
function jobs(queue: BuildQueue) {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const add = (tenant: string, plugin: string, label = `${tenant}:${plugin}`, signal?: AbortSignal) =>
    queue.run({ tenant, plugin, signal }, () => {
      begun.push(label);
      return new Promise<string>((resolve) => ends.set(label, () => resolve(label)));
    });
  const end = async (label: string) => {
    ends.get(label)!();
    await new Promise(setImmediate);
  };
  return { begun, add, end };
}

test('of the jobs of one plugin that wait only the newest runs; the running one ends in peace', async () => {
  const { begun, add, end } = jobs(new BuildQueue(wide));
  const first = add('a', 'p', '1');
  const second = failureOf(add('a', 'p', '2'));
  const third = failureOf(add('a', 'p', '3'));
  const fourth = add('a', 'p', '4');
  assert.ok(isSuperseded(await second));
  assert.ok(isSuperseded(await third));
  await end('1');
  await end('4');
  assert.deepEqual([await first, await fourth, begun], ['1', '4', ['1', '4']]);
});

test('jobs of one plugin never run side by side, those of others do', async () => {
  const { begun, add, end } = jobs(new BuildQueue({ ...wide, concurrent: 8, concurrentPerTenant: 8 }));
  const all = [add('a', 'p', '1'), add('a', 'p', '2'), add('a', 'q', '3'), add('b', 'p', '4')];
  assert.deepEqual(begun, ['1', '3', '4']);
  await end('1');
  assert.deepEqual(begun, ['1', '3', '4', '2']);
  for (const label of ['2', '3', '4']) await end(label);
  await Promise.all(all);
});

test('a tenant with a long queue waits for itself: the others take turns with it', async () => {
  const { begun, add, end } = jobs(new BuildQueue(wide));
  const all = ['1', '2', '3', '4'].map((plugin) => add('greedy', plugin));
  all.push(add('b', 'x'), add('c', 'y'));
  for (const label of ['greedy:1', 'b:x', 'c:y', 'greedy:2', 'greedy:3', 'greedy:4']) await end(label);
  await Promise.all(all);
  assert.deepEqual(begun, ['greedy:1', 'b:x', 'c:y', 'greedy:2', 'greedy:3', 'greedy:4']);
});

test('a tenant whose jobs hang keeps one place, not all', async () => {
  const { begun, add, end } = jobs(new BuildQueue({ ...wide, concurrent: 2 }));
  const hanging = [add('bomb', '1'), add('bomb', '2')];
  const other = add('b', 'x');
  assert.deepEqual(begun, ['bomb:1', 'b:x']);
  await end('b:x');
  assert.equal(await other, 'b:x');
  assert.deepEqual(begun, ['bomb:1', 'b:x']);
  await end('bomb:1');
  await end('bomb:2');
  await Promise.all(hanging);
});

test('a full queue is told with the limit and how long to wait', async () => {
  const { add, end } = jobs(new BuildQueue({ ...wide, waiting: 3, waitingPerTenant: 2 }));
  const all = [add('a', '0'), add('a', '1'), add('a', '2')];
  const own = await failureOf(add('a', '3'));
  assert.match(own.message, /limit waitingPerTenant is 2/);
  assert.ok(retryAfterOf(own)! > 0);
  all.push(add('b', 'x'));
  assert.match((await failureOf(add('c', 'y'))).message, /limit waiting is 3/);
  for (const label of ['a:0', 'b:x', 'a:1', 'a:2']) await end(label);
  await Promise.all(all);
});

test('a job that is cancelled while it waits gives its place back', async () => {
  const { begun, add, end } = jobs(new BuildQueue({ ...wide, waitingPerTenant: 1 }));
  const controller = new AbortController();
  const first = add('a', '0');
  const cancelled = failureOf(add('a', '1', 'cancelled', controller.signal));
  controller.abort();
  assert.equal((await cancelled).code, 'CANCELLED');
  const next = add('a', '2');
  await end('a:0');
  await end('a:2');
  await Promise.all([first, next]);
  assert.deepEqual(begun, ['a:0', 'a:2']);
});

test('a job that fails makes room for the next', async () => {
  const queue = new BuildQueue(wide);
  const ticket = { tenant: 'a', plugin: 'p', signal: undefined };
  assert.equal((await failureOf(queue.run(ticket, () => Promise.reject(new Error('broken'))))).message, 'broken');
  assert.equal(await queue.run(ticket, async () => 'next'), 'next');
});
