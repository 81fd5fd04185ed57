import type { Clock } from '@clay/sdk';
import type { Connection } from './connection.ts';
import { param, Query, queries, sql } from './queries.ts';
import type { UsageEntry, UsageFilter, UsageGroup, UsageGroupSum, UsageLedger, UsageSum } from './usage-ledger.ts';

export class SqliteUsageLedger implements UsageLedger {
  readonly #connection: Connection;
  readonly #clock: Clock;
  readonly #insert: Query<unknown>;

  constructor(connection: Connection, clock: Clock) {
    this.#connection = connection;
    this.#clock = clock;
    this.#insert = new Query(
      connection,
      queries.insertInto('usage').values({
        at: param<number>('at'),
        app: param('app'),
        user: param('user'),
        session: param('session'),
        turn: param('turn'),
        plugin: param('plugin'),
        agent: param('agent'),
        started_by: param('startedBy'),
        schedule: param('schedule'),
        model: param('model'),
        input_tokens: param('inputTokens'),
        output_tokens: param('outputTokens'),
        cache_read_tokens: param('cacheReadTokens'),
        cache_write_tokens: param('cacheWriteTokens'),
        cost_usd: param('costUsd'),
        duration_ms: param('durationMs'),
      }),
    );
  }

  record(entry: UsageEntry): void {
    this.#insert.run({ ...entry, durationMs: Math.round(entry.durationMs), at: this.#clock.now() });
  }

  sum(filter: UsageFilter = {}): UsageSum {
    const [sum] = new Query(this.#connection, sums(filter)).all();
    if (sum === undefined) throw new Error('SQLite gave no row back for a sum.');
    return sum;
  }

  sumBy(group: UsageGroup, filter: UsageFilter = {}): readonly UsageGroupSum[] {
    const name = group === 'day' ? sql<string>`strftime('%Y-%m-%d', at / 1000, 'unixepoch')` : sql.ref<string>(group);
    const grouped = sums(filter).select(name.as('name')).groupBy('name');
    const ordered =
      group === 'day' ? grouped.orderBy('name') : grouped.orderBy(sql`sum(input_tokens + output_tokens)`, 'desc');
    return new Query(this.#connection, ordered).all();
  }
}

function sums(filter: UsageFilter) {
  let query = queries.selectFrom('usage');
  for (const column of ['app', 'user', 'session', 'turn', 'plugin', 'schedule', 'model'] as const) {
    const value = filter[column];
    if (value !== undefined) query = query.where(column, '=', value);
  }
  const { cause } = filter;
  if (cause !== undefined) query = query.where((e) => e.or([e('plugin', '=', cause), e('started_by', '=', cause)]));
  if (filter.since !== undefined) query = query.where('at', '>=', filter.since);
  if (filter.until !== undefined) query = query.where('at', '<', filter.until);
  const total = (column: 'input_tokens' | 'output_tokens' | 'cache_read_tokens' | 'cache_write_tokens') =>
    sql<number>`coalesce(sum(${sql.ref(column)}), 0)`;
  return query.select((e) => [
    e.fn.countAll<number>().as('calls'),
    total('input_tokens').as('inputTokens'),
    total('output_tokens').as('outputTokens'),
    total('cache_read_tokens').as('cacheReadTokens'),
    total('cache_write_tokens').as('cacheWriteTokens'),
    sql<number>`total(cost_usd)`.as('costUsd'),
    sql<number>`count(*) - count(cost_usd)`.as('unpricedCalls'),
  ]);
}
