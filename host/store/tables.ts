import type { Generated } from 'kysely';

/** The host's own tables. Those of plugins are known to their plugins only. */
export interface HostTables {
  readonly sessions: SessionRow;
  readonly events: EventRow;
  readonly state: StateRow;
  readonly state_patches: StatePatchRow;
  readonly compactions: CompactionRow;
  readonly artifacts: ArtifactRow;
  readonly usage: UsageRow;
  readonly settings: SettingRow;
  readonly plugin_values: PluginValueRow;
  readonly plugin_tables: PluginTableRow;
  readonly plugin_migrations: PluginMigrationRow;
  readonly conversations: ConversationRow;
  readonly inbox: InboxRow;
  readonly outbox: OutboxRow;
  readonly outbox_parts: OutboxPartRow;
  readonly outbox_files: OutboxFileRow;
  readonly questions: QuestionRow;
}

export interface SessionRow {
  readonly key: Generated<number>;
  readonly app: string;
  readonly user: string;
  readonly session: string;
  /** JSON: the session's own state at its creation, from which a rewind replays. */
  readonly initial_state: string;
  readonly created_at: number;
  readonly updated_at: number;
}

export interface EventRow {
  readonly seq: Generated<number>;
  /** `sessions.key` */
  readonly session: number;
  readonly id: string;
  readonly invocation: string;
  readonly timestamp: number;
  /** JSON of the session's own part of the delta, for the replay of a rewind. */
  readonly state_delta: string | null;
  readonly body: string;
}

/** `user` and `session` are empty for the app's state, `session` is empty for the user's. */
export interface StateRow {
  readonly app: string;
  readonly user: string;
  readonly session: string;
  readonly name: string;
  readonly value: string;
}

/** A change of the session's own state that no event made; it happened after the event `after_seq`. */
export interface StatePatchRow {
  readonly id: Generated<number>;
  readonly session: number;
  readonly after_seq: number;
  readonly delta: string;
}

export interface CompactionRow {
  readonly id: Generated<number>;
  readonly session: number;
  readonly first_event: string;
  readonly last_event: string;
  readonly boundary_seq: number;
  readonly summary: string;
  readonly details: string;
  readonly created_at: number;
}

/** `session` is empty for an artifact of the user. */
export interface ArtifactRow {
  readonly app: string;
  readonly user: string;
  readonly session: string;
  readonly name: string;
  readonly version: number;
  readonly mime_type: string;
  readonly is_text: number;
  readonly size_bytes: number;
  readonly body: string | Uint8Array;
  readonly metadata: string;
  readonly created_at: number;
}

export interface UsageRow {
  readonly id: Generated<number>;
  readonly at: number;
  readonly app: string;
  readonly user: string;
  readonly session: string;
  readonly turn: string;
  readonly plugin: string;
  readonly agent: string;
  readonly model: string;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cache_read_tokens: number;
  readonly cache_write_tokens: number;
  readonly cost_usd: number | null;
  readonly duration_ms: number;
  readonly started_by: Generated<string>;
  readonly schedule: Generated<string>;
}

export interface SettingRow {
  readonly key: string;
  readonly value: string;
}

export interface PluginValueRow {
  readonly plugin: string;
  readonly key: string;
  readonly value: string;
}

export interface PluginTableRow {
  readonly name: string;
  readonly plugin: string;
}

export interface PluginMigrationRow {
  readonly plugin: string;
  readonly id: string;
  readonly sha256: string;
  readonly applied_at: number;
}

/** One person's conversation with the claw over one channel, or one group's. */
export interface ConversationRow {
  /** `channel:chat:user`, or `channel:chat` of a group. */
  readonly key: string;
  readonly channel: string;
  readonly chat: string;
  /** Who wrote last. */
  readonly user: string;
  readonly is_group: number;
  /** The session that its next message goes to. */
  readonly session: string;
  readonly heard_at: number;
}

export interface InboxRow {
  readonly seq: Generated<number>;
  readonly channel: string;
  readonly key: string;
  /** `conversations.key`; null when its caller waits for the answer itself. */
  readonly conversation: string | null;
  /** Of the session. */
  readonly user: string;
  readonly session: string;
  readonly text: string;
  /** JSON: what the model sees of it beside the text. */
  readonly images: string;
  /** The name of a command, which no turn answers. */
  readonly command: string | null;
  readonly state: string;
  readonly turn: string | null;
  readonly attempts: number;
  readonly result: string | null;
  readonly accepted_at: number;
  readonly ended_at: number | null;
}

export interface OutboxRow {
  readonly seq: Generated<number>;
  readonly key: string;
  readonly channel: string;
  readonly chat: string;
  readonly kind: string;
  /** As Markdown. */
  readonly text: string;
  readonly state: string;
  readonly created_at: number;
  readonly expires_at: number;
  readonly ended_at: number | null;
  /** `questions.id`, of a message that asks it. */
  readonly question: string | null;
}

export interface OutboxPartRow {
  /** `outbox.seq` */
  readonly message: number;
  /** From 1. */
  readonly number: number;
  readonly text: string;
  readonly format: string;
  readonly state: string;
  readonly attempts: number;
  readonly due_at: number;
  readonly tried_at: number | null;
  readonly is_doubtful: number;
  readonly receipt: string | null;
  readonly failure: string | null;
  readonly kind: string;
  /** `outbox_files.number` */
  readonly file: number | null;
}

/** A file that goes out with a message; forgotten when the message has ended. */
export interface OutboxFileRow {
  /** `outbox.seq` */
  readonly message: number;
  /** From 1. */
  readonly number: number;
  readonly name: string;
  readonly media_type: string;
  readonly caption: string;
  readonly body: Uint8Array;
}

export interface QuestionRow {
  readonly id: string;
  /** Of the call that asks. */
  readonly key: string;
  /** Null when there was no chat to ask in. */
  readonly channel: string | null;
  readonly chat: string | null;
  readonly text: string;
  /** JSON: `[{id, label}]` */
  readonly choices: string;
  /** What the first choice is called in the chat. */
  readonly first_number: number;
  readonly state: string;
  readonly choice: string | null;
  readonly answered_by: string | null;
  readonly asked_at: number;
  readonly expires_at: number;
  readonly ended_at: number | null;
}
