import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { definePlugin, type Json, type PluginDefinition } from '@clay/sdk';
import { createAgentHost } from '../../agent/create-agent-host.ts';
import type { Models } from '../../agent/models/models.ts';
import { systemClock as clock } from '../../clock.ts';
import { loadConfig } from '../../config/load.ts';
import { createDelivery } from '../../delivery/delivery.ts';
import { openJournal } from '../../journal/open-journal.ts';
import { createKernel } from '../../kernel/create-kernel.ts';
import { openStore } from '../../store/open-store.ts';

const quiet = () => undefined;
const log = { debug: quiet, info: quiet, warn: quiet, error: console.error };

/** When a message was where, by the clock of `performance`. */
export interface Passage {
  readonly begunAt: number;
  readonly acceptedAt: number;
  readonly atModel: number;
  readonly answeredAt: number;
  readonly deliveredAt: number;
}

/** A message on its way. */
export interface Sent {
  readonly begunAt: number;
  readonly acceptedAt: number;
  /** Resolves when its answer has been handed to the channel. */
  readonly arrived: Promise<Passage>;
}

/** Who comes waits for the others. */
class Meeting {
  #missing: number;
  readonly #met = Promise.withResolvers<void>();

  constructor(count: number) {
    this.#missing = count;
  }

  join(): Promise<void> {
    this.#missing -= 1;
    if (this.#missing <= 0) this.#met.resolve();
    return this.#met.promise;
  }
}

interface Station {
  atModel: number;
  answeredAt: number;
  readonly arrive: (at: number) => void;
}

/** A host with an instant model and an instant channel. */
export interface DeliveryHost {
  readonly root: string;
  /** Hands one message in, as a connector does; resolves when it is accepted. */
  receive(chat: string): Promise<Sent>;
  /** The model answers nobody before so many wait for it at the same time. */
  gather(count: number): void;
  close(): Promise<void>;
}

export async function startDeliveryHost(): Promise<DeliveryHost> {
  /** Messages under way, by their texts. */
  const stations = new Map<string, Station>();
  let meeting = new Meeting(1);
  const root = mkdtempSync(join(tmpdir(), 'clay-bench-delivery-'));
  const { config } = loadConfig({ env: { CLAY_ROOT: root }, defaultRoot: root, isTerminal: false });
  const { paths } = config;
  const store = openStore({
    database: paths.database,
    data: paths.data,
    backups: paths.backups,
    keepBackups: 1,
    clock,
  });
  const journal = openJournal({ file: paths.journal, clock });
  const kernel = createKernel({ config, store, journal, clock, log });
  const { registry, router } = kernel;
  const shared = { store, registry, router, calls: journal.calls, emit: kernel.emit.bind(kernel), clock, log };
  const plugins = () => kernel.plugins();
  const delivery = createDelivery({ ...shared, app: 'clay', plugins, version: 'bench', random: Math.random });
  kernel.provide(delivery.capabilities);
  const channel = channelPlugin(stations);
  await kernel.start([{ name: 'bench', origin: 'image', manifest: null, load: async () => channel }]);
  const agentHost = await createAgentHost({ ...shared, config, models: instantModels(stations, () => meeting.join()) });
  delivery.start(agentHost);
  delivery.resume([]);
  // Timers of the host keep no process alive.
  const alive = setInterval(quiet, 1_000);
  let count = 0;
  return {
    root,
    async receive(chat) {
      const text = `message ${++count}`;
      const { promise: deliveredAt, resolve: arrive } = Promise.withResolvers<number>();
      const station: Station = { atModel: Number.NaN, answeredAt: Number.NaN, arrive };
      stations.set(text, station);
      const args: Json = { key: `k${count}`, channel: 'bench', chat, user: 'u', name: 'U', text, isGroup: false };
      const begunAt = performance.now();
      await router.call({ capability: 'service:chat.receive', args, caller: 'plugin:bench' });
      const acceptedAt = performance.now();
      const arrived = deliveredAt.then((at): Passage => {
        stations.delete(text);
        const { atModel, answeredAt } = station;
        return { begunAt, acceptedAt, atModel, answeredAt, deliveredAt: at };
      });
      return { begunAt, acceptedAt, arrived };
    },
    gather(wanted) {
      meeting = new Meeting(wanted);
    },
    async close() {
      clearInterval(alive);
      await agentHost.stop(1_000);
      await delivery.stop();
      await kernel.stop();
      journal.close();
      store.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

function instantModels(stations: ReadonlyMap<string, Station>, meet: () => Promise<void>): Models {
  return {
    provider: 'offline',
    defaultName: 'instant',
    names: ['instant'],
    get: async () => ({
      provider: 'offline',
      name: 'instant',
      async *generate({ contents }) {
        const said = contents.findLast(({ role }) => role === 'user')?.parts?.[0]?.text ?? '';
        const station = stations.get(said);
        if (station !== undefined) station.atModel = performance.now();
        await meet();
        yield { content: { role: 'model', parts: [{ text: said }] }, finishReason: 'STOP' };
      },
    }),
  };
}

function channelPlugin(stations: ReadonlyMap<string, Station>): PluginDefinition {
  return definePlugin({
    name: 'bench',
    setup(ctx) {
      ctx.channel({
        name: 'bench',
        async deliver({ text, key }) {
          stations.get(text)?.arrive(performance.now());
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
        const station = stations.get(text);
        if (station !== undefined) station.answeredAt = performance.now();
      });
    },
  }) as PluginDefinition;
}
