import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { settle, type TestHost } from '@clay/sdk/testing';
import { listenBotApi } from '../testing/fake-bot-api.ts';
import { FakeRefusal } from '../testing/fake-refusal.ts';
import { ada, deliver, start } from '../testing/setting.ts';

describe('while the claw works', () => {
  const long = 'A sentence that goes on. '.repeat(12).trim();
  const tell = (host: TestHost, state: string, text?: string) =>
    host.call('service:telegram.activity', { chat: '5001', state, ...(text === undefined ? {} : { text }) });

  test('it is seen to type, again and again until it is idle', async () => {
    await using setting = await start();
    const { fake, host } = setting;
    await tell(host, 'thinking');
    await fake.until(() => fake.count('sendChatAction') === 1);
    await host.advance(4_500);
    await fake.until(() => fake.count('sendChatAction') === 2);
    await tell(host, 'idle');
    await host.advance(60_000);
    assert.equal(fake.count('sendChatAction'), 2);
  });

  test('one message grows with the answer, not too often, and becomes its first part', async () => {
    await using setting = await start();
    const { fake, host } = setting;
    await tell(host, 'thinking', 'Short');
    assert.deepEqual(fake.said(ada.id), []);
    await tell(host, 'thinking', `${long.slice(0, 180)} **bo`);
    await tell(host, 'thinking', long.slice(0, 200));
    assert.deepEqual(
      fake.said(ada.id).map(({ edits }) => edits),
      [0],
    );
    await host.advance(1_500);
    await tell(host, 'thinking', long.slice(0, 250));
    assert.deepEqual(
      fake.said(ada.id).map(({ edits }) => edits),
      [1],
    );
    await deliver(host, long);
    await tell(host, 'idle');
    await host.advance(60_000);
    assert.deepEqual(
      fake.said(ada.id).map(({ text }) => text),
      [long],
    );
  });

  test('a live message that became a part stays, also when the part needed a second try', async () => {
    await using setting = await start();
    const { fake, host } = setting;
    await tell(host, 'thinking', long);
    fake.script('editMessageText', new FakeRefusal(429, 'Too Many Requests: retry after 3', 3));
    await assert.rejects(deliver(host, long), { code: 'UNAVAILABLE' });
    await tell(host, 'idle');
    await deliver(host, long);
    await host.advance(60_000);
    await settle();
    assert.deepEqual(
      fake.said(ada.id).map(({ text }) => text),
      [long],
    );
    assert.equal(fake.count('deleteMessage'), 0);
  });

  test('a live message that becomes nothing is taken away', async () => {
    await using first = await start();
    await tell(first.host, 'thinking', long);
    await deliver(first.host, 'Something else.');
    await tell(first.host, 'idle');
    await first.host.advance(15_000);
    await first.fake.until(() => first.fake.count('deleteMessage') === 1);
    assert.deepEqual(
      first.fake.said(ada.id).map(({ text }) => text),
      ['Something else.'],
    );
  });

  test('what a claw that died has left half said is taken away by the next', async () => {
    await using server = await listenBotApi();
    const folder = mkdtempSync(join(tmpdir(), 'clay-telegram-'));
    const options = { server, database: join(folder, 'messages.db') };
    const first = await start(options);
    await tell(first.host, 'thinking', long);
    await deliver(first.host, 'Something else.');
    await first.host.stop();
    assert.equal(server.fake.said(ada.id).length, 2);
    await using _ = await start(options);
    await server.fake.until(() => server.fake.count('deleteMessage') === 1);
    assert.deepEqual(
      server.fake.said(ada.id).map(({ text }) => text),
      ['Something else.'],
    );
    rmSync(folder, { recursive: true });
  });

  test('a refusal of a live edit harms nobody, and is waited out', async () => {
    await using setting = await start();
    const { fake, host } = setting;
    fake.script('sendMessage', new FakeRefusal(429, 'Too Many Requests: retry after 30', 30));
    await tell(host, 'thinking', long);
    await host.advance(10_000);
    await tell(host, 'thinking', long);
    assert.equal(fake.count('sendMessage'), 1);
    await host.advance(20_000);
    await tell(host, 'thinking', long);
    assert.equal(fake.count('sendMessage'), 2);
  });
});
