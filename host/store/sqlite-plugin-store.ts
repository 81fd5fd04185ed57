import {
  ClayError,
  type Clock,
  type Json,
  type Migration,
  type SqlResult,
  type SqlRow,
  type SqlStatement,
  type SqlValue,
} from '@clay/sdk';
import type { Connection, Statement } from './connection.ts';
import { hashOf, pendingSteps } from './migrate.ts';
import { runPluginMigration } from './plugin-migration.ts';
import type { PluginStore } from './plugin-storage.ts';
import { param, Query, queries } from './queries.ts';
import type { SchemaCatalog } from './schema-catalog.ts';
import type { TableGuard } from './table-guard.ts';

/** Of one statement's result: what is wanted beyond is read in parts. */
export const maxResultRows = 10_000;
export const maxResultBytes = 16 * 1024 * 1024;
export const maxValueBytes = 4 * 1024 * 1024;
/** Plugins put values into parameters, so the texts are few. */
const maxCachedStatements = 200;

type Queries = ReturnType<typeof prepareQueries>;

function prepareQueries(connection: Connection, plugin: string) {
  const key = param<string>('key');
  const values = queries.selectFrom('plugin_values').where('plugin', '=', plugin);
  const migrations = queries.selectFrom('plugin_migrations').where('plugin', '=', plugin);
  return {
    get: new Query(connection, values.select('value').where('key', '=', key)),
    list: new Query(
      connection,
      values
        .select('key')
        .where((e) =>
          e(e.fn<string>('substr', ['key', e.lit(1), e.val(param<number>('length'))]), '=', param<string>('prefix')),
        )
        .where('key', '>=', param<string>('prefix'))
        .orderBy('key'),
    ),
    set: new Query(
      connection,
      queries
        .insertInto('plugin_values')
        .values({ plugin, key, value: param('value') })
        .onConflict((conflict) =>
          conflict.columns(['plugin', 'key']).doUpdateSet((e) => ({ value: e.ref('excluded.value') })),
        ),
    ),
    delete: new Query(
      connection,
      queries.deleteFrom('plugin_values').where('plugin', '=', plugin).where('key', '=', key),
    ),
    applied: new Query(connection, migrations.select(['id', 'sha256'])),
    insertMigration: new Query(
      connection,
      queries
        .insertInto('plugin_migrations')
        .values({ plugin, id: param('id'), sha256: param('hash'), applied_at: param('at') }),
    ),
  };
}

export class SqlitePluginStore implements PluginStore {
  readonly #connection: Connection;
  readonly #catalog: SchemaCatalog;
  readonly #guard: TableGuard;
  readonly #plugin: string;
  readonly #clock: Clock;
  readonly #queries: Queries;
  readonly #changes: Statement;
  readonly #statements = new Map<string, Statement>();
  #statementsVersion = -1;

  constructor(connection: Connection, catalog: SchemaCatalog, guard: TableGuard, plugin: string, clock: Clock) {
    this.#connection = connection;
    this.#catalog = catalog;
    this.#guard = guard;
    this.#plugin = plugin;
    this.#clock = clock;
    this.#queries = prepareQueries(connection, plugin);
    this.#changes = connection.prepare('SELECT changes() AS changes, last_insert_rowid() AS rowid');
  }

  get(key: string): Json | undefined {
    const row = this.#queries.get.get({ key });
    return row === undefined ? undefined : (JSON.parse(row.value) as Json);
  }

  set(key: string, value: Json): void {
    const text: string | undefined = JSON.stringify(value);
    if (text === undefined) throw new ClayError('NOT_CLONEABLE', `The value for the key "${key}" is not JSON.`);
    const sizeBytes = Buffer.byteLength(text);
    if (sizeBytes > maxValueBytes) {
      throw new ClayError(
        'TOO_LARGE',
        `The value for the key "${key}" has ${sizeBytes} bytes; at most ${maxValueBytes} are kept. Use a table of the plugin's own.`,
      );
    }
    this.#queries.set.run({ key, value: text });
  }

