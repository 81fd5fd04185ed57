import type { ClayError, Json, JsonObject } from '@clay/sdk';
import { createTestHost, type Provided, type TestHost } from '@clay/sdk/testing';
import plugin from '../index.ts';
import manifest from '../plugin.json' with { type: 'json' };
import { type FakeBotApi, type FakeBotOptions, type ListeningBotApi, listenBotApi } from './fake-bot-api.ts';

export const ada = { id: 5001, first_name: 'Ada', username: 'ada' };
export const eve = { id: 6666, first_name: 'Eve' };
export const group = -100;

/** The plugin in a test host, before a fake Bot API. */
export interface Setting extends AsyncDisposable {
  readonly fake: FakeBotApi;
  readonly host: TestHost;
  /** What the host was handed, in order. */
  readonly received: JsonObject[];
  /** What chat.receive does next instead of accepting. */
  readonly failures: ClayError[];
}

export interface SettingOptions {
  readonly telegram?: JsonObject;
  readonly config?: JsonObject;
  readonly bot?: FakeBotOptions;
  readonly before?: (fake: FakeBotApi) => void;
  readonly database?: string;
  /** One that other hosts use too; it is not closed. */
  readonly server?: ListeningBotApi;
  readonly isQuiet?: boolean;
  /** Further capabilities of others. */
  readonly provided?: Readonly<Record<string, Provided>>;
}

export async function start({
  telegram = {},
  config = {},
  bot = {},
  before,
  isQuiet,
  provided = {},
  server: shared,
  ...rest
}: SettingOptions = {}): Promise<Setting> {
  const server = shared ?? (await listenBotApi(bot));
  const { fake } = server;
  before?.(fake);
  const received: JsonObject[] = [];
  const failures: ClayError[] = [];
  const { optional, tables } = manifest;
  const host = await createTestHost(
    { ...plugin, optional, tables },
    {
      config: {
        telegram: { token: '111:TEST', chatId: String(ada.id), allowedUsers: [], connector: 'telegram', ...telegram },
        baseUrl: server.url,
        pollSeconds: 1,
        ...config,
      },
      provided: {
        'service:chat.receive': (args: Json) => {
          const failure = failures.shift();
          if (failure !== undefined) throw failure;
          received.push(args as JsonObject);
          return { state: 'accepted', session: 's' };
        },
        'service:chat.commands': () => [
          { name: 'help', description: 'Lists the commands.' },
          { name: 'two-words', description: 'Is no name for Telegram.' },
        ],
        ...provided,
      },
      ...rest,
    },
  );
  if (isQuiet !== true) await fake.until(() => fake.count('getUpdates') > 0);
  return {
    fake,
    host,
    received,
    failures,
    [Symbol.asyncDispose]: async () => {
      await host.stop();
      if (shared === undefined) await server[Symbol.asyncDispose]();
    },
  };
}

export const loggedIn = (host: TestHost, event: string) => host.logs.filter((line) => line.event === event);
/** All that came until now is confirmed, which is after the host has accepted it. */
export const confirmed = (fake: FakeBotApi, id: number) => fake.until(() => fake.updates.confirmed > id);
export const deliver = (host: TestHost, text: string, more: JsonObject = {}) =>
  host.call('channel:telegram', { to: String(ada.id), text, format: 'html', key: 'm1/1', ...more });
