import type { Migration, SqlRow, SqlStatement, Store } from '@clay/sdk';
import { type CatchUp, catchUps, type Missed } from './agenda.ts';
import type { Rule } from './rule.ts';

export const scheduleMigrations: readonly Migration[] = [
  {
    id: '001_schedules',
    sql: `
      CREATE TABLE IF NOT EXISTS schedule_entries (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL UNIQUE COLLATE NOCASE,
        rule TEXT NOT NULL,
        prompt TEXT NOT NULL,
        catch_up TEXT NOT NULL,
        user TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        due_at INTEGER
      );
      CREATE TABLE IF NOT EXISTS schedule_runs (
        schedule INTEGER NOT NULL,
        due_at INTEGER NOT NULL,
        name TEXT NOT NULL,
        instants INTEGER NOT NULL,
        outcome TEXT NOT NULL,
        reason TEXT NOT NULL,
        tries INTEGER NOT NULL,
        turn TEXT,
        ended_at INTEGER,
        PRIMARY KEY (schedule, due_at)
      );
      CREATE INDEX IF NOT EXISTS schedule_runs_by_time ON schedule_runs (due_at);`,
  },
];

/** Something to be done at times. */
export interface Schedule {
  readonly id: number;
  readonly name: string;
  readonly rule: Rule;
  readonly prompt: string;
  readonly catchUp: CatchUp;
  /** Whose conversation it was made in: it runs there, and is answered there. */
  readonly user: string;
  readonly createdAt: number;
  /** Null: it has had its last run. */
  readonly dueAt: number | null;
}

export const outcomes = ['begun', 'ran', 'failed', 'missed'] as const;
export type Outcome = (typeof outcomes)[number];

/** What became of one instant; of several on end when the claw was down for very many. */
export interface Receipt {
  readonly schedule: number;
  readonly name: string;
  readonly dueAt: number;
  readonly instants: number;
  readonly outcome: Outcome;
  readonly reason: string;
  /** How often the host was asked, while it took no turns. */
  readonly tries: number;
  /** Under which the host's ledger has what it cost; null before its end, and when none was begun. */
  readonly turn: string | null;
  readonly endedAt: number | null;
}

/** How a run ended. */
export interface RunEnd {
  readonly outcome: Exclude<Outcome, 'begun'>;
  readonly reason: string;
  readonly turn: string | null;
}

const keptMs = 30 * 24 * 3_600_000;

/** Schedules and their receipts. An instant that is due has exactly one, written with the instant that comes next. */
export class ScheduleTable {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async list(): Promise<readonly Schedule[]> {
    const { rows } = await this.#store.sql('SELECT * FROM schedule_entries ORDER BY name COLLATE NOCASE');
    return rows.map(toSchedule);
  }

  async find(name: string): Promise<Schedule | undefined> {
    const { rows } = await this.#store.sql('SELECT * FROM schedule_entries WHERE name = ?', [name.trim()]);
    return rows.map(toSchedule)[0];
  }

