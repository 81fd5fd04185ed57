import { toFailure } from '@clay/sdk';
import type { AgentHost } from '../../agent/agent-host.ts';
import { NamedLock } from '../../agent/sessions/session-lock.ts';
import type { PluginStatus } from '../../kernel/plugin-status.ts';
import type { Conversation } from '../../store/delivery/conversation-store.ts';
import type { InboxMessage } from '../../store/delivery/inbox-store.ts';
import type { DeliveryParts } from '../delivery-parts.ts';
import type { TurnRunner } from '../inbox/turn-runner.ts';
import { answerLifeMs, type Outbox } from '../outbox/outbox.ts';
import type { CommandInfo } from './command.ts';
import { commandAliases, hostCommands } from './host-commands.ts';
import { parseCommand } from './typed-command.ts';

export interface CommandsOptions {
  readonly parts: DeliveryParts;
  readonly outbox: Outbox;
  readonly plugins: () => readonly PluginStatus[];
}

/** Answers what begins with a slash: the host's own commands and the plugins', beside any turn that runs. */
export class Commands {
  readonly #options: CommandsOptions;
  readonly #startedAt: number;
  readonly #running = new Set<Promise<void>>();
  readonly #lock = new NamedLock();

  constructor(options: CommandsOptions) {
    this.#options = options;
    this.#startedAt = options.parts.clock.now();
  }

  has(name: string): boolean {
    const isOwn = hostCommands.some((one) => one.name === name) || Object.hasOwn(commandAliases, name);
    return isOwn || this.#options.parts.registry.get(`command:${name}`) !== undefined;
  }

  list(): readonly CommandInfo[] {
    const own = hostCommands.map(({ name, description }) => ({ name, description }));
    const taken = new Set(own.map(({ name }) => name));
    const added = this.#options.parts.registry.list('command').filter(({ name }) => !taken.has(name));
    return [...own, ...added.map(({ name, description }) => ({ name, description }))];
  }

  /** Answers, and ends the message. */
  take(message: InboxMessage, agentHost: AgentHost, turns: TurnRunner): void {
    const answer = () => this.#answer(message, agentHost, turns);
    // Two that follow each other see each other's work; a stop waits for nothing.
    const isUrgent = message.command === 'stop' || message.conversation === null;
    const answering = isUrgent ? answer() : this.#lock.run(message.conversation, answer);
    const running = answering.catch((thrown) => {
      // It stays open, for the next host.
      this.#options.parts.log.error('command.unanswered', { message: message.seq, ...toFailure(thrown) });
    });
    this.#running.add(running);
    void running.then(() => this.#running.delete(running));
  }

  /** Resolves when those under way have ended. */
  async stop(): Promise<void> {
    await Promise.all(this.#running);
  }

  async #answer(message: InboxMessage, agentHost: AgentHost, turns: TurnRunner): Promise<void> {
    const { store, clock } = this.#options.parts;
    const conversation = store.conversations.get(message.conversation ?? '');
    if (conversation === undefined) throw new Error(`The command ${message.seq} belongs to no conversation.`);
    const { text, code } = await this.#run(message, conversation, agentHost, turns);
    const { channel, chat } = conversation;
    store.transaction(() => {
      const expiresAt = clock.now() + answerLifeMs;
      this.#options.outbox.add({ key: `answer:${message.seq}`, channel, chat, kind: 'answer', text, expiresAt });
      store.inbox.end(
        message.seq,
        code === undefined ? 'done' : 'failed',
        code === undefined ? { text } : { text, error: code },
      );
    });
    this.#options.outbox.wake(channel, chat);
  }

  async #run(
    message: InboxMessage,
    conversation: Conversation,
    agentHost: AgentHost,
    turns: TurnRunner,
  ): Promise<{ readonly text: string; readonly code?: string }> {
    const { parts, plugins } = this.#options;
    const { name: typed = '', argument = '' } = parseCommand(message.text) ?? {};
    const name = Object.hasOwn(commandAliases, typed) ? commandAliases[typed] : typed;
    const own = hostCommands.find((one) => one.name === name);
    try {
      if (own !== undefined) {
        const text = await own.run({
          parts,
          agentHost,
          turns,
          plugins,
          startedAt: this.#startedAt,
          conversation,
          message,
          argument,
          all: () => this.list(),
        });
        return { text };
      }
      const { user, session } = message;
      const value = await parts.router.call({
        capability: `command:${name}`,
        args: { argument },
        caller: `channel:${conversation.channel}`,
        key: `command:${message.seq}`,
        session: { app: agentHost.appName, user, id: session, turn: `command:${message.seq}` },
      });
      return { text: String(value) };
    } catch (thrown) {
      const { error, code } = toFailure(thrown);
      parts.log.error('command.failed', { command: name ?? typed, message: message.seq, code, error });
      return { text: `/${name} did not work: ${error}`, code };
    }
  }
}
