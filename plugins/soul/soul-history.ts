import { ClayError, type Clock, type Migration, type Store } from '@clay/sdk';
import type { SoulFileName } from './soul-file.ts';

export const soulMigrations: readonly Migration[] = [
  {
    id: '001_versions',
    sql: `
      CREATE TABLE soul_versions (
        version INTEGER PRIMARY KEY AUTOINCREMENT,
        filename TEXT NOT NULL,
        content TEXT NOT NULL,
        created_at INTEGER NOT NULL
      ) STRICT;
      CREATE INDEX soul_versions_of_file ON soul_versions (filename, version);
    `,
  },
];

/** Of each file; older ones go. */
const keptVersions = 200;
const listedVersions = 50;
const previewLength = 80;

export interface SoulVersion {
  readonly version: number;
  /** ISO 8601. */
  readonly created_at: string;
  readonly length: number;
  /** Its beginning. */
  readonly preview: string;
}

/** Every text that a soul file has had, as far as the plugin has seen it. */
export class SoulHistory {
  readonly #store: Store;
  readonly #clock: Clock;

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Notes a text, unless it is the newest that is known. */
  async note(filename: SoulFileName, content: string): Promise<void> {
    const { rows } = await this.#store.sql(
      'SELECT content FROM soul_versions WHERE filename = ? ORDER BY version DESC LIMIT 1',
      [filename],
    );
    if (rows[0]?.content === content) return;
    await this.#store.transaction([
      {
        sql: 'INSERT INTO soul_versions (filename, content, created_at) VALUES (?, ?, ?)',
        parameters: [filename, content, this.#clock.now()],
      },
      {
        sql: `DELETE FROM soul_versions WHERE filename = ? AND version <= (
                SELECT version FROM soul_versions WHERE filename = ? ORDER BY version DESC LIMIT 1 OFFSET ${keptVersions})`,
        parameters: [filename, filename],
      },
    ]);
  }

  /** Newest first. */
  async list(filename: SoulFileName): Promise<readonly SoulVersion[]> {
    const { rows } = await this.#store.sql(
      `SELECT version, created_at, length(content) AS length, substr(content, 1, ${previewLength}) AS preview
       FROM soul_versions WHERE filename = ? ORDER BY version DESC LIMIT ${listedVersions}`,
      [filename],
    );
    return rows.map((row) => ({
      version: Number(row.version),
      created_at: new Date(Number(row.created_at)).toISOString(),
      length: Number(row.length),
      preview: String(row.preview),
    }));
  }

  async read(filename: SoulFileName, version: number): Promise<string> {
    const { rows } = await this.#store.sql('SELECT content FROM soul_versions WHERE filename = ? AND version = ?', [
      filename,
      version,
    ]);
    if (rows[0] === undefined) {
      throw new ClayError(
        'NOT_FOUND',
        `${filename} has no version ${version}. Ask for its history to see the versions.`,
      );
    }
    return String(rows[0].content);
  }
}
