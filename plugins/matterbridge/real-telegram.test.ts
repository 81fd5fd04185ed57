import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Json } from '@clay/sdk';
import { telegramText } from '@clay/sdk/telegram';
import { findComponent, skipWithout } from './testing/component.ts';
import { type Connector, startConnector } from './testing/connector.ts';
import { FakeTelegram } from './testing/fake-telegram.ts';
import { freePort } from './testing/irc-room.ts';
import { Program } from './testing/program.ts';

const matterbridge = findComponent('matterbridge', 'MATTERBRIDGE_BIN');
const openssl = findComponent('openssl', 'OPENSSL');

interface Order {
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

const ada = { id: 5001, first_name: 'Ada', username: 'ada' };
const chat = 'telegram-5001/telegram/5001';

/** Telegram person ↔ a fake Bot API behind a proxy that ends TLS ↔ the real matterbridge ↔ the connector. */
describe('with the real matterbridge and a fake Telegram', {
  skip: skipWithout(matterbridge, openssl),
  timeout: 120_000,
}, () => {
  let root: string;
  let telegram: FakeTelegram;
  let bridge: Program | null = null;
  let claw: Connector;

  before(async () => {
    root = mkdtempSync(join(tmpdir(), 'clay-matterbridge-'));
    telegram = await FakeTelegram.start();
    const port = await freePort();
    const started = Promise.withResolvers<void>();
    claw = await startConnector({
      root,
      config: { port, telegram: { token: telegram.token, chatId: '5001', allowedUsers: [] } },
      http: () => Response.json({ ok: true }),
      run: (args: Json) => {
        const { command, environment } = args as unknown as Order;
        bridge = new Program([matterbridge.path!, ...command.slice(1)], {
          ...environment,
          HTTPS_PROXY: telegram.proxy,
          SSL_CERT_FILE: telegram.ca,
        });
        started.resolve();
        return null;
      },
    });
    await claw.turnUntil(started.promise);
  });

  after(async () => {
    await claw.host.stop();
    await bridge?.kill('SIGKILL');
    await telegram.stop();
    rmSync(root, { recursive: true });
    assert.ok(!existsSync(root));
  });

  test('a person is heard as they are, with edits and replies told apart, and nobody from another chat', async () => {
    await telegram.say({ from: { id: 6666, first_name: 'Eve' }, text: 'let me in' });
    await telegram.say({ from: ada, text: 'hello 😄 <b> & *c*' });
    await telegram.say({ from: ada, text: 'hello again', kind: 'edited_message' });
    const quoted = {
      message_id: 1,
      date: 1,
      from: { is_bot: true, ...ada },
      chat: { id: 5001, type: 'private' },
      text: 'shall we?',
    };
    await telegram.say({ from: ada, text: 'yes (edited)', more: { reply_to_message: quoted } });
    const taken = await claw.turnUntil(claw.inbox.count(3));
    assert.deepEqual(
      taken.map(({ text }) => text),
      [
        'hello 😄 <b> & *c*',
        '[An earlier message was edited; it reads now:]\nhello again',
        '[In reply to ada: shall we?]\nyes (edited)',
      ],
    );
    assert.partialDeepStrictEqual(taken[0], { chat, user: 'telegram:5001', name: 'ada', isGroup: false });
  });

  test('an answer of 16,000 characters arrives whole, in order and as Telegram understands it', async () => {
    const { parts } = (await claw.host.call('service:matterbridge.render', { text: longAnswer() })) as unknown as {
      parts: { text: string; format: 'html' | 'plain' }[];
    };
    assert.ok(parts.length >= 4);
    for (const [index, part] of parts.entries()) {
      await claw.host.call('channel:matterbridge', { to: chat, ...part, key: `long/${index}` });
      const said = await telegram.said(5001, index + 1);
      assert.equal(said[index]!.text.trimEnd(), telegramText(part).trimEnd());
    }
    assert.equal(await telegram.count('sendMessage'), parts.length);
  });
});

function longAnswer(): string {
  const row = (index: number) => `| ${index} | 👩‍👩‍👧 name ${index} | :smile: {NICK} {USERID} |`;
  const table = ['| # | who | what |', '|---|---|---|', ...Array.from({ length: 20 }, (_, index) => row(index))].join(
    '\n',
  );
  const code = `\`\`\`ts\n${'const list = a[1:100:2]; // <b> & </b>\n'.repeat(60)}\`\`\``;
  const prose = Array.from(
    { length: 120 },
    (_, index) =>
      `Paragraph ${index} with **bold**, _italic_, a [link](https://example.org/?a=1&b=2) and 3 < 4 & 5 > 2 😄.`,
  );
  return ['# Heading', ...prose.slice(0, 60), table, code, '- one\n- two\n  - three', ...prose.slice(60)].join('\n\n');
}
