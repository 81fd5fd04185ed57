import type { SqlValue } from '@clay/sdk';
import Sqlite from 'better-sqlite3';
import { explainStoreFailure } from './store-error.ts';

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

/** A statement, prepared once. What SQLite throws is told with the file and the remedy. */
export class Statement {
  readonly #statement: Sqlite.Statement<SqlValue[], Row>;
  readonly #file: string;

  constructor(statement: Sqlite.Statement<SqlValue[], Row>, file: string) {
    this.#statement = statement;
    this.#file = file;
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

  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw explainStoreFailure(error, this.#file);
    }
  }
}

/** The one open handle of a SQLite file. The only module that knows better-sqlite3. */
export class Connection {
  readonly file: string;
  readonly #database: Sqlite.Database;

  constructor(file: string, options: ConnectionOptions = {}) {
    this.file = file;
    this.#database = this.#guard(
      () => new Sqlite(file, { timeout: options.busyTimeoutMs ?? 5000, readonly: options.readonly ?? false }),
    );
  }

  prepare(sql: string): Statement {
    return this.#guard(() => new Statement(this.#database.prepare<SqlValue[], Row>(sql), this.file));
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
      try {
        return this.#database.transaction(work).immediate();
      } finally {
        this.#database.pragma('synchronous = NORMAL');
      }
    });
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

  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw explainStoreFailure(error, this.file);
    }
  }
}
