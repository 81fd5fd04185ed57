import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '@clay/sdk';
import { createTestHost } from '@clay/sdk/testing';
import usage from './index.ts';
import manifest from './plugin.json' with { type: 'json' };

const nothing = {
  calls: 0,
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  costUsd: 0,
  unpricedCalls: 0,
};
const some = { ...nothing, calls: 3, inputTokens: 1000, cacheReadTokens: 234, outputTokens: 56, costUsd: 1.239 };
const until = Date.UTC(2026, 2, 11);

function createClaw(budgets: readonly JsonObject[] = []) {
  const asked: JsonObject[] = [];
  const provided = {
    'service:usage.sums': (args: unknown) => {
      asked.push(args as JsonObject);
      const named = { ...some, name: 'glm-5' };
      return { total: some, groups: [named, { ...nothing, calls: 1, unpricedCalls: 1, name: '' }] };
    },
    'service:usage.budgets': () => ({ timeZone: 'Europe/Berlin', budgets: [...budgets] }),
  };
  return { asked, host: createTestHost({ ...usage, requires: manifest.requires }, { provided }) };
}

const day = { scope: 'claw', name: '', period: 'day', unit: 'usd', limit: 2, spent: 1.239, left: 0.761, until };

test('the command tells what the conversation, the day and the month have cost, by plugin and model', async () => {
  const { host, asked } = createClaw();
  await using claw = await host;
  const text = await claw.command('usage');
  const sum = '3 model calls, 1,234 tokens read, 56 written, $1.24';
  assert.match(text, new RegExp(`^- This conversation: ${sum.replace('$', '\\$')}\n- Today: `));
  assert.ok(text.includes(`  - \`glm-5\`: ${sum}`));
  assert.ok(text.endsWith('There is no budget.'));
  assert.deepEqual(asked[0], { period: 'all', session: true });
});

test('the command tells what each budget leaves', async () => {
  const spent = {
    scope: 'plugin',
    name: 'research',
    period: 'month',
    unit: 'tokens',
    limit: 9000,
    spent: 9001,
    left: 0,
  };
  await using claw = await createClaw([day, { ...spent, until }]).host;
  const text = await claw.command('usage');
  assert.ok(text.includes('- The claw, today: $1.24 of $2.00 (61 %), $0.76 left'));
  assert.ok(text.includes('- plugin research, this month: 9,001 tokens of 9,000 tokens (100 %), used up'));
});

test('the tool gives the numbers of a period, parted as asked, with the budgets', async () => {
  const { host, asked } = createClaw([day]);
  await using claw = await host;
  const value = (await claw.tool('usage', { period: 'month', by: 'model' })) as JsonObject;
  assert.deepEqual(asked, [{ period: 'month', by: 'model' }]);
  assert.deepEqual((value.total as JsonObject).costUsd, 1.239);
  assert.deepEqual(
    (value.by as JsonObject[]).map(({ name }) => name),
    ['glm-5', 'people'],
  );
  assert.deepEqual(value.budgets, [{ ...day, until: '2026-03-11T00:00:00.000Z' }]);
  assert.equal('by' in ((await claw.tool('usage')) as JsonObject), false);
});
