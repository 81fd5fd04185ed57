import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import {
  ClayError,
  definePlugin,
  type Json,
  type JsonObject,
  type OutgoingPart,
  type PluginDefinition,
} from '@clay/sdk';
import { createFakeClock, type FakeClock } from '@clay/sdk/testing';
import type { ResumableAgentHost } from '../../agent/agent-host.ts';
import { createAgentHost } from '../../agent/create-agent-host.ts';
import type { Models } from '../../agent/models/models.ts';
import type { CallJournal } from '../../journal/journal.ts';
import { openJournal } from '../../journal/open-journal.ts';
import { createKernel, type KernelOptions } from '../../kernel/create-kernel.ts';
import type { HostCapability } from '../../kernel/host-capabilities.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { type Line, listLog, sourceOf } from '../../kernel/testing/kernel-fixture.ts';
import { approvalServices } from '../../policy/approval/approval-services.ts';
import { createApprovals } from '../../policy/approval/create-approvals.ts';
import { Budgets, type BudgetsOptions } from '../../policy/budget/budgets.ts';
import { Redactor } from '../../policy/redaction/redactor.ts';
import { openStore } from '../../store/open-store.ts';
import type { Store } from '../../store/store.ts';
import { createDelivery, type Delivery } from '../delivery.ts';

/** A channel that remembers what it was given. */
export class FakeChannel {
  readonly parts: OutgoingPart[] = [];
  readonly activities: JsonObject[] = [];
  /** Questions whose end the channel was told. */
  readonly settled: JsonObject[] = [];
  /** Instead of the usual receipt. */
  answer: (part: OutgoingPart) => Promise<{ readonly id?: string }> = async ({ key }) => ({ id: `id of ${key}` });
  #arrived = Promise.withResolvers<void>();

  get texts(): readonly string[] {
    return this.parts.map(({ text }) => text);
  }

  async deliver(part: OutgoingPart): Promise<{ readonly id?: string }> {
    this.parts.push(part);
    this.#arrived.resolve();
    this.#arrived = Promise.withResolvers();
    return this.answer(part);
  }

  /** Resolves when so many parts have been handed over in all. */
  async has(count: number): Promise<void> {
    while (this.parts.length < count) await this.#arrived.promise;
  }
}

export interface ChannelOptions {
  readonly hasRenderer?: boolean;
  readonly hasActivity?: boolean;
  readonly hasButtons?: boolean;
  readonly takesFiles?: boolean;
}

export interface DeliveryOptions {
  /** A volume that is there already. */
  readonly root?: string;
  readonly plugins?: readonly PluginDefinition[];
  readonly models?: Models;
  /** Default: it has a renderer. */
  readonly channel?: ChannelOptions | 'none';
  /** `approvals` of `clay.json`. Default: nothing waits for a yes. */
  readonly approvals?: readonly string[];
  /** `budgets` of `clay.json`. Default: none. */
  readonly budgets?: BudgetsOptions['budgets'];
  /** Further capabilities of the host. */
  readonly hostServices?: readonly HostCapability[];
  /** Values that nobody may see. */
  readonly secrets?: readonly string[];
  /** In place of the store that delivery would use. */
  readonly wrap?: (store: Store) => Store;
  /** What waits is not begun before this is called. */
  readonly isHeld?: boolean;
}

export interface DeliveryFixture {
  readonly delivery: Delivery;
  readonly store: Store;
  readonly agentHost: ResumableAgentHost;
  readonly channel: FakeChannel;
  readonly log: readonly Line[];
  readonly clock: FakeClock;
  readonly root: string;
  readonly kernel: Kernel;
  readonly calls: CallJournal;
  /** Hands a message in, as a connector does. */
  receive(text: string, more?: JsonObject): Promise<{ readonly state: string; readonly session: string }>;
  /** Calls a capability as a plugin does. */
  call(capability: string, args: Json): Promise<Json>;
  /** Turns the clock until so many parts have been handed over in all. */
  told(count: number): Promise<readonly string[]>;
  stop(): Promise<void>;
  /** Dies at once: nothing under way is ended. */
  crash(): void;
}

let keys = 0;

/** A host's delivery with store, journal, kernel and agent, and one channel called `fake`; ends with the test. */
export async function startDelivery(t: TestContext, options: DeliveryOptions = {}): Promise<DeliveryFixture> {
  const root = options.root ?? mkdtempSync(join(tmpdir(), 'clay-delivery-'));
  const host = await openDelivery(root, options);
  t.after(async () => {
    await host.stop();
    if (options.root === undefined) rmSync(root, { recursive: true, force: true });
  });
  return host;
}

