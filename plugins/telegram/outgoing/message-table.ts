import type { Clock, Migration, Store } from '@clay/sdk';

export const messageMigrations: readonly Migration[] = [
  {
    id: '001_messages',
    sql: `CREATE TABLE IF NOT EXISTS telegram_messages (
      key TEXT PRIMARY KEY, place TEXT NOT NULL, message INTEGER NOT NULL, state TEXT NOT NULL, at INTEGER NOT NULL
    );
    CREATE INDEX IF NOT EXISTS telegram_messages_at ON telegram_messages (at)`,
  },
];

/** Longer than the host tries to deliver, and than a question stays open. */
const keepMs = 8 * 24 * 3_600_000;

/** A message of the bot: `live` grows as the answer streams, `open` is an empty place for a part, `sent` has it. */
export interface StoredMessage {
  readonly key: string;
  readonly place: string;
  readonly message: number;
  readonly state: 'live' | 'open' | 'sent';
}

/** Which message of the chat holds which part: what makes a repeated part the same part. */
export class MessageTable {
  readonly #store: Store;
  readonly #clock: Clock;

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  async get(key: string): Promise<StoredMessage | null> {
    const { rows } = await this.#store.sql('SELECT key, place, message, state FROM telegram_messages WHERE key = ?', [
      key,
    ]);
    return (rows[0] as StoredMessage | undefined) ?? null;
  }

  async live(): Promise<readonly StoredMessage[]> {
    const { rows } = await this.#store.sql(
      "SELECT key, place, message, state FROM telegram_messages WHERE state = 'live'",
    );
    return rows as unknown as readonly StoredMessage[];
  }

  /** Keeps a message; `replaces` names the row that it was until now. */
  async put({ key, place, message, state }: StoredMessage, replaces: string = key): Promise<void> {
    const now = this.#clock.now();
    await this.#store.transaction([
      { sql: 'DELETE FROM telegram_messages WHERE key IN (?, ?) OR at < ?', parameters: [key, replaces, now - keepMs] },
      {
        sql: 'INSERT INTO telegram_messages (key, place, message, state, at) VALUES (?, ?, ?, ?, ?)',
        parameters: [key, place, message, state, now],
      },
    ]);
  }

  async drop(key: string): Promise<void> {
    await this.#store.sql('DELETE FROM telegram_messages WHERE key = ?', [key]);
  }
}
