import { ClayError, type Clock, type Migration, type SqlRow, type Store } from '@clay/sdk';
import type { CheckResult } from './check-site.ts';
import type { Health, SiteState } from './site-state.ts';

export const siteMigrations: readonly Migration[] = [
  {
    id: '001_sites',
    sql: `
      CREATE TABLE uptime_sites (
        name TEXT PRIMARY KEY,
        url TEXT NOT NULL,
        state TEXT NOT NULL DEFAULT 'unknown',
        since INTEGER NOT NULL,
        failures INTEGER NOT NULL DEFAULT 0,
        reason TEXT NOT NULL DEFAULT '',
        told TEXT NOT NULL DEFAULT 'up'
      ) STRICT;
      CREATE TABLE uptime_checks (
        site TEXT NOT NULL REFERENCES uptime_sites (name) ON DELETE CASCADE,
        at INTEGER NOT NULL,
        is_up INTEGER NOT NULL,
        ms INTEGER NOT NULL
      ) STRICT;
      CREATE INDEX uptime_checks_by_site ON uptime_checks (site, at);
    `,
  },
];

export interface Site extends Health {
  readonly name: string;
  readonly url: string;
  /** When it came into its state; milliseconds since the epoch. */
  readonly since: number;
  /** Why the last check failed; empty when it did not. */
  readonly reason: string;
  /** The state that people were told last. */
  readonly told: SiteState;
  /** Shares of successful checks in percent; null when there was none. */
  readonly dayPercent: number | null;
  readonly monthPercent: number | null;
  /** Mean time of an answer in the last day. */
  readonly meanMs: number | null;
}

const dayMs = 24 * 60 * 60 * 1000;
const monthMs = 30 * dayMs;

/** The watched sites and the history of their checks, in the plugin's tables. */
export class SiteLog {
  readonly #store: Store;
  readonly #clock: Clock;

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  async list(): Promise<readonly Site[]> {
    const now = this.#clock.now();
    const { rows } = await this.#store.sql(
      `SELECT uptime_sites.*,
         avg(100.0 * is_up) FILTER (WHERE at >= ?) AS day_percent,
         avg(100.0 * is_up) AS month_percent,
         avg(ms) FILTER (WHERE at >= ? AND is_up = 1) AS mean_ms
       FROM uptime_sites LEFT JOIN uptime_checks ON site = name AND at >= ? GROUP BY name ORDER BY name`,
      [now - dayMs, now - dayMs, now - monthMs],
    );
    return rows.map(toSite);
  }

  async add(name: string, url: string): Promise<void> {
    await this.#store.sql(
      `INSERT INTO uptime_sites (name, url, since) VALUES (?, ?, ?)
       ON CONFLICT (name) DO UPDATE SET url = excluded.url`,
      [name, url, this.#clock.now()],
    );
  }

  async remove(name: string): Promise<void> {
    const { changes } = await this.#store.sql('DELETE FROM uptime_sites WHERE name = ?', [name]);
    if (changes === 0) throw new ClayError('NOT_FOUND', `No site "${name}" is watched. site_status tells which are.`);
  }

  /** Keeps a check and what the site is after it, and forgets what is too old to be shown. */
  async record(site: Site, { isUp, ms, reason }: CheckResult, after: Health): Promise<void> {
    const now = this.#clock.now();
    await this.#store.transaction([
      {
        sql: 'UPDATE uptime_sites SET state = ?, since = ?, failures = ?, reason = ? WHERE name = ?',
        parameters: [after.state, after.state === site.state ? site.since : now, after.failures, reason, site.name],
      },
      {
        // A site that was removed during the check has no history to add to.
        sql: 'INSERT INTO uptime_checks SELECT name, ?, ?, ? FROM uptime_sites WHERE name = ?',
        parameters: [now, isUp ? 1 : 0, ms, site.name],
      },
      { sql: 'DELETE FROM uptime_checks WHERE site = ? AND at < ?', parameters: [site.name, now - monthMs] },
    ]);
  }

  async markTold(name: string, state: SiteState): Promise<void> {
    await this.#store.sql('UPDATE uptime_sites SET told = ? WHERE name = ?', [state, name]);
  }
}

function toSite(row: SqlRow): Site {
  const percent = (value: unknown) => (typeof value === 'number' ? Math.floor(value * 100) / 100 : null);
  return {
    name: String(row.name),
    url: String(row.url),
    state: toState(row.state),
    since: Number(row.since),
    failures: Number(row.failures),
    reason: String(row.reason),
    told: toState(row.told),
    dayPercent: percent(row.day_percent),
    monthPercent: percent(row.month_percent),
    meanMs: typeof row.mean_ms === 'number' ? Math.round(row.mean_ms) : null,
  };
}

function toState(value: unknown): SiteState {
  return value === 'up' || value === 'down' ? value : 'unknown';
}
