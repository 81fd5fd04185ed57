import type { Clock, Migration, Store } from '@clay/sdk';
import type { TelegramPart } from '@clay/sdk/telegram';

export const questionMigrations: readonly Migration[] = [
  {
    id: '002_questions',
    sql: `CREATE TABLE IF NOT EXISTS telegram_questions (
      key TEXT PRIMARY KEY, place TEXT NOT NULL, part TEXT NOT NULL, choices TEXT NOT NULL, at INTEGER NOT NULL
    )`,
  },
];

/** Longer than the host leaves a question open. */
const keepMs = 8 * 24 * 3_600_000;

export interface Choice {
  readonly id: string;
  readonly label: string;
}

/** A question in a chat, as it has to be known to make sense of a press. */
export interface Question {
  readonly key: string;
  readonly place: string;
  readonly part: TelegramPart;
  readonly choices: readonly Choice[];
}

export class QuestionTable {
  readonly #store: Store;
  readonly #clock: Clock;

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  async get(key: string): Promise<Question | null> {
    const { rows } = await this.#store.sql('SELECT key, place, part, choices FROM telegram_questions WHERE key = ?', [
      key,
    ]);
    const [row] = rows;
    if (row === undefined) return null;
    return {
      key,
      place: String(row.place),
      part: JSON.parse(String(row.part)),
      choices: JSON.parse(String(row.choices)),
    };
  }

  async put({ key, place, part, choices }: Question): Promise<void> {
    const now = this.#clock.now();
    await this.#store.transaction([
      { sql: 'DELETE FROM telegram_questions WHERE at < ?', parameters: [now - keepMs] },
      {
        sql: 'INSERT OR REPLACE INTO telegram_questions (key, place, part, choices, at) VALUES (?, ?, ?, ?, ?)',
        parameters: [key, place, JSON.stringify(part), JSON.stringify(choices), now],
      },
    ]);
  }
}
