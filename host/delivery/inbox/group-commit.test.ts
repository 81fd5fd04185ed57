import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GroupCommit } from './group-commit.ts';

/** A store that only tells what was asked of it, and whose next commit may fail. */
function fakeStore() {
  const log: string[] = [];
  let failure: Error | null = null;
  return {
    log,
    failNext(error: Error) {
      failure = error;
    },
    transaction<T>(work: () => T, how?: { readonly full?: boolean }): T {
      log.push(how?.full === true ? 'full' : 'part');
      const value = work();
      const thrown = how?.full === true ? failure : null;
      if (thrown === null) return value;
      failure = null;
      throw thrown;
    },
  };
}

test('what comes at one moment is committed once, in order, and each gets its own result', async () => {
  const store = fakeStore();
  const group = new GroupCommit(store);
  const order: number[] = [];
  const results = await Promise.all([1, 2, 3].map((one) => group.run(() => order.push(one))));
  assert.deepEqual(
    [results, order],
    [
      [1, 2, 3],
      [1, 2, 3],
    ],
  );
  assert.deepEqual(store.log, ['full', 'part', 'part', 'part']);
  assert.equal(await group.run(() => 'later'), 'later');
  assert.deepEqual(store.log.slice(4), ['full']);
});

test('what throws fails alone, and a failed commit fails all', async () => {
  const store = fakeStore();
  const group = new GroupCommit(store);
  const bad = group.run(() => {
    throw new Error('bad');
  });
  const good = group.run(() => 'good');
  await assert.rejects(bad, /bad/);
  assert.equal(await good, 'good');
  store.failNext(new Error('disk full'));
  const both = [group.run(() => 1), group.run(() => 2)];
  for (const one of both) await assert.rejects(one, /disk full/);
  assert.equal(await group.run(() => 3), 3);
});
