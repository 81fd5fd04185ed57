import { closeSync, existsSync, openSync } from 'node:fs';
import type { SqlValue } from '@clay/sdk';
import Sqlite from 'better-sqlite3';
import { explainStoreFailure, StoreError } from './store-error.ts';
import { markSuspect } from './suspect.ts';

export type Row = Readonly<Record<string, SqlValue>>;

export interface RunResult {
  readonly changes: number;
  readonly lastInsertRowid: number;
}

export interface ConnectionOptions {
  /** How long to wait for another process's lock, in milliseconds. Default 5,000. */
  readonly busyTimeoutMs?: number;
  readonly readonly?: boolean;
}

/** Runs `work`; what it throws is told with the file and the remedy. */
type Guard = <T>(work: () => T) => T;

/** A statement, prepared once. */
export class Statement {
  readonly #statement: Sqlite.Statement<SqlValue[], Row>;
  readonly #guard: Guard;

  constructor(statement: Sqlite.Statement<SqlValue[], Row>, guard: Guard) {
    this.#statement = statement;
    this.#guard = guard;
  }

  /** Whether it gives rows. */
  get isReader(): boolean {
    return this.#statement.reader;
  }

  get(parameters: readonly SqlValue[] = []): Row | undefined {
    return this.#guard(() => this.#statement.get(...parameters));
  }

  all(parameters: readonly SqlValue[] = []): readonly Row[] {
    return this.#guard(() => this.#statement.all(...parameters));
  }

  run(parameters: readonly SqlValue[] = []): RunResult {
    return this.#guard(() => {
      const { changes, lastInsertRowid } = this.#statement.run(...parameters);
      return { changes, lastInsertRowid: Number(lastInsertRowid) };
    });
  }

  /** Reads row by row until `visit` gives false. */
  each(parameters: readonly SqlValue[], visit: (row: Row) => boolean): void {
    this.#guard(() => {
      for (const row of this.#statement.iterate(...parameters)) if (!visit(row)) break;
    });
  }
}

/** Pages of the log from which on a transaction works it off: SQLite's own number. */
const logPages = 1000;

/** The one open handle of a SQLite file. The only module that knows better-sqlite3. */
export class Connection {
  readonly file: string;
  readonly #database: Sqlite.Database;
  readonly #guard: Guard;

  constructor(file: string, options: ConnectionOptions = {}) {
    const isReadonly = options.readonly ?? false;
    this.file = file;
    this.#guard = createGuard(file, isReadonly);
    if (!isReadonly) makePrivate(file);
    this.#database = this.#guard(
      () => new Sqlite(file, { timeout: options.busyTimeoutMs ?? 5000, readonly: isReadonly }),
    );
  }

  prepare(sql: string): Statement {
    return this.#guard(() => new Statement(this.#database.prepare<SqlValue[], Row>(sql), this.#guard));
  }

  /** Runs any number of statements without parameters. */
  exec(sql: string): void {
    this.#guard(() => this.#database.exec(sql));
  }

  /** The first column of the first row of a `PRAGMA`. */
  pragma(text: string): unknown {
    return this.#guard(() => this.#database.pragma(text, { simple: true }));
  }

  /**
   * One transaction, or a savepoint within one; rolled back when `work` throws. `full` waits for the disk: only the outermost
   * transaction can promise that.
   */
  transaction<T>(work: () => T, options: { readonly full?: boolean } = {}): T {
    return this.#guard(() => {
      if (options.full !== true) return this.#database.transaction(work).immediate();
      if (this.#database.inTransaction) {
        throw new Error('A full transaction was asked for inside another one: ask for it at the outermost.');
      }
      this.#database.pragma('synchronous = FULL');
      // Its caller waits for one flush of the log; the log is worked off behind the next transaction that nobody waits for.
      this.#database.pragma('wal_autocheckpoint = 0');
      try {
        return this.#database.transaction(work).immediate();
      } finally {
        this.#database.pragma('synchronous = NORMAL');
        this.#database.pragma(`wal_autocheckpoint = ${logPages}`);
      }
    });
  }

  /**
   * Runs `work` while SQLite lets the pages behind virtual tables be written as the tables that they are. Only for putting back
   * what was copied from them.
   */
  withShadowTables<T>(work: () => T): T {
    this.#database.unsafeMode(true);
    try {
      return work();
    } finally {
      this.#database.unsafeMode(false);
    }
  }

  /** Copies the database, as it is at the end of the copying, into a new file. */
  async backup(file: string): Promise<void> {
    try {
      await this.#database.backup(file);
    } catch (error) {
      throw explainStoreFailure(error, file);
    }
  }

  close(): void {
    this.#database.close();
  }
}

/** A new database is its owner's alone, and what SQLite puts beside it follows. One that is there keeps its mode. */
function makePrivate(file: string): void {
  if (existsSync(file)) return;
  try {
    closeSync(openSync(file, 'ax', 0o600));
  } catch {
    // SQLite meets the same obstacle in a moment, and tells it better.
  }
}

function createGuard(file: string, isReadonly: boolean): Guard {
  return (work) => {
    try {
      return work();
    } catch (error) {
      const explained = explainStoreFailure(error, file);
      const isNew = explained !== error && explained instanceof StoreError;
      if (isNew && explained.fault === 'DATABASE_DAMAGED' && !isReadonly) markSuspect(file);
      throw explained;
    }
  };
}
