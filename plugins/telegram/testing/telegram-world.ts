import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Json, JsonObject } from '@clay/sdk';
import {
  type ConnectorWorld,
  createTestHost,
  type Saying,
  type TestHost,
  TestInbox,
  turnUntil,
  type WorldOptions,
} from '@clay/sdk/testing';
import plugin from '../index.ts';
import manifest from '../plugin.json' with { type: 'json' };
import { listenBotApi } from './fake-bot-api.ts';
import { FakeRefusal } from './fake-refusal.ts';
import type { FakePerson, FakeSaying } from './update.ts';

const people: Readonly<Record<Saying['who'], FakePerson>> = {
  friend: { id: 5001, first_name: 'Ada' },
  stranger: { id: 6666, first_name: 'Eve' },
  other: { id: 7777, first_name: 'Bo' },
};
const bot = { id: 111, first_name: 'Clay' };

const publicUrl = 'https://claw.example.org';

/** The direct connector, a fake Bot API, and people in private chats. */
export async function createTelegramWorld(
  way: 'polling' | 'webhook',
  { isNobodyNamed = false, attachmentBytes = 1_000_000 }: WorldOptions = {},
): Promise<ConnectorWorld> {
  let isRunning = true;
  let isCut = false;
  const server = await listenBotApi({
    // Telegram ↔ a proxy that ends TLS ↔ the gateway ↔ the route.
    async webhookClient(url, headers, body) {
      if (!isRunning || !url.startsWith(`${publicUrl}/plugins/telegram/`)) return 502;
      const { status = 200 } = await host.route('POST', '/webhook', { headers, body });
      return isCut ? 0 : status;
    },
  });
  const { fake } = server;
  const folder = mkdtempSync(join(tmpdir(), 'clay-telegram-'));
  const entries = new Map<string, string>();
  const inbox = new TestInbox();
  const startHost = async () => {
    const { optional, tables } = manifest;
    const telegram = {
      token: fake.token,
      chatId: isNobodyNamed ? null : '5001',
      allowedUsers: [],
      connector: 'telegram',
    };
    return createTestHost(
      { ...plugin, optional, tables },
      {
        config: {
          telegram,
          baseUrl: server.url,
          pollSeconds: 1,
          attachmentBytes,
          ...(way === 'webhook' ? { publicUrl } : {}),
        },
        database: join(folder, 'messages.db'),
        entries,
        provided: {
          'service:chat.receive': (message: Json, signal) => inbox.receive(message, signal),
          'service:chat.commands': () => [],
        },
      },
    );
  };
  let host: TestHost = await startHost();
  let last: FakeSaying = { from: people.friend };

  return {
    channel: 'telegram',
    inbox,
    chat: '5001',
    get host() {
      return host;
    },
    async say(saying) {
      last = toFakeSaying(saying, fake.chats.nextId(), (id, bytes) => fake.addFile(id, bytes));
      fake.say(last);
    },
    async repeat() {
      fake.say(last);
    },
    async echo(text) {
      await host.call('channel:telegram', { to: '5001', text, format: 'plain', key: 'echo' });
      fake.say({ from: bot, chat: 5001, text, more: { from: { ...bot, is_bot: true } } });
    },
    async shown(who) {
      return fake.said(people[who].id).map(({ text, file }) => ({ text, file }));
    },
    until: (condition) =>
      turnUntil(host, () => {
        // Telegram tries again what was not taken.
        void fake.webhook.push();
        return condition();
      }),
    refuse(status) {
      const said = status === 429 ? 'Too Many Requests: retry after 7' : 'Internal Server Error';
      fake.script('sendMessage', new FakeRefusal(status, said, status === 429 ? 7 : null));
    },
    async cut(text) {
      if (way === 'webhook') {
        isCut = true;
        fake.say({ from: people.friend, text });
        await turnUntil(host, () => inbox.texts.includes(text));
        isCut = false;
        return;
      }
      fake.script('getUpdates', 'cut midway');
      const polls = fake.count('getUpdates');
      fake.updates.release();
      await turnUntil(host, () => fake.count('getUpdates') > polls);
      fake.say({ from: people.friend, text });
      await turnUntil(host, () => fake.calls.some(({ status }) => status === 'cut'));
    },
    fall: () => server.fall(),
    rise: () => server.rise(),
    async halt() {
      isRunning = false;
      await host.stop();
    },
    async start() {
      host = await startHost();
      isRunning = true;
    },
    get readers() {
      const reads = way === 'webhook' ? isRunning && fake.webhook.isSet : fake.updates.isRead;
      return reads ? 1 : 0;
    },
    get clashes() {
      return fake.calls.filter(({ status }) => status === 409).length;
    },
    async [Symbol.asyncDispose]() {
      isRunning = false;
      await host.stop();
      await server[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
    },
  };
}

function toFakeSaying(
  { who, name, text, isEdit, quote, file }: Saying,
  messageId: number,
  addFile: (id: string, bytes: Uint8Array) => void,
): FakeSaying {
  const from = name === undefined ? people[who] : { ...people[who], first_name: name };
  const more: Record<string, JsonObject | string | number> = { message_id: messageId };
  if (quote !== undefined)
    more.reply_to_message = {
      message_id: 7,
      date: 1,
      chat: { id: from.id, type: 'private' },
      from: { id: 8, is_bot: false, first_name: quote.name },
      text: quote.text,
    };
  if (isEdit === true) more.edit_date = 77;
  if (file !== undefined) {
    const id = `file-${messageId}`;
    addFile(id, file.bytes);
    more.document = {
      file_id: id,
      file_unique_id: id,
      file_name: file.name,
      mime_type: file.mediaType,
      file_size: file.bytes.length,
    };
    if (text !== undefined) more.caption = text;
  }
  return {
    from,
    more,
    ...(text === undefined || file !== undefined ? {} : { text }),
    ...(isEdit === true ? { kind: 'edited_message' as const } : {}),
  };
}
