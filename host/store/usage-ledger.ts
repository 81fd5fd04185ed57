/** One model call. Token counts are as the provider states them; `inputTokens` excludes cached ones. */
export interface UsageEntry {
  readonly app: string;
  readonly user: string;
  readonly session: string;
  readonly turn: string;
  /** Who asked: the plugin that owns the agent, or `host`. */
  readonly plugin: string;
  readonly agent: string;
  /** The plugin that began the turn; empty when a person did. */
  readonly startedBy: string;
  /** The schedule that was due; empty when none was. */
  readonly schedule: string;
  readonly model: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  /** US dollars; null when no price is configured. */
  readonly costUsd: number | null;
  /** Of the call, in milliseconds. */
  readonly durationMs: number;
}

export interface UsageFilter {
  readonly app?: string | undefined;
  readonly user?: string | undefined;
  readonly session?: string | undefined;
  readonly turn?: string | undefined;
  readonly plugin?: string | undefined;
  /** A plugin that asked, or that began the turn. */
  readonly cause?: string | undefined;
  readonly schedule?: string | undefined;
  readonly model?: string | undefined;
  /** Milliseconds since the epoch, inclusive. */
  readonly since?: number | undefined;
  /** Exclusive. */
  readonly until?: number | undefined;
}

export type UsageGroup = 'user' | 'session' | 'plugin' | 'schedule' | 'model' | 'day';

export interface UsageSum {
  readonly calls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  /** Sum over the calls that had a price. */
  readonly costUsd: number;
  /** Calls without a price: when not 0, `costUsd` is a lower bound. */
  readonly unpricedCalls: number;
}

export interface UsageGroupSum extends UsageSum {
  /** The user, session, …; a day is `YYYY-MM-DD` in UTC. */
  readonly name: string;
}

export interface UsageLedger {
  record(entry: UsageEntry): void;
  sum(filter?: UsageFilter): UsageSum;
  /** Largest number of tokens first; days in order. */
  sumBy(group: UsageGroup, filter?: UsageFilter): readonly UsageGroupSum[];
}
