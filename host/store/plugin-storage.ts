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
  /**
   * Copies all that the plugin stored (its keys, and its tables with indexes, triggers, views and rows) into a new file, as it
   * is at one moment. `tables` are those that its manifest names. A file of that name is replaced.
   */
  snapshot(plugin: string, tables: readonly string[], file: string): PluginSnapshot;
  /**
   * Puts all that the plugin stored back to what {@link snapshot} copied: wholly or, when it throws, not at all. What came
   * since is gone. Throws `NOT_FOUND` without the file, `BAD_ARGUMENTS` when it is no snapshot of this plugin, and `CONFLICT`
   * when one of its tables has become another plugin's.
   */
  restore(plugin: string, tables: readonly string[], file: string): void;
}

export interface PluginSnapshot {
  readonly file: string;
  readonly sizeBytes: number;
  /** Of its tables; its keys are not among them. */
  readonly rows: number;
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
