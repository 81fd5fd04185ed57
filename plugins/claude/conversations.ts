import { randomUUID } from 'node:crypto';
import type { CallSession, Clock, Migration, Store } from '@clay/sdk';

export const conversationMigrations: readonly Migration[] = [
  {
    id: '001_sessions',
    sql: `CREATE TABLE claude_sessions (
      conversation TEXT NOT NULL,
      folder TEXT NOT NULL,
      session TEXT NOT NULL,
      used_at INTEGER NOT NULL,
      PRIMARY KEY (conversation, folder)
    ) STRICT`,
  },
];

/** As long as Claude Code itself keeps a conversation. */
const keptMs = 30 * 24 * 3_600_000;

/** A session of Claude Code that one run has for itself. */
export interface ClaimedSession {
  readonly id: string;
  readonly isNew: boolean;
  /** The program has taken the name: the next run goes on here. */
  begun(): Promise<void>;
  release(): void;
}

/** Which session of Claude Code goes on with which conversation, folder by folder. */
export class Conversations {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #claimed = new Set<string>();

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** A second run beside the first one begins anew, as one session cannot be in two places; so does a call of nobody. */
  async claim(call: CallSession | null, folder: string): Promise<ClaimedSession> {
    const conversation = call === null ? null : nameOf(call);
    const place = `${conversation} ${folder}`;
    if (conversation === null || this.#claimed.has(place)) {
      return { id: randomUUID(), isNew: true, begun: async () => {}, release: () => {} };
    }
    this.#claimed.add(place);
    const release = () => void this.#claimed.delete(place);
    try {
      const known = await this.#find(conversation, folder);
      const id = known ?? randomUUID();
      return { id, isNew: known === null, begun: () => this.#keep(conversation, folder, id), release };
    } catch (error) {
      release();
      throw error;
    }
  }

  /** Gives how many were forgotten. */
  async forget(call: CallSession, folder?: string): Promise<number> {
    const { changes } = await this.#store.sql(
      'DELETE FROM claude_sessions WHERE conversation = ? AND folder = coalesce(?, folder)',
      [nameOf(call), folder ?? null],
    );
    return changes;
  }

  async #find(conversation: string, folder: string): Promise<string | null> {
    const { rows } = await this.#store.sql(
      'SELECT session FROM claude_sessions WHERE conversation = ? AND folder = ? AND used_at > ?',
      [conversation, folder, this.#clock.now() - keptMs],
    );
    return rows[0] === undefined ? null : String(rows[0].session);
  }

  async #keep(conversation: string, folder: string, session: string): Promise<void> {
    const now = this.#clock.now();
    await this.#store.transaction([
      {
        sql: `INSERT INTO claude_sessions (conversation, folder, session, used_at) VALUES (?, ?, ?, ?)
          ON CONFLICT (conversation, folder) DO UPDATE SET session = excluded.session, used_at = excluded.used_at`,
        parameters: [conversation, folder, session, now],
      },
      { sql: 'DELETE FROM claude_sessions WHERE used_at <= ?', parameters: [now - keptMs] },
    ]);
  }
}

function nameOf({ app, user, id }: CallSession): string {
  return JSON.stringify([app, user, id]);
}
