import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Json, JsonObject } from '@clay/sdk';
import { codeOf, startConnector } from '../testing/connector.ts';

// A machine that has a proxy is none of these tests'.
for (const name of ['HTTPS_PROXY', 'https_proxy']) delete process.env[name];

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
    assert.equal(
      await codeOf(
        claw.host.call('channel:matterbridge', { to: 'room/irc/#lab', text: 'hi', format: 'plain', key: '1' }),
      ),
      'UNAVAILABLE',
    );
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
    const ordered = Promise.withResolvers<Json>();
    await using claw = await startConnector({
      root,
      run: (order) => {
        ordered.resolve(order);
        return null;
      },
    });
    const order = await claw.turnUntil(ordered.promise);
    // A long answer has more lines than matterbridge keeps for IRC by itself.
    assert.partialDeepStrictEqual(order, { environment: { MATTERBRIDGE_IRC_NET_MESSAGEQUEUE: '10000' } });
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
