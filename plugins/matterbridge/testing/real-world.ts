import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Json } from '@clay/sdk';
import { type ConnectorWorld, type Saying, TestInbox, turnUntil } from '@clay/sdk/testing';
import { type Connector, startConnector } from './connector.ts';
import { FakeTelegram } from './fake-telegram.ts';
import { freePort } from './irc-room.ts';
import { Program } from './program.ts';

interface Order {
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

const group = -100;
const people = {
  friend: { id: 5001, name: 'Ada', chat: 5001 },
  stranger: { id: 6666, name: 'Eve', chat: group },
  other: { id: 7777, name: 'Bo', chat: group },
} as const;

/**
 * Telegram people ↔ a fake Bot API behind a proxy that ends TLS ↔ the real matterbridge ↔ the connector. Started once: each
 * {@link world} begins where the one before has ended.
 */
export class RealWorld {
  readonly telegram: FakeTelegram;
  readonly #root: string;
  readonly #connector: Connector;
  readonly #bridge: Program;
  #inbox = new TestInbox();
  #files = 0;

  private constructor(telegram: FakeTelegram, root: string, connector: Connector, bridge: Program) {
    this.telegram = telegram;
    this.#root = root;
    this.#connector = connector;
    this.#bridge = bridge;
  }

  static async start(matterbridge: string): Promise<RealWorld> {
    const root = mkdtempSync(join(tmpdir(), 'clay-matterbridge-'));
    const telegram = await FakeTelegram.start();
    const started = Promise.withResolvers<Program>();
    let world: RealWorld | null = null;
    const connector = await startConnector({
      root,
      config: {
        port: await freePort(),
        telegram: { token: telegram.token, chatId: String(group), allowedUsers: ['5001'] },
      },
      http: (request) => telegram.ask(request),
      receive: (message) => (world === null ? null : world.#inbox.receive(message)),
      run: (args: Json) => {
        const { command, environment } = args as unknown as Order;
        const reach = { HTTPS_PROXY: telegram.proxy, SSL_CERT_FILE: telegram.ca };
        started.resolve(new Program([matterbridge, ...command.slice(1)], { ...environment, ...reach }));
        return null;
      },
    });
    const bridge = await connector.turnUntil(started.promise);
    world = new RealWorld(telegram, root, connector, bridge);
    await turnUntil(connector.host, () => connector.host.logs.some(({ event }) => event === 'matterbridge.connected'));
    return world;
  }

  async stop(): Promise<void> {
    await this.#connector.host.stop();
    await this.#bridge.kill('SIGKILL');
    await this.telegram.stop();
    rmSync(this.#root, { recursive: true });
  }

  /** What a real process cannot be made to do, its sentences do not ask for. */
  async world(): Promise<ConnectorWorld> {
    const inbox = new TestInbox();
    this.#inbox = inbox;
    const { telegram } = this;
    const { host } = this.#connector;
    const heard = { friend: 0, stranger: 0, other: 0 };
    for (const who of ['friend', 'stranger', 'other'] as const)
      heard[who] = (await telegram.saidNow(people[who].chat)).length;
    const never = () => {
      throw new Error('A real matterbridge cannot be made to do so.');
    };
    return {
      channel: 'matterbridge',
      host,
      inbox,
      chat: 'telegram-5001/telegram/5001',
      say: (saying) => this.#say(saying),
      async shown(who) {
        const said = (await telegram.saidNow(people[who].chat)).slice(heard[who]);
        return said.map(({ text, file }) => ({
          text,
          file: file && { name: file.name, bytes: Buffer.from(file.base64, 'base64') },
        }));
      },
      until: (condition) => turnUntil(host, condition),
      repeat: never,
      echo: never,
      refuse: never,
      cut: never,
      fall: never,
      rise: never,
      halt: never,
      start: never,
      readers: 1,
      clashes: 0,
      [Symbol.asyncDispose]: async () => undefined,
    };
  }

  async #say({ who, name = people[who].name, text, isEdit, quote, file }: Saying): Promise<void> {
    const { id, chat } = people[who];
    const more: Record<string, unknown> = {};
    if (quote !== undefined) {
      const from = { id: 8, is_bot: false, first_name: quote.name, username: quote.name };
      more.reply_to_message = { message_id: 7, date: 1, chat: { id: chat, type: 'private' }, from, text: quote.text };
    }
    if (file !== undefined) {
      const fileId = `file-${++this.#files}`;
      await this.telegram.addFile(fileId, file.bytes);
      const { length: file_size } = file.bytes;
      const described = { file_id: fileId, file_unique_id: fileId, file_size };
      more.document = { ...described, file_name: file.name, mime_type: file.mediaType };
      more.caption = text;
    }
    const words = file === undefined ? { text } : {};
    const kind = isEdit === true ? { kind: 'edited_message' } : {};
    await this.telegram.say({ from: { id, first_name: name, username: name }, chat, more, ...words, ...kind });
  }
}
