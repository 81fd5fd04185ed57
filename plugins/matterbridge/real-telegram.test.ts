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

  test('attachment too large: it is told in words, and the words below it are heard', async () => {
    const world = await real.world();
    const file = { name: 'film.mp4', mediaType: 'video/mp4', bytes: new Uint8Array(6_100_000) };
    await world.say({ who: 'friend', text: 'look', file });
    await world.say({ who: 'friend', text: 'after' });
    await world.until(() => world.inbox.texts.includes('after'));
    assert.match(world.inbox.texts[0]!, /^look\n.*film\.mp4.*6\.1 MB.*6\.0 MB/s);
    assert.deepEqual(world.inbox.taken[0]!.attachments, []);
  });

  test('two processes with one token: matterbridge goes on by itself when the other has ended', async () => {
    const world = await real.world();
    const other = await real.telegram.ask(new Request(`https://api.telegram.org/bot${real.telegram.token}/getUpdates`));
    assert.equal(other.status, 200);
    await world.say({ who: 'friend', text: 'are you there?' });
    await world.until(() => world.inbox.texts.includes('are you there?'));
  });
});
