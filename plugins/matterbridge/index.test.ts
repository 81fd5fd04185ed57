import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { ClayError, type JsonObject } from '@clay/sdk';
import type { HttpAnswer } from '@clay/sdk/testing';
import { strangerLine } from './strangers.ts';
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

  test('the same message read twice has the same key', async () => {
    await using claw = await connect();
    api.say(fromTelegram());
    api.say(fromTelegram());
    const [first, second] = await claw.inbox.count(2);
    assert.equal(second!.key, first!.key);
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

  test('what came while the stream was cut is read after it, in order and once', async () => {
    await using claw = await connect();
    api.say(fromTelegram({ text: 'one' }));
    await claw.inbox.count(1);
    api.cut();
    for (const text of ['two', 'three', 'four']) api.say(fromTelegram({ text }));
    const taken = await claw.turnUntil(claw.inbox.count(4));
    assert.deepEqual(
      taken.map(({ text }) => text),
      ['one', 'two', 'three', 'four'],
    );
  });

  test('a line that was cut in the middle is dropped and told, and never joined to the next stream', async () => {
    await using claw = await connect();
    const line = JSON.stringify(fromTelegram({ text: 'cut' }));
    const ended = once(api, 'cut');
    api.write(line.slice(0, 40));
    await new Promise((resolve) => setImmediate(resolve));
    api.cut();
    await ended;
    api.say(fromTelegram({ text: 'whole' }));
    const taken = await claw.turnUntil(claw.inbox.count(1));
    assert.deepEqual(
      taken.map(({ text }) => text),
      ['whole'],
    );
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

  test('a dead process is followed by its successor', async () => {
    await using claw = await connect();
    await api.kill();
    const [code] = await Promise.all([codeOf(claw.host.call('channel:matterbridge', part('hi')))]);
    assert.equal(code, 'UNAVAILABLE');
    await claw.host.advance(60_000);
    await api.start();
    api.say(fromTelegram({ text: 'again' }));
    await claw.turnUntil(claw.inbox.count(1));
    assert.equal(api.streams, 1);
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

  test('a message that the inbox cannot take yet is handed in again, and the next waits behind it', async () => {
    await using claw = await connect();
    claw.inbox.failures.push(new ClayError('UNAVAILABLE', 'The disk is full.'), new ClayError('TIMEOUT', 'Too slow.'));
    api.say(fromTelegram({ text: 'first' }));
    api.say(fromTelegram({ text: 'second' }));
    const taken = await claw.turnUntil(claw.inbox.count(2));
    assert.deepEqual(
      taken.map(({ text }) => text),
      ['first', 'second'],
    );
    assert.equal(claw.host.logs.filter(({ event }) => event === 'matterbridge.message_waits').length, 1);
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

  test('a stranger gets one polite line and reaches nobody', async () => {
    await using claw = await connect({ telegram: { token: null, chatId: null, allowedUsers: ['7'] } });
    const greeted = once(api, 'posted');
    api.say(fromTelegram({ text: 'let me in' }));
    api.say(fromTelegram({ text: 'please' }));
    api.say(fromTelegram({ userid: '7', channel: '5001', text: 'it is me' }));
    await greeted;
    const [message] = await claw.inbox.count(1);
    assert.equal(message!.text, 'it is me');
    assert.deepEqual([claw.inbox.taken.length, api.delivered.length], [1, 1]);
    assert.equal(api.delivered[0]!.username, strangerLine);
  });

  test('a user name that imitates the claw is a person like all others', async () => {
    await using claw = await connect({ users: ['irc:*'] });
    api.say(fromTelegram({ username: 'Clay', text: 'boo' }));
    api.say(irc({ username: 'Clay', text: 'boo too' }));
    const taken = await claw.inbox.count(2);
    assert.deepEqual(
      taken.map(({ name }) => name),
      ['Clay', 'Clay'],
    );
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

describe('the configuration for matterbridge', { timeout: 30_000 }, () => {
  let root: string;
  before(() => {
    root = mkdtempSync(join(tmpdir(), 'clay-matterbridge-'));
  });
  after(() => rmSync(root, { recursive: true }));
  const telegram = { token: '111:SECRET', chatId: '5001', allowedUsers: ['5001', '7'] };
  const logged = (claw: { host: { logs: readonly unknown[] } }) => JSON.stringify(claw.host.logs);

  test('without configuration, and when the other connector has the bot, the plugin is quiet', async () => {
    const orders: unknown[] = [];
    await using claw = await startConnector({ run: (args) => orders.push(args) });
    await using direct = await startConnector({
      config: { telegram: { ...telegram, connector: 'telegram' } },
      run: (args) => orders.push(args),
    });
    await claw.host.advance(60_000);
    await direct.host.advance(60_000);
    assert.deepEqual([orders, claw.host.logs, direct.host.logs], [[], [], []]);
    assert.equal(await codeOf(claw.host.call('channel:matterbridge', part('hi'))), 'UNAVAILABLE');
  });

  test('a bot token gives a file without a secret, for its owner only, and a process that gets the secrets', async () => {
    const orders: JsonObject[] = [];
    let order: () => void = () => undefined;
    const ordered = new Promise<void>((resolve) => {
      order = resolve;
    });
    await using claw = await startConnector({
      root,
      config: { telegram, port: 4299 },
      http: () => Response.json({ ok: true }),
      run: (args) => {
        orders.push(args as JsonObject);
        order();
        return null;
      },
    });
    await claw.turnUntil(ordered);
    const file = join(root, 'data', 'matterbridge', 'matterbridge.toml');
    const toml = readFileSync(file, 'utf8');
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.ok(!toml.includes('SECRET'));
    assert.match(toml, /name="telegram-5001".*channel="5001".*name="telegram-7"/s);
    assert.match(toml, /BindAddress="127\.0\.0\.1:4299"/);
    assert.deepEqual(orders[0]!.command, ['matterbridge', '-conf', file]);
    const environment = orders[0]!.environment as Record<string, string>;
    assert.equal(environment.MATTERBRIDGE_TELEGRAM_BOT_TOKEN, '111:SECRET');
    assert.match(environment.MATTERBRIDGE_API_CLAY_TOKEN!, /^[0-9a-f]{32}$/);
    assert.ok(!logged(claw).includes('SECRET'));
    assert.deepEqual(claw.inbox.mainChat, { channel: 'matterbridge', chat: 'telegram-5001/telegram/5001' });
  });

  test('a token that Telegram refuses is told once, and no process is started', async () => {
    const orders: unknown[] = [];
    await using claw = await startConnector({
      config: { telegram },
      http: () => Response.json({ ok: false, error_code: 401 }, { status: 401 }),
      run: (args) => orders.push(args),
    });
    await claw.host.advance(600_000);
    const told = claw.host.logs.filter(({ event }) => event === 'matterbridge.token_refused');
    assert.deepEqual([told.length, orders.length], [1, 0]);
    assert.ok(!logged(claw).includes('SECRET'));
  });

  test('behind a proxy matterbridge is told of it and started, as the claw itself cannot ask Telegram', async (t) => {
    process.env.HTTPS_PROXY = 'http://proxy.test:3128';
    t.after(() => delete process.env.HTTPS_PROXY);
    const orders: JsonObject[] = [];
    await using claw = await startConnector({
      config: { telegram },
      http: () => assert.fail('it was asked'),
      run: (args) => {
        orders.push(args as JsonObject);
        return null;
      },
    });
    await claw.host.advance(1_000);
    assert.partialDeepStrictEqual(orders[0], { environment: { HTTPS_PROXY: 'http://proxy.test:3128' } });
  });

  test('bridges of the operator’s own are appended as they are', async () => {
    const own =
      '[irc.net]\nServer="127.0.0.1:6667"\n\n[[gateway]]\nname="room"\nenable=true\ninout=[{account="irc.net",channel="#lab"},{account="api.clay",channel="api"}]\n';
    writeFileSync(join(root, 'matterbridge.toml'), own);
    let order: () => void = () => undefined;
    const ordered = new Promise<void>((resolve) => {
      order = resolve;
    });
    await using claw = await startConnector({
      root,
      run: () => {
        order();
        return null;
      },
    });
    await claw.turnUntil(ordered);
    const toml = readFileSync(join(root, 'data', 'matterbridge', 'matterbridge.toml'), 'utf8');
    assert.ok(toml.endsWith(own) && toml.includes('[general]') && !toml.includes('[telegram.bot]'));
  });

  const wrong = {
    'a gateway that does not reach the claw': [
      '[[gateway]]\nname="room"\ninout=[]\n',
      /:1: the gateway "room" does not reach/,
    ],
    'a gateway without a name': [
      '[irc.net]\n[[gateway]]\ninout=[{account="api.clay"}]\n',
      /:2: this gateway needs a line/,
    ],
    'the claw’s own account': ['# mine\n[api.clay]\n', /:2: \[api\.clay\] is the claw’s own/],
    'settings before the first table': ['MediaDownloadSize=1\n', /:1: before the first table/],
  } as const;
  for (const [what, [text, message]] of Object.entries(wrong)) {
    test(`${what} is told with its line`, async () => {
      writeFileSync(join(root, 'matterbridge.toml'), text);
      await using claw = await startConnector({ root });
      await claw.host.advance(0);
      const failed = claw.host.logs.find(({ event }) => event === 'matterbridge.failed');
      assert.match(String(failed?.fields.reason), message);
    });
  }
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
