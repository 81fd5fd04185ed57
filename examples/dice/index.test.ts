import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTestHost } from '@clay/sdk/testing';
import dice from './index.ts';

test('a die shows a number up to its sides, and has six unless told otherwise', async () => {
  await using host = await createTestHost(dice);
  const seen = new Set<unknown>();
  for (let roll = 0; roll < 200; roll++) seen.add(((await host.tool('roll', {})) as { rolled: number }).rolled);
  assert.deepEqual([...seen].sort(), [1, 2, 3, 4, 5, 6]);
  const { rolled } = (await host.tool('roll', { sides: 2 })) as { rolled: number };
  assert.ok(rolled === 1 || rolled === 2);
});

test('a die with one side is refused', async () => {
  await using host = await createTestHost(dice);
  await assert.rejects(host.tool('roll', { sides: 1 }), { code: 'BAD_ARGUMENTS' });
});
