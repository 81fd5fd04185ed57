import type { Json } from './json.ts';

/** What a column holds. */
export type SqlValue = null | number | string | Uint8Array;
/** A row, by column name. */
export type SqlRow = Readonly<Record<string, SqlValue>>;

/** One statement with the values of its `?`. */
export interface SqlStatement {
  readonly sql: string;
  readonly parameters?: readonly SqlValue[];
}

/** What a statement gave. `changes` and `lastInsertRowid` are 0 for a statement that only reads. */
export interface SqlResult {
  readonly rows: readonly SqlRow[];
  readonly changes: number;
  readonly lastInsertRowid: number;
}

/** One step of a plugin's own schema. Runs once, in order, in a transaction; a later one may rely on all earlier. */
export interface Migration {
  /** Never reused or changed, such as `001_tables`. */
  readonly id: string;
  readonly sql: string;
}

/**
 * A plugin's own storage. Its namespace is the plugin's; no plugin sees another's.
 *
 * @example
 * ```ts
 * import { definePlugin } from '@clay/sdk';
 *
 * export default definePlugin({
 *   name: 'notes',
 *   tables: ['notes'],
 *   setup(ctx) {
 *     ctx.store.migrations([{ id: '001_notes', sql: 'CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL)' }]);
 *     ctx.tool({
 *       name: 'note',
 *       description: 'Keeps a note.',
 *       parameters: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
 *       run: async ({ text }) => {
 *         const { lastInsertRowid } = await ctx.store.sql('INSERT INTO notes (text) VALUES (?)', [String(text)]);
 *         await ctx.store.set('last', lastInsertRowid);
 *         return `kept as ${lastInsertRowid}`;
 *       },
 *     });
 *   },
 * });
 * ```
 */
export interface Store {
  get(key: string): Promise<Json | undefined>;
  set(key: string, value: Json): Promise<void>;
  delete(key: string): Promise<boolean>;
  /** Keys with this prefix, sorted. Default: all. */
  list(prefix?: string): Promise<readonly string[]>;
  /** Declares the plugin's schema; allowed in `setup` only. The tables must be named in the manifest's `tables`. */
  migrations(steps: readonly Migration[]): void;
  /** Runs one statement over the plugin's own tables. `REFUSED` names a table that is not the plugin's. */
  sql(sql: string, parameters?: readonly SqlValue[]): Promise<SqlResult>;
  /** Runs several statements in one transaction: all or none. */
  transaction(statements: readonly SqlStatement[]): Promise<readonly SqlResult[]>;
}
