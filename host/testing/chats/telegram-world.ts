import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JsonObject } from '@clay/sdk';
import { openConnectProxy } from '../../../plugins/telegram/testing/connect-proxy.ts';
import type { FakeBotApi } from '../../../plugins/telegram/testing/fake-bot-api.ts';
import { freePort } from '../claw.ts';

export type Connector = 'telegram' | 'matterbridge';

/** What a claw has to be told to reach a fake Telegram by a connector. */
export interface TelegramWorld extends AsyncDisposable {
  readonly plugins: JsonObject;
  readonly environment: Readonly<Record<string, string>>;
}

export interface TelegramWorldOptions {
  readonly connector: Connector;
  readonly fake: FakeBotApi;
  /** Default: the fake's own. */
  readonly listener?: RequestListener;
  /** Of matterbridge. */
  readonly program?: string | null;
}

/** The direct connector has a base URL; Matterbridge knows one address, which a proxy answers in place of Telegram. */
export async function openTelegramWorld(options: TelegramWorldOptions): Promise<TelegramWorld> {
  const { connector, fake, listener = fake.listener, program } = options;
  if (connector === 'telegram') return openDirect(fake, listener);
  const proxy = await openConnectProxy(listener);
  return {
    plugins: { matterbridge: { port: await freePort() } },
    environment: {
      TELEGRAM_BOT: fake.token,
      MATTERBRIDGE_BIN: program ?? '',
      HTTPS_PROXY: proxy.url,
      SSL_CERT_FILE: proxy.ca,
    },
    [Symbol.asyncDispose]: () => proxy[Symbol.asyncDispose](),
  };
}

async function openDirect(fake: FakeBotApi, listener: RequestListener): Promise<TelegramWorld> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    plugins: { telegram: { baseUrl, pollSeconds: 2 } },
    environment: { TELEGRAM_BOT: fake.token, CHAT_CONNECTOR: 'telegram' },
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
