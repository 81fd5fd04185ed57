import type { Clock, Migration, SqlRow, SqlStatement, Store } from '@clay/sdk';
import type { FeedVersion } from './fetch-feed.ts';
import type { Feed } from './parse-feed.ts';

export const feedMigrations: readonly Migration[] = [
  {
    id: '001_feeds',
    sql: `
      CREATE TABLE feeds (
        url TEXT PRIMARY KEY,
        title TEXT NOT NULL,
        etag TEXT,
        last_modified TEXT,
        checked_at INTEGER NOT NULL,
        error TEXT
      ) STRICT;
      CREATE TABLE feed_items (
        number INTEGER PRIMARY KEY,
        feed TEXT NOT NULL REFERENCES feeds (url) ON DELETE CASCADE,
        id TEXT NOT NULL,
        title TEXT NOT NULL,
        link TEXT,
        published_at TEXT,
        summary TEXT NOT NULL,
        seen_at INTEGER NOT NULL,
        is_read INTEGER NOT NULL DEFAULT 0,
        UNIQUE (feed, id)
      ) STRICT;
    `,
  },
];

export interface FollowedFeed extends FeedVersion {
  readonly url: string;
  readonly title: string;
  readonly unread: number;
  readonly checkedAt: string;
  /** Why the last poll failed; null when it did not. */
  readonly error: string | null;
}

/** A read item is remembered until its feed has not shown it for so long: it would be news again. */
const rememberMs = 30 * 24 * 60 * 60 * 1000;

/** The followed feeds and their items, in the plugin's tables. */
export class FeedList {
  readonly #store: Store;
  readonly #clock: Clock;

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  async list(): Promise<readonly FollowedFeed[]> {
    const { rows } = await this.#store.sql(
      `SELECT feeds.*, (SELECT count(*) FROM feed_items WHERE feed = url AND is_read = 0) AS unread
       FROM feeds ORDER BY title, url`,
    );
    return rows.map(toFeed);
  }

  async add(url: string, feed: Feed, version: FeedVersion): Promise<void> {
    const sql = 'INSERT INTO feeds (url, title, checked_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING';
    const parameters = [url, feed.title, this.#clock.now()];
    await this.#store.transaction([{ sql, parameters }, ...this.#contents(url, feed, version)]);
  }

  /** Keeps what a poll has brought, unless the feed was removed meanwhile. */
  async update(url: string, feed: Feed, version: FeedVersion): Promise<void> {
    await this.#store.transaction(this.#contents(url, feed, version));
  }

  /** The feed has not changed: everything in it has been seen again. */
  async keep(url: string): Promise<void> {
    const now = this.#clock.now();
    await this.#store.transaction([
      { sql: 'UPDATE feeds SET checked_at = ?, error = NULL WHERE url = ?', parameters: [now, url] },
      {
        sql: 'UPDATE feed_items SET seen_at = ? WHERE feed = ? AND seen_at = (SELECT max(seen_at) FROM feed_items WHERE feed = ?)',
        parameters: [now, url, url],
      },
    ]);
  }

  async fail(url: string, error: string): Promise<void> {
    await this.#store.sql('UPDATE feeds SET checked_at = ?, error = ? WHERE url = ?', [this.#clock.now(), error, url]);
  }

  /** False when it was not followed. */
  async remove(url: string): Promise<boolean> {
    return (await this.#store.sql('DELETE FROM feeds WHERE url = ?', [url])).changes > 0;
  }

  /** Takes the newest unread items, which are read from now on: one statement, so that none is lost or told twice. */
  async takeNews(limit: number, url?: string): Promise<readonly SqlRow[]> {
    const { rows } = await this.#store.sql(
      `UPDATE feed_items SET is_read = 1 WHERE number IN (
         SELECT number FROM feed_items WHERE is_read = 0 AND feed = coalesce(?, feed) ORDER BY number DESC LIMIT ?
       ) RETURNING number, feed, title, link, published_at, summary`,
      [url ?? null, limit],
    );
    return rows.toSorted((a, b) => Number(b.number) - Number(a.number)).map(({ number: _, ...item }) => item);
  }

  /** Items that are known stay as they are: read ones stay read. */
  #contents(url: string, feed: Feed, { etag, lastModified }: FeedVersion): readonly SqlStatement[] {
    const now = this.#clock.now();
    return [
      {
        sql: 'UPDATE feeds SET title = ?, etag = ?, last_modified = ?, checked_at = ?, error = NULL WHERE url = ?',
        parameters: [feed.title, etag, lastModified, now, url],
      },
      // The newest come first in a feed, and shall have the highest number.
      ...feed.items.toReversed().map(({ id, title, link, publishedAt, summary }) => ({
        sql: `INSERT INTO feed_items (feed, id, title, link, published_at, summary, seen_at)
              SELECT url, ?, ?, ?, ?, ?, ? FROM feeds WHERE url = ?
              ON CONFLICT (feed, id) DO UPDATE SET seen_at = excluded.seen_at`,
        parameters: [id, title, link, publishedAt, summary, now, url],
      })),
      {
        sql: 'DELETE FROM feed_items WHERE feed = ? AND is_read = 1 AND seen_at < ?',
        parameters: [url, now - rememberMs],
      },
    ];
  }
}

function toFeed(row: SqlRow): FollowedFeed {
  const optional = (value: SqlRow[string] | undefined) => (typeof value === 'string' ? value : null);
  return {
    url: String(row.url),
    title: String(row.title),
    unread: Number(row.unread),
    checkedAt: new Date(Number(row.checked_at)).toISOString(),
    error: optional(row.error),
    etag: optional(row.etag),
    lastModified: optional(row.last_modified),
  };
}
