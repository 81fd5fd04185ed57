import type { Clock, Json } from '@clay/sdk';
import type { Connection, Statement } from '../store/connection.ts';
import type { Crash, CrashRow, GenerationJournal, GenerationMove, GenerationRow } from './journal.ts';

/** The tables `generations`, `pointers`, `crashes` and `leases`. */
export class SqliteGenerationJournal implements GenerationJournal {
  readonly #connection: Connection;
  readonly #clock: Clock;
  readonly #move: Statement;
  readonly #point: Statement;
  readonly #current: Statement;
  readonly #history: Statement;
  readonly #crash: Statement;
  readonly #crashes: Statement;
  readonly #lease: Statement;
  readonly #release: Statement;
  readonly #remember: Statement;
  readonly #remembered: Statement;

  constructor(connection: Connection, clock: Clock) {
    this.#connection = connection;
    this.#clock = clock;
    this.#move = connection.prepare(
      'INSERT INTO generations (plugin, generation, hash, state, reason, at) VALUES (?, ?, ?, ?, ?, ?)',
    );
    this.#point = connection.prepare(
      'INSERT INTO pointers (plugin, generation) VALUES (?, ?) ON CONFLICT (plugin) DO UPDATE SET generation = excluded.generation',
    );
    this.#current = connection.prepare('SELECT generation FROM pointers WHERE plugin = ?');
    this.#history = connection.prepare('SELECT * FROM generations WHERE plugin = ? ORDER BY seq DESC LIMIT ?');
    this.#crash = connection.prepare(
      'INSERT INTO crashes (plugin, generation, hash, phase, signature, message, at) VALUES (?, ?, ?, ?, ?, ?, ?)',
    );
    this.#crashes = connection.prepare('SELECT * FROM crashes WHERE plugin = ? AND at >= ? ORDER BY seq');
    this.#lease = connection.prepare(
      `INSERT INTO leases (lease, plugin, generation, at) VALUES (?, ?, ?, ?)
       ON CONFLICT (lease) DO UPDATE SET plugin = excluded.plugin, generation = excluded.generation, at = excluded.at`,
    );
    this.#release = connection.prepare('DELETE FROM leases WHERE lease = ?');
    this.#remember = connection.prepare(
      'INSERT INTO histories (plugin, history) VALUES (?, ?) ON CONFLICT (plugin) DO UPDATE SET history = excluded.history',
    );
    this.#remembered = connection.prepare('SELECT plugin, history FROM histories');
    // A lease is held by a living process; those of the last one went with it.
    connection.exec('DELETE FROM leases');
  }

  move({ plugin, generation, hash, state, reason, current }: GenerationMove): void {
    this.#connection.transaction(() => {
      this.#move.run([plugin, generation, hash, state, reason, this.#clock.now()]);
      if (current !== undefined) this.#point.run([plugin, current]);
    });
  }

  decided(moves: readonly GenerationMove[], histories: ReadonlyMap<string, Json>): void {
    this.#connection.transaction(() => {
      for (const move of moves) this.move(move);
      for (const [plugin, history] of histories) this.#remember.run([plugin, JSON.stringify(history)]);
    });
  }

  histories(): ReadonlyMap<string, Json> {
    return new Map(
      this.#remembered.all([]).map(({ plugin, history }) => [String(plugin), JSON.parse(String(history)) as Json]),
    );
  }

  current(plugin: string): number | undefined {
    const generation = this.#current.get([plugin])?.generation;
    return typeof generation === 'number' ? generation : undefined;
  }

  history(plugin: string, limit: number): readonly GenerationRow[] {
    return this.#history.all([plugin, limit]).map((row) => ({
      plugin: String(row.plugin),
      generation: Number(row.generation),
      hash: String(row.hash),
      state: String(row.state),
      reason: String(row.reason),
      at: Number(row.at),
    }));
  }

  crash({ plugin, generation, hash, phase, signature, message }: Crash): void {
    this.#crash.run([plugin, generation, hash, phase, signature, message, this.#clock.now()]);
  }

  crashes(plugin: string, since: number): readonly CrashRow[] {
    return this.#crashes.all([plugin, since]).map((row) => ({
      plugin: String(row.plugin),
      generation: Number(row.generation),
      hash: String(row.hash),
      phase: String(row.phase),
      signature: String(row.signature),
      message: String(row.message),
      at: Number(row.at),
    }));
  }

  leased(lease: string, plugin: string, generation: number): void {
    this.#lease.run([lease, plugin, generation, this.#clock.now()]);
  }

  released(lease: string): void {
    this.#release.run([lease]);
  }

  /** Old transitions go, the newest of each plugin stays. */
  prune(before: number): number {
    return this.#connection
      .prepare('DELETE FROM generations WHERE at < ? AND seq NOT IN (SELECT max(seq) FROM generations GROUP BY plugin)')
      .run([before]).changes;
  }
}
