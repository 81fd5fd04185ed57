import { once } from 'node:events';
import type { Json } from '@clay/sdk';
import { parseTelegramHtml } from '@clay/sdk/telegram';
import {
  type ConnectorWorld,
  createTestHost,
  type Saying,
  type ShownMessage,
  type TestHost,
  TestInbox,
  turnUntil,
  type WorldOptions,
} from '@clay/sdk/testing';
import { editSuffix, quoteMark } from '../incoming/marks.ts';
import connector from '../index.ts';
import manifest from '../plugin.json' with { type: 'json' };
import { FakeApi, type FakeMessage, fromTelegram } from './fake-api.ts';

const group = '-100';
/** The friend has a private chat, the others meet the claw in a group: matterbridge lets nobody else through. */
const people = {
  friend: { userid: '5001', username: 'Ada', channel: '5001' },
  stranger: { userid: '6666', username: 'Eve', channel: group },
  other: { userid: '7777', username: 'Bo', channel: group },
} as const;
const room = 'room/irc/#lab';

/** The connector, an API that behaves as matterbridge's, and people on Telegram. */
export async function createBridgeWorld({
  isNobodyNamed = false,
  attachmentBytes = 1_000_000,
}: WorldOptions = {}): Promise<ConnectorWorld> {
  const api = await new FakeApi().start();
  api.gateways.add(`telegram-${group}`);
  const entries = new Map<string, string>();
  const inbox = new TestInbox();
  const files: (ShownMessage & { readonly chat: string })[] = [];
  const allowedUsers = isNobodyNamed ? [] : ['5001'];
  const startHost = async () => {
    const connected = once(api, 'connected');
    const { optional, leases, permissions } = manifest;
    const host = await createTestHost(
      { ...connector, optional, leases, permissions },
      {
        config: {
          url: api.url,
          token: api.token,
          telegram: { token: '111:TEST', chatId: group, allowedUsers, connector: 'matterbridge' },
          users: isNobodyNamed ? [] : ['irc:*'],
          attachmentBytes,
        },
        entries,
        http: async (request) => {
          files.push(await readUpload(await request.formData()));
          return Response.json({ ok: true, result: { message_id: files.length } });
        },
        provided: { 'service:chat.receive': (message: Json, signal) => inbox.receive(message, signal) },
      },
    );
    await connected;
    return host;
  };
  let host: TestHost = await startHost();
  let last: FakeMessage = {};
  let nanoseconds = 0;

  return {
    channel: 'matterbridge',
    inbox,
    chat: 'telegram-5001/telegram/5001',
    get host() {
      return host;
    },
    async say(saying) {
      last = toFakeMessage(saying, attachmentBytes, ++nanoseconds);
      api.say(last);
    },
    async repeat() {
      api.say(last);
    },
    async echo(text) {
      await host.call('channel:matterbridge', { to: room, text, format: 'plain', key: 'echo' });
      const { userid } = api.delivered.at(-1) ?? {};
      const relayed = { protocol: 'irc', account: 'irc.net', gateway: 'room', channel: '#lab', username: 'relay' };
      api.say(fromTelegram({ ...relayed, userid, text }));
      api.say(fromTelegram({ ...relayed, userid: '~relay@host', text: `<clay> ${text}` }));
    },
    async shown(who) {
      const gateway = `telegram-${people[who].channel}`;
      const texts = api.delivered.filter((message) => message.gateway === gateway).map(toShown);
      return [...texts, ...files.filter(({ chat }) => chat === people[who].channel)];
    },
    until: (condition) => turnUntil(host, condition),
    refuse(status) {
      api.nextStatuses.push(status);
    },
    async cut(text) {
      const line = JSON.stringify(fromTelegram({ text }));
      api.write(line.slice(0, line.length / 2));
      await new Promise((resolve) => setImmediate(resolve));
      const ended = once(api, 'cut');
      api.cut();
      await ended;
    },
    fall: () => api.kill(),
    async rise() {
      await api.start();
    },
    halt: () => host.stop(),
    async start() {
      host = await startHost();
    },
    get readers() {
      return api.streams;
    },
    get clashes() {
      return api.clashes;
    },
    async [Symbol.asyncDispose]() {
      await host.stop();
      await api.kill();
    },
  };
}

/** What matterbridge makes of it, with the marks that its configuration asks for. */
function toFakeMessage(
  { who, name, text = '', isEdit, quote, file }: Saying,
  maxBytes: number,
  nanoseconds: number,
): FakeMessage {
  const person = people[who];
  const edited = isEdit === true ? `${text}${editSuffix}` : text;
  const quoted =
    quote === undefined ? edited : `${edited}${quoteMark}${quote.name}${quoteMark}${quote.text}${quoteMark}`;
  const isWithin = file !== undefined && file.bytes.length <= maxBytes;
  const described = file && { Name: file.name, Comment: text, Size: file.bytes.length };
  return fromTelegram({
    ...person,
    ...(name === undefined ? {} : { username: name }),
    gateway: `telegram-${person.channel}`,
    timestamp: `2026-11-22T19:51:20.${String(nanoseconds).padStart(9, '0')}Z`,
    text: file === undefined ? quoted : '',
    ...(file === undefined
      ? {}
      : {
          event: isWithin ? '' : 'file_failure_size',
          Extra: isWithin
            ? { file: [{ ...described, Data: Buffer.from(file.bytes).toString('base64') }] }
            : { file_failure_size: [described] },
        }),
  });
}

/** On Telegram, with the HTML in the name. */
function toShown({ username, text }: FakeMessage): ShownMessage {
  return { text: parseTelegramHtml(`${username}${text}`).text.trimEnd(), file: null };
}

/** A call of the Bot API. */
async function readUpload(form: FormData): Promise<ShownMessage & { readonly chat: string }> {
  const file = form.get('document') as File;
  const bytes = new Uint8Array(await file.arrayBuffer());
  return {
    chat: String(form.get('chat_id')),
    text: String(form.get('caption') ?? ''),
    file: { name: file.name, bytes },
  };
}
