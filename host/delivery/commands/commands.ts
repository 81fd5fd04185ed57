import { ClayError, toFailure } from '@clay/sdk';
import type { AgentHost } from '../../agent/agent-host.ts';
import { NamedLock } from '../../agent/sessions/session-lock.ts';
import type { HostCapability } from '../../kernel/host-capabilities.ts';
import type { PluginStatus } from '../../kernel/plugin-status.ts';
import type { Conversation } from '../../store/delivery/conversation-store.ts';
import type { InboxMessage } from '../../store/delivery/inbox-store.ts';
import type { DeliveryParts } from '../delivery-parts.ts';
import type { TurnRunner } from '../inbox/turn-runner.ts';
import { jsonField } from '../json-field.ts';
import { answerLifeMs, type Outbox } from '../outbox/outbox.ts';
import type { CommandContext, CommandInfo } from './command.ts';
import { hostCommands } from './host-commands.ts';
import { parseCommand } from './typed-command.ts';

export interface CommandsOptions {
  readonly parts: DeliveryParts;
  readonly outbox: Outbox;
  readonly plugins: () => readonly PluginStatus[];
  /** Null before the agent is there. */
  readonly working: () => { readonly agentHost: AgentHost; readonly turns: TurnRunner } | null;
}

/** Answers what begins with a slash: the host's own commands and the plugins', beside any turn that runs. */
export class Commands {
  /** The host's own, for whoever reads what people type beyond the channels. */
  readonly capabilities: readonly HostCapability[];
  readonly #options: CommandsOptions;
  readonly #startedAt: number;
  readonly #running = new Set<Promise<void>>();
  readonly #lock = new NamedLock();

  constructor(options: CommandsOptions) {
    this.#options = options;
    this.#startedAt = options.parts.clock.now();
    this.capabilities = hostCommands.map((command) => ({
      kind: 'command',
      name: command.name,
      description: command.description,
      parameters: null,
      run: async (args, { session }) => {
        if (session === null) throw new ClayError('BAD_ARGUMENTS', `/${command.name} belongs to a conversation.`);
        const argument = String(jsonField(args, 'argument') ?? '');
        return command.run(this.#context({ user: session.user, session: session.id, message: null, argument }));
      },
    }));
  }

  has(name: string): boolean {
    return this.#options.parts.registry.get(`command:${name}`) !== undefined;
  }

  list(): readonly CommandInfo[] {
    const own = hostCommands.map(({ name, description }) => ({ name, description }));
    const taken = new Set(own.map(({ name }) => name));
    const added = this.#options.parts.registry.list('command').filter(({ name }) => !taken.has(name));
    return [...own, ...added.map(({ name, description }) => ({ name, description }))];
  }

  /** Answers, and ends the message. */
  take(message: InboxMessage): void {
    const answer = () => this.#answer(message);
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

  #context(typed: Pick<CommandContext, 'user' | 'session' | 'message' | 'argument'>): CommandContext {
    const { parts, plugins, working } = this.#options;
    const { agentHost, turns } = working() ?? {};
    if (agentHost === undefined || turns === undefined)
      throw new ClayError('UNAVAILABLE', 'The host is starting and answers no commands yet.');
    return { ...typed, parts, agentHost, turns, plugins, startedAt: this.#startedAt, all: () => this.list() };
  }

  async #answer(message: InboxMessage): Promise<void> {
    const { store, clock } = this.#options.parts;
    const conversation = store.conversations.get(message.conversation ?? '');
    if (conversation === undefined) throw new Error(`The command ${message.seq} belongs to no conversation.`);
    const { text, code } = await this.#run(message, conversation);
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
    { channel }: Conversation,
  ): Promise<{ readonly text: string; readonly code?: string }> {
    const { parts } = this.#options;
    const { user, session } = message;
    const { name = '', argument = '' } = parseCommand(message.text) ?? {};
    const own = hostCommands.find((one) => one.name === name);
    try {
      const context = this.#context({ user, session, message, argument });
      if (own !== undefined) return { text: await own.run(context) };
      const value = await parts.router.call({
        capability: `command:${name}`,
        args: { argument },
        caller: `channel:${channel}`,
        key: `command:${message.seq}`,
        session: { app: context.agentHost.appName, user, id: session, turn: `command:${message.seq}` },
      });
      return { text: String(value) };
    } catch (thrown) {
      const { error, code } = toFailure(thrown);
      parts.log.error('command.failed', { command: name, message: message.seq, code, error });
      return { text: `/${name} did not work: ${error}`, code };
    }
  }
}