/** The same on a volume that is there, for as long as its caller wants. */
export async function openDelivery(root: string, options: DeliveryOptions = {}): Promise<DeliveryFixture> {
  const clock = createFakeClock();
  const data = join(root, 'data');
  const file = (name: string) => join(data, name);
  const store = openStore({ database: file('messages.db'), data, backups: file('backups'), keepBackups: 1, clock });
  const journal = openJournal({ file: file('journal.db'), clock });
  const log: Line[] = [];
  const paths = { root, data, soul: join(root, 'soul'), public: join(root, 'public'), extensions: file('extensions') };
  const config = { paths, plugins: {}, ceilings: {}, shell: 'off' } as unknown as KernelOptions['config'];
  const redactor = new Redactor(options.secrets);
  const approvals = createApprovals({
    config: {
      approvals: options.approvals ?? [],
      approvalMs: 600_000,
      paths: config.paths,
      plugins: {},
      workFolder: null,
    },
    plugins: () => kernel.plugins(),
    people: () => delivery.questions,
    questions: store.questions,
    settings: store.settings,
    redactor,
    clock,
    log: listLog(log),
  });
  const kernel: Kernel = createKernel({ config, store, journal, clock, log: listLog(log), redactor, approvals });
  const budgets = new Budgets({
    budgets: options.budgets ?? {},
    prices: {},
    timeZone: 'UTC',
    usage: store.usage,
    clock,
    log: listLog(log),
    notify: (notice) => delivery.notify(notice),
  });
  const channel = new FakeChannel();
  const delivery: Delivery = createDelivery({
    app: 'clay',
    store: options.wrap?.(store) ?? store,
    registry: kernel.registry,
    router: kernel.router,
    calls: journal.calls,
    emit: (event, payload) => kernel.emit(event, payload),
    plugins: () => kernel.plugins(),
    clock,
    log: listLog(log),
    version: '1.2.3',
    random: () => 0.5,
  });
  kernel.provide([
    ...delivery.capabilities,
    ...approvalServices(approvals, options.approvals ?? []),
    ...(options.hostServices ?? []),
  ]);
  const sources = options.channel === 'none' ? [] : [channelPlugin(channel, options.channel)];
  await kernel.start([...sources, ...(options.plugins ?? [])].map((plugin) => sourceOf(plugin)));
  const failed = kernel.plugins().filter(({ failure }) => failure !== null);
  assert.deepEqual(failed, []);
  const agentHost = await createAgentHost({
    config: { limits, prices: {}, model: { provider: 'offline' }, paths: { root: '/nowhere' } },
    registry: kernel.registry,
    router: kernel.router,
    store,
    calls: journal.calls,
    emit: (event, payload) => kernel.emit(event, payload),
    clock,
    log: listLog(log),
    budgets,
    redactor,
    wasAsked: (capability, key, args) => approvals.wasAsked(capability, key, args),
    ...(options.models && { models: options.models }),
  });
  if (!options.isHeld) {
    delivery.start(agentHost);
    delivery.resume(agentHost.resume());
  }
  let isStopped = false;
  const stop = async () => {
    if (isStopped) return;
    isStopped = true;
    let isOver = false;
    const stopped = agentHost
      .stop(0)
      .then(() => delivery.stop())
      .then(() => kernel.stop(0))
      .finally(() => {
        isOver = true;
      });
    // All of them cancel by the clock what does not end.
    while (!isOver) await clock.advance(1_000);
    await stopped;
    journal.close();
    store.close();
  };
  const call = (capability: string, args: Json) => kernel.router.call({ capability, args, caller: 'plugin:fake' });
  return {
    delivery,
    store,
    agentHost,
    channel,
    log,
    clock,
    root,
    kernel,
    calls: journal.calls,
    call,
    stop,
    crash() {
      isStopped = true;
      journal.close();
      store.close();
    },
    async receive(text, more = {}) {
      const message = {
        key: `k${++keys}`,
        channel: 'fake',
        chat: 'c1',
        user: 'ann',
        name: 'Ann',
        text,
        isGroup: false,
      };
      const accepted = await call('service:chat.receive', { ...message, ...more });
      return accepted as unknown as { readonly state: string; readonly session: string };
    },
    async told(count) {
      for (let turns = 0; channel.parts.length < count; turns++) {
        if (turns > 2_000) assert.fail(`only ${JSON.stringify(channel.texts)} came`);
        await clock.advance(100);
      }
      return channel.texts;
    },
  };
}

const limits = {
  maxLlmCalls: 40,
  turnMs: 60 * 60_000,
  modelIdleMs: 60 * 60_000,
  toolResultChars: 20_000,
  compactAtTokens: 100_000,
  bodyBytes: 1_000_000,
  probationMs: 30_000,
  drainMs: 1_000,
  requestsPerMinute: 1_000,
  pluginIdleMs: 300_000,
};

function channelPlugin(
  channel: FakeChannel,
  { hasRenderer = true, hasActivity = false, hasButtons = false, takesFiles = false }: ChannelOptions = {},
): PluginDefinition {
  return definePlugin({
    name: 'fake',
    setup(ctx) {
      ctx.channel({ name: 'fake', deliver: (part) => channel.deliver(part) });
      const methods = {
        ...(hasRenderer && {
          render: {
            description: 'Splits at blank lines.',
            parameters: { type: 'object' },
            run: (args: unknown) => render((args as { text: string }).text),
          },
        }),
        ...(hasActivity && {
          activity: {
            description: 'Shows what is done.',
            parameters: { type: 'object' },
            run: (args: unknown) => {
              channel.activities.push(args as JsonObject);
              return null;
            },
          },
        }),
        ...(hasButtons && {
          ask: {
            description: 'Shows a question with buttons.',
            parameters: { type: 'object' },
            run: (args: unknown) => channel.deliver(args as OutgoingPart),
          },
          settle: {
            description: 'Takes the buttons of a question away.',
            parameters: { type: 'object' },
            run: (args: unknown) => {
              channel.settled.push(args as JsonObject);
              return null;
            },
          },
        }),
        ...(takesFiles && {
          file: {
            description: 'Sends a file.',
            parameters: { type: 'object' },
            run: (args: unknown) => channel.deliver(args as OutgoingPart),
          },
        }),
      };
      if (Object.keys(methods).length > 0) ctx.service({ name: 'fake', methods });
    },
  }) as PluginDefinition;
}

function render(text: string): JsonObject {
  if (text.includes('unrenderable')) throw new ClayError('INTERNAL', 'the renderer is broken');
  return { parts: text.split('\n\n').map((piece) => ({ text: piece, format: 'markdown' })) };
}
