import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, beforeEach, describe, test } from 'node:test';
import type { ClayError, JsonObject } from '@clay/sdk';
import type { HttpAnswer } from '@clay/sdk/testing';
import { codeOf, startConnector } from './testing/connector.ts';
import { FakeApi, fromTelegram } from './testing/fake-api.ts';

// A machine that has a proxy is none of these tests'.
for (const name of ['HTTPS_PROXY', 'https_proxy']) delete process.env[name];

describe('the connector, against an API that behaves as matterbridge’s', { timeout: 30_000 }, () => {
  let api: FakeApi;
  beforeEach(async () => {
    api = await new FakeApi().start();
  });
  const connect = async (config: JsonObject = {}, http?: HttpAnswer) => {
    const connected = once(api, 'connected');
    const connector = await startConnector({
      config: { url: api.url, token: api.token, ...config },
      ...(http === undefined ? {} : { http }),
    });
    await connected;
    return {
      ...connector,
      async [Symbol.asyncDispose]() {
        await connector[Symbol.asyncDispose]();
        await api.kill();
      },
    };
  };

  test('a message reaches the inbox with its chat, its person and a key of its own', async () => {
    await using claw = await connect();
    api.say(fromTelegram());
    api.say(fromTelegram({ timestamp: '2026-11-22T19:51:20.819934895Z' }));
    const [first, second] = await claw.inbox.count(2);
    assert.partialDeepStrictEqual(first, {
      channel: 'matterbridge',
      chat: 'telegram-5001/telegram/5001',
      user: 'telegram:5001',
      name: 'al',
      text: 'hello 😄',
      isGroup: false,
      sentAt: Date.UTC(2026, 10, 22, 19, 51, 20, 819),
    });
    assert.match(String(first!.key), /^matterbridge:[0-9a-f]{32}$/);
    assert.notEqual(second!.key, first!.key, 'the same text a nanosecond later is another message');
  });

  test('every request carries the token', async () => {
    await using claw = await connect();
    await claw.host.call('channel:matterbridge', part('hi'));
    const asked = once(api, 'health');
    await claw.turnUntil(asked);
    assert.deepEqual(api.refusals, []);
  });

  test('a wrong token is told, and the connector goes on trying', async () => {
    await using claw = await startConnector({ config: { url: api.url, token: 'other' } });
    const tried = (async () => {
      while (api.refusals.length < 3) await new Promise((resolve) => setImmediate(resolve));
    })();
    await claw.turnUntil(tried);
    const lost = claw.host.logs.filter(({ event }) => event === 'matterbridge.stream_lost');
    assert.equal(lost.length, 1);
    assert.match(JSON.stringify(lost[0]), /answered 401.*token of this claw/);
    await api.kill();
  });

  test('a character that two packets share is read whole', async () => {
    await using claw = await connect();
    const bytes = Buffer.from(`${JSON.stringify(fromTelegram({ text: 'schön 👩‍👩‍👧' }))}\n`);
    const middle = bytes.indexOf(Buffer.from('👩')) + 2;
    api.write(bytes.subarray(0, middle));
    await new Promise((resolve) => setImmediate(resolve));
    api.write(bytes.subarray(middle));
    const [message] = await claw.inbox.count(1);
    assert.equal(message!.text, 'schön 👩‍👩‍👧');
  });

  test('lines that are no messages are told and skipped', async () => {
    await using claw = await connect();
    api.write('\n\nnonsense\n{"half":\n');
    api.say(fromTelegram());
    await claw.inbox.count(1);
    assert.equal(claw.host.logs.filter(({ event }) => event === 'matterbridge.line_unread').length, 2);
  });

  test('a process that answers no probe loses its stream, however open that looks', async () => {
    await using claw = await connect();
    api.isHealthy = false;
    const cut = once(api, 'cut');
    await claw.turnUntil(cut);
    api.isHealthy = true;
    api.say(fromTelegram());
    await claw.turnUntil(claw.inbox.count(1));
    assert.equal(api.streams, 1);
  });

  test('an answer goes to Telegram as HTML in the name, with nothing left for matterbridge to fill in', async () => {
    await using claw = await connect();
    const { parts } = (await claw.host.call('service:matterbridge.render', {
      text: '**a** < b `x[1:100:2]` {USERID} :smile:',
    })) as { parts: { text: string; format: string }[] };
    assert.equal(parts.length, 1);
    await claw.host.call('channel:matterbridge', part(parts[0]!.text, parts[0]!.format));
    const [sent] = api.delivered;
    assert.equal(sent!.gateway, 'telegram-5001');
    assert.equal(sent!.text, '\n');
    assert.equal(sent!.username, '<b>a</b> &lt; b <code>x[1:100:2]</code> &#123;USERID} :smile:');
    assert.ok(!('parent_id' in sent!));
  });

  test('plain text for Telegram is escaped and otherwise untouched', async () => {
    await using claw = await connect();
    await claw.host.call('channel:matterbridge', part('1 < 2 & :smile:', 'plain'));
    assert.equal(api.delivered[0]!.username, '1 &lt; 2 &amp; :smile:');
  });

  test('other protocols get plain lines that they do not cut, and no command of matterbridge', async () => {
    await using claw = await connect();
    const long = 'Wörter '.repeat(200).trim();
    await claw.host.call('channel:matterbridge', { ...part(`<b>!users</b>\n${long}`, 'html'), to: 'room/irc/#lab' });
    const text = String(api.delivered[0]!.text);
    assert.equal(api.delivered[0]!.username, '');
    assert.ok(!text.startsWith('!'));
    const lines = text.split('\n');
    assert.ok(lines.every((line) => Buffer.byteLength(line) <= 400));
    assert.equal(lines.slice(1).join(' '), long);
  });

  test('a part with a key that was answered is not posted again', async () => {
    await using claw = await connect();
    await claw.host.call('channel:matterbridge', part('once'));
    await claw.host.call('channel:matterbridge', part('once'));
    assert.equal(api.delivered.length, 1);
    api.status = 500;
    assert.equal(await codeOf(claw.host.call('channel:matterbridge', { ...part('x'), key: 'other' })), 'UNAVAILABLE');
    assert.equal(
      await codeOf(claw.host.call('channel:matterbridge', { ...part('x'), to: '5001', key: 'third' })),
      'BAD_ARGUMENTS',
    );
  });

  test('a file goes to Telegram by the Bot API, never into a matterbridge that would end by it', async () => {
    const telegram = { token: '111:SECRET', chatId: '5001', allowedUsers: [], connector: 'matterbridge' };
    const answers = [
      Response.json({ ok: false, description: 'Bad Request: PHOTO_INVALID_DIMENSIONS' }, { status: 400 }),
      Response.json({ ok: true, result: { message_id: 7 } }),
      Response.json({ ok: false, description: 'Too Many', parameters: { retry_after: 3 } }, { status: 429 }),
      Response.json({ ok: false, description: 'Bad Request: chat not found' }, { status: 400 }),
    ];
    await using claw = await connect({ telegram }, () => answers.shift()!);
    const file = { chat: 'room/telegram/-100/9', name: 'a.png', mediaType: 'image/png', base64: 'iVBORw0=' };
    const send = (more: JsonObject) => claw.host.call('service:matterbridge.file', { ...file, ...more });
    assert.deepEqual(await send({ key: 'one' }), { id: '7' });
    assert.deepEqual(await send({ key: 'one' }), { id: '7' });
    assert.deepEqual(
      claw.host.requests.map(({ url }) => url.replace(/.*SECRET/, '')),
      ['/sendPhoto', '/sendDocument'],
    );
    const form = await claw.host.requests[1]!.formData();
    assert.deepEqual([form.get('chat_id'), form.get('message_thread_id')], ['-100', '9']);
    await assert.rejects(send({ key: 'two' }), (error: ClayError) => {
      assert.deepEqual([error.code, error.details.data], ['UNAVAILABLE', { retryAfterMs: 3000 }]);
      return true;
    });
    await assert.rejects(send({ key: 'two' }), { code: 'NOT_FOUND' });
    await assert.rejects(send({ chat: 'room/irc/#lab' }), { code: 'BAD_ARGUMENTS', message: /for no other chats/ });
    assert.deepEqual(api.delivered, []);
  });

  test('our own words are known when another bridge brings them back, once for each time they were said', async () => {
    await using claw = await connect({ users: ['irc:*'] });
    await claw.host.call('channel:matterbridge', { ...part('The answer is forty-two.', 'plain'), to: 'room/irc/#lab' });
    const mark = String(api.delivered[0]!.userid);
    assert.match(mark, /^clay-[0-9a-f]{32}$/);
    api.say(irc({ username: 'relay', text: '<clay> The answer is forty-two.' }));
    api.say(irc({ username: 'relay', userid: mark, text: 'whatever' }));
    api.say(irc({ username: 'ada', text: 'The answer is forty-two.' }));
    const [message] = await claw.inbox.count(1);
    assert.deepEqual([message!.name, claw.inbox.taken.length], ['ada', 1]);
  });

  after(() => api.kill().catch(() => undefined));
});

function part(text: string, format = 'html') {
  return { to: 'telegram-5001/telegram/5001', text, format, key: 'm1/1' };
}

function irc(fields: JsonObject) {
  return fromTelegram({
    protocol: 'irc',
    account: 'irc.net',
    gateway: 'room',
    channel: '#lab',
    userid: '~ada@host',
    ...fields,
  });
}