  /** Undefined when there are `max` already, which count those that come due again. */
  async add(schedule: Omit<Schedule, 'id'>, max: number): Promise<number | undefined> {
    const { name, rule, prompt, catchUp, user, createdAt, dueAt } = schedule;
    const { changes, lastInsertRowid } = await this.#store.sql(
      `INSERT INTO schedule_entries (name, rule, prompt, catch_up, user, created_at, due_at)
        SELECT ?, ?, ?, ?, ?, ?, ? WHERE (SELECT count(*) FROM schedule_entries WHERE due_at IS NOT NULL) < ?`,
      [name, JSON.stringify(rule), prompt, catchUp, user, createdAt, dueAt, max],
    );
    return changes === 0 ? undefined : lastInsertRowid;
  }

  /** Its receipts stay. */
  async remove(id: number): Promise<void> {
    await this.#store.sql('DELETE FROM schedule_entries WHERE id = ?', [id]);
  }

  async setDue(id: number, dueAt: number): Promise<void> {
    await this.#store.sql('UPDATE schedule_entries SET due_at = ? WHERE id = ?', [dueAt, id]);
  }

  /** Keeps what was decided about due instants, all or none: a host that dies here decides again. */
  async decide(
    { id, name }: Pick<Schedule, 'id' | 'name'>,
    decision: { readonly runs: readonly number[]; readonly missed: readonly Missed[]; readonly next: number | null },
    now: number,
  ): Promise<void> {
    const { runs, missed, next } = decision;
    await this.#store.transaction([
      ...runs.map((dueAt) => insert(id, name, { dueAt, instants: 1, outcome: 'begun', reason: '', endedAt: null })),
      ...missed.map((one) => insert(id, name, { ...one, outcome: 'missed', endedAt: now })),
      { sql: 'UPDATE schedule_entries SET due_at = ? WHERE id = ?', parameters: [next, id] },
      { sql: 'DELETE FROM schedule_runs WHERE due_at < ? AND ended_at < ?', parameters: [now - keptMs, now - keptMs] },
    ]);
  }

  async end({ schedule, dueAt }: Receipt, { outcome, reason, turn }: RunEnd, endedAt: number): Promise<void> {
    await this.#store.sql(
      'UPDATE schedule_runs SET outcome = ?, reason = ?, turn = ?, ended_at = ? WHERE schedule = ? AND due_at = ?',
      [outcome, reason, turn, endedAt, schedule, dueAt],
    );
  }

  async countTry({ schedule, dueAt }: Receipt): Promise<void> {
    await this.#store.sql('UPDATE schedule_runs SET tries = tries + 1 WHERE schedule = ? AND due_at = ?', [
      schedule,
      dueAt,
    ]);
  }

  /** Oldest first. */
  async begun(): Promise<readonly Receipt[]> {
    const { rows } = await this.#store.sql("SELECT * FROM schedule_runs WHERE outcome = 'begun' ORDER BY due_at");
    return rows.map(toReceipt);
  }

  /** The newest first; of one schedule, or of all. */
  async receipts(limit: number, schedule?: number): Promise<readonly Receipt[]> {
    const { rows } = await this.#store.sql(
      'SELECT * FROM schedule_runs WHERE ? IS NULL OR schedule = ? ORDER BY due_at DESC, schedule LIMIT ?',
      [schedule ?? null, schedule ?? null, limit],
    );
    return rows.map(toReceipt);
  }

  async ranSince(schedule: number, since: number): Promise<ReadonlySet<number>> {
    const { rows } = await this.#store.sql('SELECT due_at FROM schedule_runs WHERE schedule = ? AND due_at >= ?', [
      schedule,
      since,
    ]);
    return new Set(rows.map((row) => Number(row.due_at)));
  }
}

/** An instant that a clock which was set back comes by again keeps the row that it has. */
function insert(
  schedule: number,
  name: string,
  { dueAt, instants, outcome, reason, endedAt }: Omit<Receipt, 'schedule' | 'name' | 'tries' | 'turn'>,
): SqlStatement {
  return {
    sql: `INSERT INTO schedule_runs (schedule, due_at, name, instants, outcome, reason, tries, ended_at)
      VALUES (?, ?, ?, ?, ?, ?, 0, ?) ON CONFLICT DO NOTHING`,
    parameters: [schedule, dueAt, name, instants, outcome, reason, endedAt],
  };
}

function toSchedule(row: SqlRow): Schedule {
  return {
    id: Number(row.id),
    name: String(row.name),
    rule: JSON.parse(String(row.rule)) as Rule,
    prompt: String(row.prompt),
    catchUp: catchUps.find((one) => one === row.catch_up) ?? 'run-once',
    user: String(row.user),
    createdAt: Number(row.created_at),
    dueAt: row.due_at === null ? null : Number(row.due_at),
  };
}

function toReceipt(row: SqlRow): Receipt {
  return {
    schedule: Number(row.schedule),
    name: String(row.name),
    dueAt: Number(row.due_at),
    instants: Number(row.instants),
    outcome: outcomes.find((outcome) => outcome === row.outcome) ?? 'failed',
    reason: String(row.reason),
    tries: Number(row.tries),
    turn: row.turn === null ? null : String(row.turn),
    endedAt: row.ended_at === null ? null : Number(row.ended_at),
  };
}
