import type { Clock, Json } from '@clay/sdk';
import type { ArtifactStore } from './artifact-store.ts';
import type { ConversationStore } from './delivery/conversation-store.ts';
import type { InboxStore } from './delivery/inbox-store.ts';
import type { OutboxStore } from './delivery/outbox-store.ts';
import type { QuestionStore } from './delivery/question-store.ts';
import type { PluginStorage } from './plugin-storage.ts';
import type { SessionStore } from './session-store.ts';
import type { UsageLedger } from './usage-ledger.ts';

/** All that a claw remembers, in one SQLite file. */
export interface Store {
  readonly sessions: SessionStore;
  readonly artifacts: ArtifactStore;
  readonly usage: UsageLedger;
  readonly plugins: PluginStorage;
  readonly settings: Settings;
  readonly conversations: ConversationStore;
  readonly inbox: InboxStore;
  readonly outbox: OutboxStore;
  readonly questions: QuestionStore;
  /** What the operator has to know about the opening, such as a damaged file that was set aside. Usually empty. */
  readonly notices: readonly string[];
  /**
   * Runs `work` as one transaction: all or nothing. `full` makes the commit survive a power loss. `work` is synchronous;
   * transactions may nest.
   */
  transaction<T>(work: () => T, options?: { readonly full?: boolean }): T;
  /** Writes a consistent copy beside the running database and removes copies beyond the retention. */
  backup(): Promise<Backup>;
  /** Newest first. */
  backups(): readonly Backup[];
  /** Whether a read and a write work now; throws what stands in the way. For `/readyz`. */
  check(): void;
  /** Releases the volume. Safe to call twice. */
  close(): void;
}

export interface Settings {
  get(key: string): Json | undefined;
  set(key: string, value: Json): void;
  delete(key: string): boolean;
}

export interface Backup {
  readonly file: string;
  readonly sizeBytes: number;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

export interface StoreOptions {
  /** `CLAY_DB`. */
  readonly database: string;
  /** The folder of the lock that keeps a second host off the volume. */
  readonly data: string;
  readonly backups: string;
  /** How many backups to keep. */
  readonly keepBackups: number;
  readonly clock: Clock;
}
