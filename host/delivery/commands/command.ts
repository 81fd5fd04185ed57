import type { AgentHost } from '../../agent/agent-host.ts';
import type { PluginStatus } from '../../kernel/plugin-status.ts';
import type { InboxMessage } from '../../store/delivery/inbox-store.ts';
import type { DeliveryParts } from '../delivery-parts.ts';
import type { TurnRunner } from '../inbox/turn-runner.ts';

/** What a command of the host works with. */
export interface CommandContext {
  readonly parts: DeliveryParts;
  readonly agentHost: AgentHost;
  readonly turns: TurnRunner;
  readonly plugins: () => readonly PluginStatus[];
  readonly startedAt: number;
  /** Of the session that it was typed in. */
  readonly user: string;
  readonly session: string;
  /** Where it came over a channel: what it has begun is kept with it. */
  readonly message: InboxMessage | null;
  readonly argument: string;
  /** All that can be typed, the plugins' commands too. */
  readonly all: () => readonly CommandInfo[];
}

export interface CommandInfo {
  readonly name: string;
  readonly description: string;
}

/** A command that the host itself answers. Run twice for one message, it does its work once. */
export interface HostCommand extends CommandInfo {
  /** Markdown. */
  readonly run: (context: CommandContext) => string | Promise<string>;
}
