import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { JsonObject } from '@clay/sdk';
import { FakeApi, fromTelegram } from '../../plugins/matterbridge/testing/fake-api.ts';
import { FakeBotApi } from '../../plugins/telegram/testing/fake-bot-api.ts';
import { startAnthropicServer } from '../agent/testing/anthropic-server.ts';
import { startClaw } from '../testing/claw.ts';
import type { Row } from './row.ts';
import { median } from './statistics.ts';

/** A message's way through a whole claw in a process of its own, from the connector's wire to the model's and back. */
const measured = 100;
const warmUp = 15;
const firstPerson = 5001;
const restMs = 60;

interface Sample {
  readonly toModel: number;
  readonly toWire: number;
}

/** When the message that is on its way now came to each station. */
interface Stations {
  said: number;
  model: number;
  ready: number;
  onWire: () => void;
}

type Say = (person: number, text: string) => void;

/** Every message comes from a chat of its own, so that nothing is paced. */
async function sample(stations: Stations, say: Say): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  for (let index = 0; index < warmUp + measured; index++) {
    const arrived = new Promise<number>((resolve) => {
      stations.onWire = () => resolve(performance.now());
    });
    say(firstPerson + index, `message ${index}`);
    const wire = await arrived;
    // What follows an answer, such as the filling of its place, is done before the next message comes.
    await wait(restMs);
    if (index >= warmUp) samples.push({ toModel: stations.model - stations.said, toWire: wire - stations.ready });
  }
  return samples;
}

function rowsOf(name: string, wire: string, samples: readonly Sample[]): readonly Row[] {
  const row = (what: string, target: number, values: readonly number[]): Row => {
    const middle = median(values);
    return { what, target: `≤ ${target} ms`, measured: `${middle.toFixed(1)} ms`, isMet: middle <= target };
  };
  return [
    row(
      `${name}: message on the wire → model asked, median`,
      15,
      samples.map(({ toModel }) => toModel),
    ),
    row(
      `${name}: model has answered → ${wire}, median`,
      10,
      samples.map(({ toWire }) => toWire),
    ),
  ];
}

export async function chatRows(): Promise<readonly Row[]> {
  const stations: Stations = { said: 0, model: 0, ready: 0, onWire: () => undefined };
  const model = await startAnthropicServer(() => {
    stations.model = performance.now();
    return {
      text: 'Hello.',
      pieceLength: 100,
      beforeNext: async () => {
        stations.ready = performance.now();
      },
    };
  });
  const brain = { ANTHROPIC_API_KEY: 'key', ANTHROPIC_API_BASE: model.url };
  try {
    return [...(await telegramRows(stations, brain)), ...(await matterbridgeRows(stations, brain))];
  } finally {
    await model.close();
  }
}

async function telegramRows(stations: Stations, brain: Readonly<Record<string, string>>): Promise<readonly Row[]> {
  const fake = new FakeBotApi();
  const listener: RequestListener = (request, response) => {
    if (request.url?.endsWith('/sendMessage')) stations.onWire();
    fake.listener(request, response);
  };
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const people = Array.from({ length: warmUp + measured }, (_, index) => firstPerson + index);
  const environment = {
    TELEGRAM_BOT: fake.token,
    TELEGRAM_ALLOWED_USERS: people.join(','),
    CHAT_CONNECTOR: 'telegram',
  };
  const samples = await inClaw({ telegram: { baseUrl } }, { ...brain, ...environment }, async () => {
    await fake.until(() => fake.updates.isRead);
    return sample(stations, (id, text) => {
      stations.said = performance.now();
      fake.say({ from: { id, first_name: 'Ada' }, text });
    });
  });
  server.close();
  server.closeAllConnections();
  return rowsOf('Telegram', 'first request to it', samples);
}

async function matterbridgeRows(stations: Stations, brain: Readonly<Record<string, string>>): Promise<readonly Row[]> {
  const api = await new FakeApi().start();
  api.on('posted', () => stations.onWire());
  const connected = new Promise<void>((resolve) => api.once('connected', () => resolve()));
  const section = { url: api.url, token: api.token, users: ['telegram:*'] };
  const samples = await inClaw({ matterbridge: section }, brain, async () => {
    await connected;
    return sample(stations, (id, text) => {
      stations.said = performance.now();
      const timestamp = new Date().toISOString();
      api.say(fromTelegram({ text, channel: String(id), userid: String(id), timestamp }));
    });
  });
  await api.kill();
  return rowsOf('Matterbridge', 'POST', samples);
}

async function inClaw<T>(
  plugins: JsonObject,
  environment: Readonly<Record<string, string>>,
  work: () => Promise<T>,
): Promise<T> {
  const root = mkdtempSync(join(tmpdir(), 'clay-bench-chats-'));
  writeFileSync(join(root, 'clay.json'), JSON.stringify({ plugins }));
  try {
    await using _ = await startClaw({ ...environment }, root);
    return await work();
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
