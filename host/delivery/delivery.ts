import { type Json, toFailure } from '@clay/sdk';
import type { AgentHost } from '../agent/agent-host.ts';
import type { Turn } from '../agent/turns/turn.ts';
import type { HostCapability } from '../kernel/host-capabilities.ts';
import type { PluginStatus } from '../kernel/plugin-status.ts';
import type { InboxMessage } from '../store/delivery/inbox-store.ts';
import { chatServices } from './chat-services.ts';
import { Commands } from './commands/commands.ts';
import type { DeliveryParts } from './delivery-parts.ts';
import { Inbox } from './inbox/inbox.ts';
import type { IncomingMessage } from './inbox/incoming-message.ts';
import { TurnRunner } from './inbox/turn-runner.ts';
import { type Notice, tellNotice } from './notices.ts';
import { Outbox } from './outbox/outbox.ts';
import { questionServices } from './questions/question-services.ts';
import { Questions } from './questions/questions.ts';
import { turnService } from './turn-service.ts';

/** How long a repeated key is known, and what was said can be looked up. */
const keptMs = 30 * 24 * 3_600_000;
const pruneEveryMs = 6 * 3_600_000;

export interface DeliveryOptions extends DeliveryParts {
  /** Name of the one app, and of its main agent. */
  readonly app: string;
  readonly plugins: () => readonly PluginStatus[];
}

/** People's messages in, answers out, over every channel that a plugin provides: nothing is lost, nothing is done twice. */
export interface Delivery {
  /** For the kernel to provide, before the connectors start. Messages are taken from then on, and wait for {@link start}. */
  readonly capabilities: readonly HostCapability[];
  /** What people are asked; for those of the host who ask, and for the console. */
  readonly questions: Questions;
  /** Tells people something that nobody asked for. */
  notify(notice: Notice): void;
  /** Goes to work, except on what an earlier host had begun. */
  start(agentHost: AgentHost): void;
  /** Goes on with that; `resumed` are the turns that the agent goes on with. */
  resume(resumed: readonly Turn[]): void;
  /** After the agent host has stopped, and before the plugins do. */
  stop(): Promise<void>;
}

export function createDelivery(options: DeliveryOptions): Delivery {
  return new HostDelivery(options);
}

interface Working {
  readonly agentHost: AgentHost;
  readonly turns: TurnRunner;
}

class HostDelivery implements Delivery {
  readonly capabilities: readonly HostCapability[];
  readonly questions: Questions;
  readonly #parts: DeliveryOptions;
  readonly #outbox: Outbox;
  readonly #commands: Commands;
  readonly #inbox: Inbox;
  #working: Working | null = null;
  #isStopping = false;
  readonly #started = Promise.withResolvers<AgentHost>();
  readonly #resumed = Promise.withResolvers<void>();
  #cancelPrune: () => void = () => undefined;

  constructor(options: DeliveryOptions) {
    const { app, plugins } = options;
    this.#parts = options;
    this.#outbox = new Outbox(options);
    this.questions = new Questions(options, this.#outbox);
    this.#commands = new Commands({
      parts: options,
      outbox: this.#outbox,
      plugins,
      working: () => this.#working,
    });
    this.#inbox = new Inbox({
      parts: options,
      app,
      questions: this.questions,
      isCommand: (name) => this.#commands.has(name),
    });
    this.capabilities = [
      ...chatServices({
        parts: options,
        outbox: this.#outbox,
        commands: this.#commands,
        receive: (message, caller) => this.#receive(message, caller),
      }),
      ...this.#commands.capabilities,
      ...questionServices(options, this.questions),
      turnService({
        parts: options,
        agentHost: this.#started.promise,
        resumed: this.#resumed.promise,
      }),
    ];
  }

  notify(notice: Notice): void {
    tellNotice(this.#parts, this.#outbox, notice);
  }

  start(agentHost: AgentHost): void {
    const turns = new TurnRunner(this.#parts, this.#outbox, agentHost);
    this.#working = { agentHost, turns };
    this.#started.resolve(agentHost);
    this.#outbox.start();
    this.questions.start();
    for (const message of this.#parts.store.inbox.open()) this.#handle(message, this.#working);
    this.#prune();
  }

  resume(resumed: readonly Turn[]): void {
    this.#working?.turns.resume(resumed);
    this.#resumed.resolve();
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#cancelPrune();
    this.questions.stop();
    await this.#working?.turns.stop();
    await this.#commands.stop();
    await this.#outbox.stop();
  }

  async #receive(incoming: IncomingMessage, caller: string): Promise<Json> {
    const { state, message, answered } = await this.#inbox.accept(incoming, caller);
    const { session, result } = message;
    if (state === 'repeated') return { state, session, ...(result === null ? {} : { result }) };
    const { channel, user, text } = incoming;
    void this.#parts.emit('message', { channel, user, text });
    if (answered !== null) this.questions.tellEnd(answered, { isShown: false });
    // The connector hears first that it is taken: what follows is nothing that it has to wait for.
    else if (this.#working !== null) setImmediate((working) => this.#take(message, working), this.#working);
    return { state, session };
  }

  #take(message: InboxMessage, working: Working): void {
    if (this.#isStopping) return;
    try {
      this.#handle(message, working);
    } catch (thrown) {
      // It waits in the inbox, for the next message of its session or the next host.
      this.#parts.log.error('inbox.stuck', { message: message.seq, ...toFailure(thrown) });
    }
  }

  #handle(message: InboxMessage, { turns }: Working): void {
    // One whose caller waits for the answer is its caller's to repeat.
    if (message.conversation === null) return;
    if (message.command !== null) this.#commands.take(message);
    else if (message.text.trim() === '' && message.images.length === 0)
      this.#parts.store.inbox.end(message.seq, 'done');
    else turns.take(message);
  }

  #prune(): void {
    const { store, clock, log } = this.#parts;
    try {
      const before = clock.now() - keptMs;
      const [inbox, outbox] = [store.inbox.prune(before), store.outbox.prune(before)];
      const questions = store.questions.prune(before);
      if (inbox + outbox + questions > 0) log.info('delivery.pruned', { inbox, outbox, questions });
    } catch (thrown) {
      log.error('delivery.prune_failed', { ...toFailure(thrown) });
    }
    this.#cancelPrune = clock.after(pruneEveryMs, () => this.#prune());
  }
}
