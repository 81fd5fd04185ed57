import assert from 'node:assert/strict';
import { test } from 'node:test';
import { temporaryStore } from './testing/temporary-store.ts';
import type { UsageEntry } from './usage-ledger.ts';

const call: UsageEntry = {
  app: 'clay',
  user: 'ann',
  session: 's1',
  turn: 't1',
  plugin: 'host',
  agent: 'clay',
  startedBy: '',
  schedule: '',
  model: 'glm-5',
  inputTokens: 100,
  outputTokens: 10,
  cacheReadTokens: 1000,
  cacheWriteTokens: 5,
  costUsd: 0.25,
  durationMs: 12.7,
};

test('an empty ledger sums to nothing', (t) => {
  const { usage } = temporaryStore(t);
  assert.deepEqual(usage.sum(), {
    calls: 0,
    inputTokens: 0,
    outputTokens: 0,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    costUsd: 0,
    unpricedCalls: 0,
  });
});

test('calls are summed, and those without a price are counted apart', (t) => {
  const { usage } = temporaryStore(t);
  usage.record(call);
  usage.record({ ...call, session: 's2', costUsd: 0.5 });
  usage.record({ ...call, user: 'ben', model: 'other', costUsd: null, inputTokens: 1 });
  const sum = usage.sum();
  assert.deepEqual(
    [sum.calls, sum.inputTokens, sum.cacheReadTokens, sum.costUsd, sum.unpricedCalls],
    [3, 201, 3000, 0.75, 1],
  );
  assert.equal(usage.sum({ user: 'ann' }).calls, 2);
  assert.equal(usage.sum({ user: 'ann', session: 's2' }).costUsd, 0.5);
});

test('sums are parted by user, session, plugin, model and day', (t) => {
  const { usage, clock } = temporaryStore(t);
  usage.record(call);
  clock.advance(24 * 3600 * 1000);
  usage.record({ ...call, plugin: 'research', model: 'big', inputTokens: 9000 });
  assert.deepEqual(
    usage.sumBy('model').map((sum) => [sum.name, sum.inputTokens]),
    [
      ['big', 9000],
      ['glm-5', 100],
    ],
  );
  assert.deepEqual(
    usage.sumBy('day').map((sum) => [sum.name, sum.calls]),
    [
      ['2026-03-10', 1],
      ['2026-03-11', 1],
    ],
  );
  assert.deepEqual(
    usage.sumBy('plugin', { until: clock.now() }).map((sum) => sum.name),
    ['host'],
  );
  assert.equal(usage.sum({ since: clock.now() }).calls, 1);
});

test('what a plugin has caused is what it asked and what the turns cost that it began', (t) => {
  const { usage } = temporaryStore(t);
  usage.record(call);
  usage.record({ ...call, startedBy: 'schedule', schedule: 'news' });
  usage.record({ ...call, plugin: 'schedule' });
  usage.record({ ...call, plugin: 'research', startedBy: 'schedule', schedule: 'backup', inputTokens: 150 });
  assert.equal(usage.sum({ cause: 'schedule' }).calls, 3);
  assert.equal(usage.sum({ schedule: 'news' }).calls, 1);
  assert.deepEqual(
    usage.sumBy('schedule').map(({ name, calls }) => [name, calls]),
    [
      ['', 2],
      ['backup', 1],
      ['news', 1],
    ],
  );
});
