import type { Json, Migration, SqlResult, SqlStatement, SqlValue } from '@clay/sdk';

/** Storage of all plugins. */
export interface PluginStorage {
  /**
   * The storage of one plugin over the tables that its manifest names. Throws `REFUSED` when a table is the host's or another
   * plugin's, naming both. A table that exists and has no owner yet is taken over with its rows.
   */
  for(plugin: string, tables: readonly string[]): PluginStore;
  /** Removes everything that the plugin stored: its keys, its tables and its claim on their names. */
  drop(plugin: string): void;
}

/** The SDK's `Store`, synchronously. */
export interface PluginStore {
  get(key: string): Json | undefined;
  set(key: string, value: Json): void;
  delete(key: string): boolean;
  /** Sorted. */
  list(prefix?: string): readonly string[];
  /**
   * Runs the steps that have not run yet, each in a transaction. Throws `BAD_ARGUMENTS` when a step that has run was changed,
   * and `REFUSED` when one touches a table that is not the plugin's; then nothing of that step is kept.
   */
  migrate(steps: readonly Migration[]): void;
  sql(sql: string, parameters?: readonly SqlValue[]): SqlResult;
  transaction(statements: readonly SqlStatement[]): readonly SqlResult[];
}
