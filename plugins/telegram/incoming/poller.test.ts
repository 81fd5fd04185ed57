import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { settle } from '@clay/sdk/testing';
import { FakeRefusal } from '../testing/fake-refusal.ts';
import { ada, confirmed, loggedIn, start } from '../testing/setting.ts';

describe('the connection', () => {
  test('the menu lists what the host lists', async () => {
    await using setting = await start();
    const call = setting.fake.calls.find(({ method }) => method === 'setMyCommands');
    assert.deepEqual(call!.parameters.commands, [{ command: 'help', description: 'Lists the commands.' }]);
  });

  test('a token that is refused is told once, and nothing loops', async () => {
    await using setting = await start({ telegram: { token: '1:WRONG' }, isQuiet: true });
    const { fake, host } = setting;
    while (loggedIn(host, 'telegram.refused').length === 0) await settle();
    await host.advance(3_600_000);
    assert.equal(fake.calls.length, 1);
    assert.match(String(loggedIn(host, 'telegram.refused')[0]!.fields?.message), /@BotFather/);
    assert.doesNotMatch(JSON.stringify(host.logs), /1:WRONG/);
  });

  test('a second reader of the bot is told once, plainly, and tried again once a minute', async () => {
    const conflict = new FakeRefusal(409, 'Conflict: terminated by other getUpdates request');
    await using setting = await start({ before: (fake) => fake.script('getUpdates', conflict, conflict) });
    const { fake, host, received } = setting;
    while (loggedIn(host, 'telegram.conflict').length === 0) await settle();
    await host.advance(59_000);
    assert.equal(fake.count('getUpdates'), 1);
    await host.advance(1_000);
    await fake.until(
      () => fake.calls.filter(({ method, status }) => method === 'getUpdates' && status === 409).length === 2,
    );
    while (host.clock.pending === 0) await settle();
    await host.advance(60_000);
    await confirmed(fake, fake.say({ from: ada, text: 'there?' }));
    assert.equal(received.length, 1);
    assert.equal(loggedIn(host, 'telegram.conflict').length, 1);
    assert.match(String(loggedIn(host, 'telegram.conflict')[0]!.fields?.message), /with the same token/);
  });

  test('two processes with one token: it is told plainly, and nothing is heard twice', async () => {
    await using setting = await start();
    const { fake, host } = setting;
    const other = fake.updates.read(null, 0, 0, 100, new AbortController().signal);
    while (loggedIn(host, 'telegram.conflict').length === 0) await settle();
    assert.deepEqual(await other, []);
  });

  test('a webhook that is in the way is removed', async () => {
    const conflict = new FakeRefusal(409, "Conflict: can't use getUpdates method while webhook is active");
    await using setting = await start({ before: (fake) => fake.script('getUpdates', conflict) });
    await setting.fake.until(() => setting.fake.count('deleteWebhook') === 1);
    while (setting.host.clock.pending === 0) await settle();
    await setting.host.advance(0);
    await confirmed(setting.fake, setting.fake.say({ from: ada, text: 'there?' }));
    assert.equal(setting.received.length, 1);
  });

  test('cuts and errors of Telegram are waited out, and nothing is lost or doubled', async () => {
    await using setting = await start();
    const { fake, host, received } = setting;
    fake.script('getUpdates', 'cut after', new FakeRefusal(502, 'Bad Gateway'));
    const id = fake.say({ from: ada, text: 'one' });
    for (let round = 0; fake.updates.confirmed <= id && round < 2000; round++) {
      await settle();
      if (host.clock.pending > 0) await host.advance(1_000);
    }
    assert.deepEqual(
      received.map(({ text }) => text),
      ['one'],
    );
  });

  test('the lease goes with the last request under way', async () => {
    const setting = await start();
    await setting.host.stop();
    const calls = setting.fake.calls.length;
    setting.fake.say({ from: ada, text: 'after' });
    await settle();
    assert.deepEqual([setting.fake.calls.length, setting.fake.updates.isRead], [calls, false]);
    await setting[Symbol.asyncDispose]();
  });
});
