import type { Clock, Failure, Json } from '@clay/sdk';
import type { Connection, Row, Statement } from '../store/connection.ts';
import type { BegunCall, CallJournal, CallRow, CallState } from './journal.ts';

/** The table `calls`. Every statement is prepared once: a call costs one insert and one update. */
export class SqliteCallJournal implements CallJournal {
  readonly #clock: Clock;
  readonly #begin: Statement;
  readonly #retry: Statement;
  readonly #end: Statement;
  readonly #byId: Statement;
  readonly #byKey: Statement;
  readonly #recent: Statement;
  readonly #closeOpen: Statement;
  readonly #prune: Statement;

  constructor(connection: Connection, clock: Clock) {
    this.#clock = clock;
    this.#begin = connection.prepare(
      `INSERT INTO calls (id, key, capability, plugin, generation, caller, app, user, session, turn, args, begun_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#retry = connection.prepare(
      `UPDATE calls SET generation = ?, attempt = ?, state = 'begun', ended_at = NULL WHERE id = ?`,
    );
    this.#end = connection.prepare('UPDATE calls SET state = ?, value = ?, failure = ?, ended_at = ? WHERE id = ?');
    this.#byId = connection.prepare('SELECT * FROM calls WHERE id = ?');
    this.#byKey = connection.prepare('SELECT * FROM calls WHERE key = ? AND capability = ? ORDER BY seq DESC LIMIT 1');
    this.#recent = connection.prepare('SELECT * FROM calls ORDER BY seq DESC LIMIT ?');
    this.#closeOpen = connection.prepare(`UPDATE calls SET state = 'unknown', ended_at = ? WHERE state = 'begun'`);
    this.#prune = connection.prepare(
      `DELETE FROM calls WHERE state <> 'begun' AND (begun_at < ? OR seq <= (SELECT max(seq) FROM calls) - ?)`,
    );
  }

  begin(call: BegunCall): void {
    const { session } = call;
    this.#begin.run([
      call.id,
      call.key,
      call.capability,
      call.plugin,
      call.generation,
      call.caller,
      session?.app ?? null,
      session?.user ?? null,
      session?.id ?? null,
      session?.turn ?? null,
      call.args,
      this.#clock.now(),
    ]);
  }

  retry(id: string, generation: number, attempt: number): void {
    this.#retry.run([generation, attempt, id]);
  }

  done(id: string, value: Json | undefined): void {
    this.#end.run(['done', value === undefined ? null : JSON.stringify(value), null, this.#clock.now(), id]);
  }

  failed(id: string, failure: Failure): void {
    const state: CallState = failure.code === 'CALL_OUTCOME_UNKNOWN' ? 'unknown' : 'failed';
    this.#end.run([state, null, JSON.stringify(failure), this.#clock.now(), id]);
  }

  get(id: string): CallRow | undefined {
    return parse(this.#byId.get([id]));
  }

  byKey(capability: string, key: string): CallRow | undefined {
    return parse(this.#byKey.get([key, capability]));
  }

  recent(limit: number): readonly CallRow[] {
    return this.#recent.all([limit]).map((row) => parse(row)!);
  }

  /** No call of a former process can still end. */
  closeOpen(): number {
    return this.#closeOpen.run([this.#clock.now()]).changes;
  }

  prune(before: number, keep: number): number {
    return this.#prune.run([before, keep]).changes;
  }
}

function parse(row: Row | undefined): CallRow | undefined {
  if (row === undefined) return undefined;
  const text = (value: unknown) => (value === null ? null : String(value));
  const json = <T>(value: unknown) => (value === null ? null : (JSON.parse(String(value)) as T));
  return {
    id: String(row.id),
    key: text(row.key),
    capability: String(row.capability),
    plugin: String(row.plugin),
    generation: Number(row.generation),
    attempt: Number(row.attempt),
    caller: String(row.caller),
    session:
      row.session === null
        ? null
        : { app: String(row.app), user: String(row.user), id: String(row.session), turn: String(row.turn) },
    state: String(row.state) as CallState,
    args: String(row.args),
    value: json<Json>(row.value),
    failure: json<Failure>(row.failure),
    begunAt: Number(row.begun_at),
    endedAt: row.ended_at === null ? null : Number(row.ended_at),
  };
}
