import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { connectorSentences } from '@clay/sdk/testing';
import { findComponent, skipWithout } from './testing/component.ts';
import { RealWorld } from './testing/real-world.ts';

const matterbridge = findComponent('matterbridge', 'MATTERBRIDGE_BIN');
const openssl = findComponent('openssl', 'OPENSSL');

describe('as every connector: by the real matterbridge and a fake Telegram', {
  skip: skipWithout(matterbridge, openssl),
  timeout: 120_000,
}, () => {
  let real: RealWorld;
  before(async () => {
    real = await RealWorld.start(matterbridge.path!);
  });
  after(() => real.stop());

  for (const { name, needs, run } of connectorSentences)
    if (needs === undefined) test(name, { timeout: 30_000 }, () => run(() => real.world()));

  test('whoever writes to the bot from a chat that was not named is not even a stranger', async () => {
    const world = await real.world();
    await real.telegram.say({ from: { id: 8888, first_name: 'Mallory' }, text: 'let me in' });
    await world.say({ who: 'friend', text: 'after' });
    await world.until(() => world.inbox.texts.includes('after'));
    assert.deepEqual([world.inbox.texts, await real.telegram.saidNow(8888)], [['after'], []]);
  });
});
