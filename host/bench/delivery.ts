import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { definePlugin, type Json, type PluginDefinition } from '@clay/sdk';
import { createAgentHost } from '../agent/create-agent-host.ts';
import type { Models } from '../agent/models/models.ts';
import { systemClock as clock } from '../clock.ts';
import { loadConfig } from '../config/load.ts';
import { createDelivery } from '../delivery/delivery.ts';
import { openJournal } from '../journal/open-journal.ts';
import { createKernel } from '../kernel/create-kernel.ts';
import { openStore } from '../store/open-store.ts';
import { printTable, type Row } from './row.ts';
import { median } from './statistics.ts';

/** A message's way through the host, with an instant model and an instant channel. */
const measured = 300;
const warmUp = 50;
const atOnce = 50;
const many = 10_000;

const quiet = () => undefined;
const log = { debug: quiet, info: quiet, warn: quiet, error: console.error };

/** When each message, known by its text, came to a station. */
const atModel = new Map<string, number>();
const answered = new Map<string, number>();
const delivered = new Map<string, number>();
let arrived = Promise.withResolvers<void>();

const models: Models = {
  provider: 'offline',
  defaultName: 'instant',
  names: ['instant'],
  get: async () => ({
    provider: 'offline',
    name: 'instant',
    async *generate({ contents }) {
      const said = contents.findLast(({ role }) => role === 'user')?.parts?.[0]?.text ?? '';
      atModel.set(said, performance.now());
      yield { content: { role: 'model', parts: [{ text: said }] }, finishReason: 'STOP' };
    },
  }),
};

const channel = definePlugin({
  name: 'bench',
  setup(ctx) {
    ctx.channel({
      name: 'bench',
      async deliver({ text, key }) {
        delivered.set(text, performance.now());
        arrived.resolve();
        arrived = Promise.withResolvers();
        return { id: key };
      },
    });
    ctx.service({
      name: 'bench',
      methods: {
        render: {
          description: 'One part.',
          parameters: { type: 'object' },
          run: (args) => ({ parts: [{ text: String((args as { text: string }).text), format: 'plain' }] }),
        },
      },
    });
    ctx.on('turn.ended', ({ text }) => {
      answered.set(text, performance.now());
    });
  },
}) as PluginDefinition;

const root = mkdtempSync(join(tmpdir(), 'clay-bench-delivery-'));
const { config } = loadConfig({ env: { CLAY_ROOT: root }, defaultRoot: root, isTerminal: false });
const { paths } = config;
const store = openStore({ database: paths.database, data: paths.data, backups: paths.backups, keepBackups: 1, clock });
const journal = openJournal({ file: paths.journal, clock });
const kernel = createKernel({ config, store, journal, clock, log });
const delivery = createDelivery({
  app: 'clay',
  store,
  registry: kernel.registry,
  router: kernel.router,
  calls: journal.calls,
  emit: (event, payload) => kernel.emit(event, payload),
  plugins: () => kernel.plugins(),
  clock,
  log,
  version: 'bench',
  random: Math.random,
});
kernel.provide(delivery.capabilities);
await kernel.start([{ name: 'bench', origin: 'image', manifest: null, load: async () => channel }]);
const agentHost = await createAgentHost({
  config,
  registry: kernel.registry,
  router: kernel.router,
  store,
  calls: journal.calls,
  emit: (event, payload) => kernel.emit(event, payload),
  clock,
  log,
  models,
});
delivery.start(agentHost);
delivery.resume([]);
// Timers of the host keep no process alive.
const alive = setInterval(quiet, 1_000);

let count = 0;

/** Hands one message in, as a connector does; every one from a chat of its own, so that nothing is paced. */
async function receive(
  chat: string,
): Promise<{ readonly text: string; readonly begun: number; readonly acceptMs: number }> {
  const text = `message ${++count}`;
  const begun = performance.now();
  const args: Json = { key: `k${count}`, channel: 'bench', chat, user: 'u', name: 'U', text, isGroup: false };
  await kernel.router.call({ capability: 'service:chat.receive', args, caller: 'plugin:bench' });
  return { text, begun, acceptMs: performance.now() - begun };
}

async function deliveredOf(text: string): Promise<number> {
  for (;;) {
    const at = delivered.get(text);
    if (at !== undefined) return at;
    await arrived.promise;
  }
}

const p95 = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.95)] ?? Number.NaN;
const inMs = (value: number) => `${value.toFixed(1)} ms`;

async function stepRows(): Promise<Row[]> {
  const accept: number[] = [];
  const toModel: number[] = [];
  const toChannel: number[] = [];
  for (let index = -warmUp; index < measured; index++) {
    const { text, begun, acceptMs } = await receive(`single-${index}`);
    const at = await deliveredOf(text);
    if (index < 0) continue;
    accept.push(acceptMs);
    toModel.push((atModel.get(text) ?? Number.NaN) - begun);
    toChannel.push(at - (answered.get(text) ?? Number.NaN));
  }
  const [accepted, model, sent] = [p95(accept), median(toModel), median(toChannel)];
  return [
    {
      what: 'accept, p95',
      target: '≤ 5 ms',
      measured: `${inMs(accepted)}  (median ${inMs(median(accept))})`,
      isMet: accepted <= 5,
    },
    { what: 'message in → model, median', target: '≤ 15 ms', measured: inMs(model), isMet: model <= 15 },
    { what: 'answer ready → channel, median', target: '≤ 10 ms', measured: inMs(sent), isMet: sent <= 10 },
  ];
}

/** Against the same messages one after another: a chat that waited for another would take as long. */
async function crowdRow(): Promise<Row> {
  const begun = performance.now();
  const texts = await Promise.all(Array.from({ length: atOnce }, (_, index) => receive(`crowd-${index}`)));
  const starts = texts.map(({ text }) => deliveredOf(text));
  const last = Math.max(...(await Promise.all(starts)));
  const ms = (last - begun) / atOnce;
  return { what: `${atOnce} chats at once, for each`, target: '≤ 15 ms', measured: inMs(ms), isMet: ms <= 15 };
}

/** Of what is left after a collection, so that it is growth and not rubbish. */
async function memoryRow(): Promise<Row> {
  const used = () => {
    globalThis.gc?.();
    return process.memoryUsage().heapUsed / 1024 / 1024;
  };
  const run = async (messages: number) => {
    for (let done = 0; done < messages; done += atOnce) {
      const batch = await Promise.all(Array.from({ length: atOnce }, () => receive(`many-${count}`)));
      await Promise.all(batch.map(({ text }) => deliveredOf(text)));
      for (const station of [atModel, answered, delivered]) station.clear();
    }
  };
  await run(many / 10);
  const before = used();
  await run(many);
  const grown = used() - before;
  return {
    what: `heap after ${many.toLocaleString('en-US')} messages more`,
    target: '≤ +8 MB',
    measured: `${grown >= 0 ? '+' : ''}${grown.toFixed(1)} MB`,
    isMet: grown <= 8,
  };
}

const rows = [...(await stepRows()), await crowdRow(), await memoryRow()];
printTable(rows);
clearInterval(alive);
await agentHost.stop(1_000);
await delivery.stop();
await kernel.stop();
journal.close();
store.close();
rmSync(root, { recursive: true, force: true });
