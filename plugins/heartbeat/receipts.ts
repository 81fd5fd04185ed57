import type { Migration, SqlRow, SqlStatement, Store } from '@clay/sdk';

export const heartbeatMigrations: readonly Migration[] = [
  {
    id: '001_heartbeats',
    sql: `
      CREATE TABLE IF NOT EXISTS heartbeats (
        due_at INTEGER PRIMARY KEY,
        instants INTEGER NOT NULL,
        outcome TEXT NOT NULL,
        reason TEXT NOT NULL,
        ended_at INTEGER
      );
      CREATE TABLE IF NOT EXISTS heartbeat_next (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        due_at INTEGER NOT NULL,
        is_asked INTEGER NOT NULL
      );`,
  },
];

export const outcomes = ['begun', 'ran', 'failed', 'missed'] as const;
export type Outcome = (typeof outcomes)[number];

/** What became of one instant; of several on end when the claw was down for all of them. */
export interface Receipt {
  readonly dueAt: number;
  readonly instants: number;
  readonly outcome: Outcome;
  readonly reason: string;
  readonly endedAt: number | null;
}

export interface NextHeartbeat {
  readonly dueAt: number;
  /** By the model, with `NEXT_HEARTBEAT`. */
  readonly isAsked: boolean;
}

const keptMs = 30 * 24 * 3_600_000;

/** Each instant that was due has exactly one row, written with the instant that comes next: there is none between. */
export class Receipts {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async next(): Promise<NextHeartbeat | null> {
    const { rows } = await this.#store.sql('SELECT due_at, is_asked FROM heartbeat_next');
    const row = rows[0];
    return row === undefined ? null : { dueAt: Number(row.due_at), isAsked: row.is_asked === 1 };
  }

  async setNext(next: NextHeartbeat): Promise<void> {
    await this.#store.transaction([setNext(next)]);
  }

  /** Before the turn: a heartbeat that ends with its host leaves this row. */
  async begin(dueAt: number, next: NextHeartbeat): Promise<void> {
    await this.#store.transaction([
      insert({ dueAt, instants: 1, outcome: 'begun', reason: '', endedAt: null }),
      setNext(next),
    ]);
  }

  async end(
    dueAt: number,
    outcome: Outcome,
    reason: string,
    endedAt: number,
    next: NextHeartbeat | null,
  ): Promise<void> {
    await this.#store.transaction([
      {
        sql: 'UPDATE heartbeats SET outcome = ?, reason = ?, ended_at = ? WHERE due_at = ?',
        parameters: [outcome, reason, endedAt, dueAt],
      },
      ...(next === null ? [] : [setNext(next)]),
    ]);
  }

  async miss(dueAt: number, instants: number, reason: string, endedAt: number, next: NextHeartbeat): Promise<void> {
    await this.#store.transaction([
      insert({ dueAt, instants, outcome: 'missed', reason, endedAt }),
      { sql: 'DELETE FROM heartbeats WHERE due_at < ?', parameters: [endedAt - keptMs] },
      setNext(next),
    ]);
  }

  /** What a host that died has left, by its instants. */
  async begun(): Promise<readonly number[]> {
    const { rows } = await this.#store.sql("SELECT due_at FROM heartbeats WHERE outcome = 'begun' ORDER BY due_at");
    return rows.map((row) => Number(row.due_at));
  }

  /** Closes what of it was due before a time. */
  async closeBegun(before: number, endedAt: number): Promise<void> {
    await this.#store.sql(
      `UPDATE heartbeats SET outcome = 'failed', reason = 'The claw stopped while it ran.', ended_at = ?
        WHERE outcome = 'begun' AND due_at < ?`,
      [endedAt, before],
    );
  }

  /** The newest first. */
  async list(limit: number): Promise<readonly Receipt[]> {
    const { rows } = await this.#store.sql('SELECT * FROM heartbeats ORDER BY due_at DESC LIMIT ?', [limit]);
    return rows.map(toReceipt);
  }
}

function insert({ dueAt, instants, outcome, reason, endedAt }: Receipt): SqlStatement {
  return {
    sql: 'INSERT INTO heartbeats (due_at, instants, outcome, reason, ended_at) VALUES (?, ?, ?, ?, ?)',
    parameters: [dueAt, instants, outcome, reason, endedAt],
  };
}

function setNext({ dueAt, isAsked }: NextHeartbeat): SqlStatement {
  // A clock that was set back may come by an instant that has its row already: this one is a moment later.
  return {
    sql: `INSERT INTO heartbeat_next (id, due_at, is_asked)
      VALUES (1, ? + coalesce((SELECT 1 FROM heartbeats WHERE due_at = ?), 0), ?)
      ON CONFLICT (id) DO UPDATE SET due_at = excluded.due_at, is_asked = excluded.is_asked`,
    parameters: [dueAt, dueAt, isAsked ? 1 : 0],
  };
}

function toReceipt(row: SqlRow): Receipt {
  return {
    dueAt: Number(row.due_at),
    instants: Number(row.instants),
    outcome: outcomes.find((outcome) => outcome === row.outcome) ?? 'failed',
    reason: String(row.reason),
    endedAt: row.ended_at === null ? null : Number(row.ended_at),
  };
}
