import { constants, DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { ClayError } from '../errors.ts';
import type { Json } from '../json.ts';
import type { Migration, SqlResult, SqlRow, SqlStatement } from '../store.ts';

/** A plugin's storage in memory, with SQLite behind its tables as in the host. */
export interface TestStore {
  get(key: string): Json | undefined;
  set(key: string, value: Json): void;
  delete(key: string): boolean;
  list(prefix?: string): readonly string[];
  migrate(steps: readonly Migration[]): void;
  transaction(statements: readonly SqlStatement[]): readonly SqlResult[];
  close(): void;
}

const always = new Set(['sqlite_master', 'sqlite_schema', 'sqlite_sequence', 'sqlite_temp_master', 'sqlite_stat1']);
const forbidden = new Set<number>([constants.SQLITE_ATTACH, constants.SQLITE_DETACH]);
const tableActions = new Set<number>([
  constants.SQLITE_READ,
  constants.SQLITE_INSERT,
  constants.SQLITE_UPDATE,
  constants.SQLITE_DELETE,
  constants.SQLITE_CREATE_TABLE,
  constants.SQLITE_CREATE_VTABLE,
  constants.SQLITE_DROP_TABLE,
]);

/**
 * Makes a store that only knows the tables named, as the host's does.
 *
 * @param file a database to open instead of memory, to test with rows that exist
 */
export function createTestStore(plugin: string, tables: readonly string[], file: string = ':memory:'): TestStore {
  const entries = new Map<string, string>();
  let opened: DatabaseSync | null = null;
  let refused: string | null = null;
  const database = () => {
    if (opened !== null) return opened;
    opened = new DatabaseSync(file);
    opened.exec('PRAGMA foreign_keys = ON');
    opened.setAuthorizer((action, first) => {
      const isForeign = tableActions.has(action) && first !== null && first !== '' && !owns(tables, first);
      if (!isForeign && !forbidden.has(action)) return constants.SQLITE_OK;
      refused = first;
      return constants.SQLITE_DENY;
    });
    return opened;
  };
  const guarded = <T>(work: () => T): T => {
    refused = null;
    try {
      return work();
    } catch (cause) {
      if (refused !== null) {
        throw new ClayError(
          'REFUSED',
          `The table "${refused}" is not among the tables of plugin "${plugin}": ${tables.join(', ') || 'none'}.`,
          { cause },
        );
      }
      throw new ClayError('BAD_ARGUMENTS', cause instanceof Error ? cause.message : String(cause), { cause });
    }
  };
  return {
    get: (key) => {
      const text = entries.get(key);
      return text === undefined ? undefined : (JSON.parse(text) as Json);
    },
    set: (key, value) => {
      entries.set(key, JSON.stringify(value));
    },
    delete: (key) => entries.delete(key),
    list: (prefix = '') => [...entries.keys()].filter((key) => key.startsWith(prefix)).sort(),
    migrate(steps) {
      for (const step of steps) inTransaction(database(), () => guarded(() => database().exec(step.sql)));
    },
    transaction: (statements) =>
      inTransaction(database(), () => statements.map((one) => guarded(() => run(database(), one)))),
    close: () => opened?.close(),
  };
}

function owns(tables: readonly string[], name: string): boolean {
  const lower = name.toLowerCase();
  // FTS5 keeps its index in tables of its own: `<table>_data`, `<table>_idx`, …
  return (
    always.has(lower) ||
    tables.some((table) => lower === table.toLowerCase() || lower.startsWith(`${table.toLowerCase()}_`))
  );
}

function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec('BEGIN');
  try {
    const value = work();
    database.exec('COMMIT');
    return value;
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}

function run(database: DatabaseSync, { sql, parameters = [] }: SqlStatement): SqlResult {
  const statement = database.prepare(sql);
  const values = parameters as readonly SQLInputValue[];
  if (statement.columns().length > 0) {
    const rows = statement.all(...values).map((row) => ({ ...row }) as SqlRow);
    return { rows, changes: 0, lastInsertRowid: 0 };
  }
  const { changes, lastInsertRowid } = statement.run(...values);
  return { rows: [], changes: Number(changes), lastInsertRowid: Number(lastInsertRowid) };
}