  delete(key: string): boolean {
    return this.#queries.delete.run({ key }).changes > 0;
  }

  list(prefix = ''): readonly string[] {
    const length = [...prefix].length;
    return this.#queries.list.all({ prefix, length }).map((row) => row.key);
  }

  migrate(steps: readonly Migration[]): void {
    for (const step of pendingSteps(`the plugin "${this.#plugin}"`, steps, this.#queries.applied.all())) {
      try {
        this.#connection.transaction(() => {
          runPluginMigration(this.#connection, this.#catalog, this.#guard, step);
          this.#queries.insertMigration.run({ id: step.id, hash: hashOf(step), at: this.#clock.now() });
        });
      } catch (error) {
        throw explainSqlFailure(error, `The schema step "${step.id}" of the plugin "${this.#plugin}"`);
      } finally {
        this.#catalog.changed();
      }
    }
  }

  sql(sql: string, parameters: readonly SqlValue[] = []): SqlResult {
    try {
      return this.#run(sql, parameters);
    } catch (error) {
      throw explainSqlFailure(
        error,
        `The statement ${JSON.stringify(sql.slice(0, 300))} of the plugin "${this.#plugin}"`,
      );
    }
  }

  transaction(statements: readonly SqlStatement[]): readonly SqlResult[] {
    return this.#connection.transaction(() => statements.map(({ sql, parameters }) => this.sql(sql, parameters)));
  }

  #run(sql: string, parameters: readonly SqlValue[]): SqlResult {
    const statement = this.#prepare(sql, parameters);
    if (!statement.isReader) {
      const { changes, lastInsertRowid } = statement.run(parameters);
      return { rows: [], changes, lastInsertRowid };
    }
    const rows = readRows(statement, parameters);
    if (/^\s*(select|values)\b/i.test(sql)) return { rows, changes: 0, lastInsertRowid: 0 };
    const after = this.#changes.get();
    return { rows, changes: Number(after?.changes ?? 0), lastInsertRowid: Number(after?.rowid ?? 0) };
  }

  #prepare(sql: string, parameters: readonly SqlValue[]): Statement {
    if (this.#statementsVersion !== this.#catalog.version) {
      this.#statements.clear();
      this.#statementsVersion = this.#catalog.version;
    }
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    this.#guard.checkRows(sql, parameters);
    const statement = this.#connection.prepare(sql);
    const oldest = this.#statements.keys().next();
    if (this.#statements.size >= maxCachedStatements && oldest.done !== true) this.#statements.delete(oldest.value);
    this.#statements.set(sql, statement);
    return statement;
  }
}

function readRows(statement: Statement, parameters: readonly SqlValue[]): readonly SqlRow[] {
  const rows: SqlRow[] = [];
  let bytes = 0;
  statement.each(parameters, (row) => {
    for (const name in row) bytes += sizeOf(row[name] ?? null);
    if (rows.length >= maxResultRows || bytes > maxResultBytes) {
      throw new ClayError(
        'TOO_LARGE',
        `The result has more than ${maxResultRows} rows or ${maxResultBytes} bytes. Read it in parts, with LIMIT and a condition on the last key read.`,
      );
    }
    rows.push(row);
    return true;
  });
  return rows;
}

function sizeOf(value: SqlValue): number {
  return typeof value === 'string' ? value.length : value instanceof Uint8Array ? value.byteLength : 8;
}

/** What the author of the SQL can mend, told as such; faults of the volume stay what they are. */
function explainSqlFailure(thrown: unknown, what: string): unknown {
  if (!(thrown instanceof Error) || thrown instanceof ClayError) return thrown;
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : '';
  const isConstraint = code.startsWith('SQLITE_CONSTRAINT');
  if (!code.startsWith('SQLITE_') && !(thrown instanceof TypeError) && !(thrown instanceof RangeError)) return thrown;
  return new ClayError(isConstraint ? 'CONFLICT' : 'BAD_ARGUMENTS', `${what} failed: ${thrown.message}.`, {
    cause: thrown,
  });
}
