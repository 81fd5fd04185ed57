import type { Clock, Migration, Store } from '@clay/sdk';
import type { Page } from '../page/page.ts';

export const pageMigrations: readonly Migration[] = [
  {
    id: '001_pages',
    sql: `CREATE TABLE research_pages (
      key TEXT PRIMARY KEY,
      page TEXT NOT NULL,
      bytes INTEGER NOT NULL,
      fetched_at INTEGER NOT NULL
    )`,
  },
];

export interface PageCacheOptions {
  readonly store: Pick<Store, 'sql' | 'transaction'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly maxAgeMs: number;
  /** Of all pages together; a page larger than a quarter of it is not kept. */
  readonly maxBytes: number;
}

/** Pages as they were read, kept for a while and within a size. */
export class PageCache {
  readonly #options: PageCacheOptions;

  constructor(options: PageCacheOptions) {
    this.#options = options;
  }

  async get(key: string): Promise<Page | null> {
    const { store } = this.#options;
    const { rows } = await store.sql('SELECT page FROM research_pages WHERE key = ? AND fetched_at > ?', [
      key,
      this.#oldest(),
    ]);
    return rows[0] === undefined ? null : (JSON.parse(String(rows[0].page)) as Page);
  }

  async set(key: string, page: Page): Promise<void> {
    const { store, maxAgeMs, maxBytes } = this.#options;
    const text = JSON.stringify(page);
    const bytes = Buffer.byteLength(text);
    if (maxAgeMs === 0 || bytes > maxBytes / 4) return;
    await store.transaction([
      {
        sql: 'INSERT OR REPLACE INTO research_pages (key, page, bytes, fetched_at) VALUES (?, ?, ?, ?)',
        parameters: [key, text, bytes, page.fetchedAt],
      },
      { sql: 'DELETE FROM research_pages WHERE fetched_at <= ?', parameters: [this.#oldest()] },
      {
        sql: `DELETE FROM research_pages WHERE key IN (
          SELECT key FROM (
            SELECT key, SUM(bytes) OVER (ORDER BY fetched_at DESC, key) AS total FROM research_pages
          ) WHERE total > ?
        )`,
        parameters: [maxBytes],
      },
    ]);
  }

  #oldest(): number {
    return this.#options.clock.now() - this.#options.maxAgeMs;
  }
}
