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
  /** Each step once in the life of the database, as in the host. */
  migrate(steps: readonly Migration[]): void;
  transaction(statements: readonly SqlStatement[]): readonly SqlResult[];
  close(): void;
}

/** Statements that read and change rows, and nothing else. */
const rowVerbs = new Set(['SELECT', 'VALUES', 'WITH', 'INSERT', 'REPLACE', 'UPDATE', 'DELETE']);
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
/** Keeps which migrations a database has seen, out of the plugin's sight. */
const record = 'test_host_migrations';
/** Low byte of SQLite's result code for a constraint. */
const constraint = 19;

/**
 * Makes a store that only knows the tables named, as the host's does.
 *
 * @param file a database to open instead of memory, to test with rows that exist
 * @param entries what is kept by key, as JSON
 */
export function createTestStore(
  plugin: string,
  tables: readonly string[],
  file: string = ':memory:',
  entries: Map<string, string> = new Map(),
): TestStore {
  let opened: DatabaseSync | null = null;
  let refused: string | null = null;
  let isMigrating = false;
  let isRecording = false;
  const database = () => {
    if (opened !== null) return opened;
    opened = new DatabaseSync(file);
    opened.exec('PRAGMA foreign_keys = ON');
    opened.exec(`CREATE TABLE IF NOT EXISTS ${record} (id TEXT PRIMARY KEY)`);
    opened.setAuthorizer((action, first) => {
      if (isRecording) return constants.SQLITE_OK;
      const isForeign = tableActions.has(action) && first !== null && first !== '' && !owns(tables, first, isMigrating);
      if (!isForeign && !forbidden.has(action)) return constants.SQLITE_OK;
      refused = first;
      return constants.SQLITE_DENY;
    });
    return opened;
  };
  const guarded = <T>(purpose: 'rows' | 'schema', work: () => T): T => {
    refused = null;
    isMigrating = purpose === 'schema';
    try {
      return work();
    } catch (cause) {
      if (cause instanceof ClayError) throw cause;
      if (refused !== null) {
        const owned =
          tables.length > 0
            ? `${tables.join(', ')}.`
            : 'none. Is plugin.json given to the test host? createTestHost(plugin, { manifest })';
        throw new ClayError(
          'REFUSED',
          `The table "${refused}" does not belong to the plugin "${plugin}". Its tables are: ${owned}`,
          { cause },
        );
      }
      const isConstraint =
        cause instanceof Error && 'errcode' in cause && (Number(cause.errcode) & 0xff) === constraint;
      throw new ClayError(
        isConstraint ? 'CONFLICT' : 'BAD_ARGUMENTS',
        cause instanceof Error ? cause.message : String(cause),
        { cause },
      );
    }
  };
  const recording = <T>(work: (database: DatabaseSync) => T): T => {
    isRecording = true;
    try {
      return work(database());
    } finally {
      isRecording = false;
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
      for (const { id, sql } of steps) {
        inTransaction(database(), () => {
          const isNew = recording((db) => db.prepare(`INSERT OR IGNORE INTO ${record} VALUES (?)`).run(id)).changes > 0;
          if (isNew) guarded('schema', () => database().exec(sql));
        });
      }
    },
    transaction: (statements) =>
      inTransaction(database(), () => statements.map((one) => guarded('rows', () => run(database(), plugin, one)))),
    close: () => opened?.close(),
  };
}

function owns(tables: readonly string[], name: string, isMigrating: boolean): boolean {
  const lower = name.toLowerCase();
  // Counters of AUTOINCREMENT are opened by every insert; the catalogue only by changes of the schema.
  if (lower.startsWith('sqlite_')) return isMigrating || lower === 'sqlite_sequence';
  // FTS5 keeps its index in tables of its own: `<table>_data`, `<table>_idx`, …
  return tables.some((table) => lower === table.toLowerCase() || lower.startsWith(`${table.toLowerCase()}_`));
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

function run(database: DatabaseSync, plugin: string, { sql, parameters = [] }: SqlStatement): SqlResult {
  const bare = sql.replaceAll(/'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\//g, ' ').trim();
  const verb = /^\w+/.exec(bare)?.[0].toUpperCase() ?? '';
  if (!rowVerbs.has(verb)) {
    throw new ClayError(
      'REFUSED',
      `The plugin "${plugin}" may run ${[...rowVerbs].join(', ')} here, not ${verb || 'an empty statement'}. Changes of the schema belong into its migrations.`,
    );
  }
  // The driver takes a missing parameter for NULL, which the host does not.
  const wanted = /\?\d|[:@$]\w/.test(bare) ? parameters.length : (bare.match(/\?/g)?.length ?? 0);
  if (wanted !== parameters.length)
    throw new ClayError(
      'BAD_ARGUMENTS',
      `The statement has ${wanted} parameters; ${parameters.length} values were given.`,
    );
  const statement = database.prepare(sql);
  const values = parameters as readonly SQLInputValue[];
  if (statement.columns().length === 0) {
    const { changes, lastInsertRowid } = statement.run(...values);
    return { rows: [], changes: Number(changes), lastInsertRowid: Number(lastInsertRowid) };
  }
  const rows = statement.all(...values).map((row) => ({ ...row }) as SqlRow);
  if (verb === 'SELECT' || verb === 'VALUES') return { rows, changes: 0, lastInsertRowid: 0 };
  const after = database.prepare('SELECT changes() AS changes, last_insert_rowid() AS rowid').get();
  return { rows, changes: Number(after?.changes), lastInsertRowid: Number(after?.rowid) };
}
