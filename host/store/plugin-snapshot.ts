import { closeSync, existsSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { ClayError, type Clock } from '@clay/sdk';
import { Connection } from './connection.ts';
import { dropTables, type PluginTable, tablesNamed } from './plugin-objects.ts';
import type { PluginSnapshot } from './plugin-storage.ts';
import { quoteName, type SchemaCatalog } from './schema-catalog.ts';
import { explainStoreFailure } from './store-error.ts';

/** Stands in the file; another number is another layout. */
const format = 1;
const ownerOnly = 0o600;

/** The host's tables that hold something of each plugin, and the columns that a snapshot keeps of them. */
const shared = {
  plugin_values: ['key', 'value'],
  plugin_migrations: ['id', 'sha256', 'applied_at'],
  plugin_tables: ['name'],
} as const;

/** `rows`: the table of the snapshot in which its rows are, column by column; what reads the rows back in names the same columns. */
interface CopiedTable {
  readonly name: string;
  readonly rows: string;
  readonly columns: readonly string[];
}

/** Who asks, and for which database. */
export interface SnapshotScope {
  readonly connection: Connection;
  readonly catalog: SchemaCatalog;
  readonly plugin: string;
  /** All names that the plugin has claimed, in lower case. */
  readonly names: ReadonlySet<string>;
}

/** Copies a plugin's namespace into a file, which gets its name when it is whole. */
export function writeSnapshot(scope: SnapshotScope, file: string, clock: Clock): PluginSnapshot {
  const unfinished = `${file}.unfinished`;
  try {
    rmSync(unfinished, { force: true });
    closeSync(openSync(unfinished, 'wx', ownerOnly));
    const rows = attached(scope.connection, unfinished, () => copyOut(scope, clock));
    // Not waited for the disk, which would hold up every flip: after a power loss the file may be damaged, and then says so.
    renameSync(unfinished, file);
    return { file, sizeBytes: statSync(file).size, rows };
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw explainStoreFailure(error, file);
  }
}

/** Puts a plugin's namespace back to what the file holds, in one transaction. */
export function restoreSnapshot(scope: SnapshotScope, file: string): void {
  const { connection, catalog, plugin } = scope;
  if (!existsSync(file)) throw new ClayError('NOT_FOUND', `There is no snapshot ${file} of the plugin "${plugin}".`);
  try {
    checkSnapshot(plugin, file);
    attached(connection, file, () => connection.withShadowTables(() => connection.transaction(() => copyIn(scope))));
  } finally {
    catalog.changed();
  }
}

function attached<T>(connection: Connection, file: string, work: () => T): T {
  connection.prepare('ATTACH ? AS snapshot').run([file]);
  try {
    return work();
  } finally {
    connection.exec('DETACH snapshot');
  }
}

function copyOut({ connection, catalog, plugin, names }: SnapshotScope, clock: Clock): number {
  // The file has no name before it is whole, so that nothing has to be undone in it.
  connection.pragma('snapshot.journal_mode = OFF');
  connection.pragma('snapshot.synchronous = OFF');
  return connection.transaction(() => {
    connection.exec(`
      CREATE TABLE snapshot.about (format INTEGER, plugin TEXT, made_at INTEGER);
      CREATE TABLE snapshot.objects (position INTEGER PRIMARY KEY, type TEXT, sql TEXT);
      CREATE TABLE snapshot.contents (name TEXT, kind TEXT, rows TEXT, columns TEXT);
      CREATE TABLE snapshot.sequences (name TEXT, seq INTEGER);`);
    connection.prepare('INSERT INTO snapshot.about VALUES (?, ?, ?)').run([format, plugin, clock.now()]);
    for (const [table, columns] of Object.entries(shared)) {
      const list = columns.join(', ');
      connection.exec(`CREATE TABLE snapshot.of_${table} (${list})`);
      const copy = `INSERT INTO snapshot.of_${table} SELECT ${list} FROM main.${table} WHERE plugin = ?`;
      connection.prepare(copy).run([plugin]);
    }
    const tables = tablesNamed(catalog, names);
    copySchema(connection, tables);
    return tables.reduce((rows, table, index) => rows + copyRows(connection, table, `rows_${index}`), 0);
  });
}

/** The texts in the order in which they can be run again: triggers last, so that no row that comes back sets one off. */
function copySchema(connection: Connection, tables: readonly PluginTable[]): void {
  const insert = connection.prepare('INSERT INTO snapshot.objects (type, sql) VALUES (?, ?)');
  const kindOf = new Map(tables.map(({ name, kind }) => [name, kind]));
  const objects = connection
    .prepare('SELECT type, name, tbl_name, sql FROM main.sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid')
    .all()
    .map((row) => ({ type: String(row.type), table: String(row.tbl_name), sql: String(row.sql) }));
  for (const wanted of ['table', 'virtual', 'index', 'view', 'trigger']) {
    for (const { type, table, sql } of objects) {
      const kind = kindOf.get(table);
      // SQLite makes the pages behind a virtual table together with it.
      if (kind === undefined || kind === 'shadow') continue;
      if ((type === 'table' ? kind : type) === wanted) insert.run([wanted, sql]);
    }
  }
}

/** Copies values as they are stored: the columns of the copy have no type that could change them. */
function copyRows(connection: Connection, { name, kind }: PluginTable, rows: string): number {
  if (kind === 'view' || kind === 'virtual') return 0;
  const columns = columnsOf(connection, name);
  const list = columns.map(quoteName).join(', ');
  connection.exec(`CREATE TABLE snapshot.${rows} (${columns.map((_column, index) => `c${index}`).join(', ')})`);
  const { changes } = connection
    .prepare(`INSERT INTO snapshot.${rows} SELECT ${list} FROM main.${quoteName(name)}`)
    .run();
  connection
    .prepare('INSERT INTO snapshot.contents VALUES (?, ?, ?, ?)')
    .run([name, kind, rows, JSON.stringify(columns)]);
  if (connection.prepare("SELECT 1 FROM main.sqlite_schema WHERE name = 'sqlite_sequence'").get() !== undefined) {
    const sequence = 'INSERT INTO snapshot.sequences SELECT name, seq FROM main.sqlite_sequence WHERE name = ?';
    connection.prepare(sequence).run([name]);
  }
  return kind === 'table' ? changes : 0;
}

/** Generated columns make themselves. The row's number is kept too where it has a name: an index of full text refers to it. */
function columnsOf(connection: Connection, table: string): readonly string[] {
  const columns = connection
    .prepare('SELECT name FROM pragma_table_xinfo(?) WHERE hidden = 0 ORDER BY cid')
    .all([table])
    .map(({ name }) => String(name));
  const hasRowid =
    connection.prepare("SELECT 1 FROM pragma_table_list(?) WHERE schema = 'main' AND wr = 0").get([table]) !==
    undefined;
  const taken = new Set(columns.map((name) => name.toLowerCase()));
  const rowid = ['rowid', '_rowid_', 'oid'].find((name) => !taken.has(name));
  return hasRowid && rowid !== undefined ? [rowid, ...columns] : columns;
}

/** Looks at the file by itself first: damage that is met through the claw's own connection would be blamed on its database. */
function checkSnapshot(plugin: string, file: string): void {
  const snapshot = new Connection(file, { readonly: true });
  const refuse = (found: string): never => {
    throw new ClayError('BAD_ARGUMENTS', `${file} is no snapshot of the plugin "${plugin}": it is ${found}.`);
  };
  try {
    const finding = snapshot.pragma('quick_check(1)');
    if (finding !== 'ok') refuse(`damaged (${String(finding)})`);
    const isSnapshot = snapshot.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'about'").get() !== undefined;
    const about = isSnapshot ? snapshot.prepare('SELECT format, plugin FROM about').get() : undefined;
    if (about === undefined) refuse('another kind of file');
    else if (about.format !== format || about.plugin !== plugin) refuse(`of "${about.plugin}", format ${about.format}`);
  } finally {
    snapshot.close();
  }
}

function copyIn({ connection, catalog, plugin, names }: SnapshotScope): void {
  const claimed = connection
    .prepare('SELECT name FROM snapshot.of_plugin_tables')
    .all()
    .map(({ name }) => String(name));
  const owner = connection.prepare('SELECT plugin FROM main.plugin_tables WHERE name = ?');
  for (const table of claimed) {
    const now = owner.get([table])?.plugin ?? plugin;
    if (now === plugin) continue;
    throw new ClayError(
      'CONFLICT',
      `The data of the plugin "${plugin}" cannot go back: its table "${table}" belongs to the plugin "${now}" now.`,
    );
  }
  dropTables(connection, catalog, new Set([...names, ...claimed.map((table) => table.toLowerCase())]));
  for (const [table, columns] of Object.entries(shared)) {
    const list = columns.join(', ');
    connection.prepare(`DELETE FROM main.${table} WHERE plugin = ?`).run([plugin]);
    const copy = `INSERT INTO main.${table} (plugin, ${list}) SELECT ?, ${list} FROM snapshot.of_${table}`;
    connection.prepare(copy).run([plugin]);
  }
  makeObjects(connection, ['table', 'virtual']);
  for (const table of copiedTables(connection)) putRows(connection, table);
  makeObjects(connection, ['index', 'view', 'trigger']);
}

function makeObjects(connection: Connection, types: readonly string[]): void {
  for (const { type, sql } of connection.prepare('SELECT type, sql FROM snapshot.objects ORDER BY position').all())
    if (types.includes(String(type))) connection.exec(String(sql));
}

function copiedTables(connection: Connection): readonly CopiedTable[] {
  return connection
    .prepare('SELECT name, rows, columns FROM snapshot.contents')
    .all()
    .map((row) => ({
      name: String(row.name),
      rows: String(row.rows),
      columns: JSON.parse(String(row.columns)) as string[],
    }));
}

function putRows(connection: Connection, { name, rows, columns }: CopiedTable): void {
  const table = quoteName(name);
  // A new virtual table has put its first rows behind itself already.
  connection.exec(`DELETE FROM main.${table}`);
  connection.exec(
    `INSERT INTO main.${table} (${columns.map(quoteName).join(', ')}) SELECT * FROM snapshot.${quoteName(rows)}`,
  );
  const sequence = connection.prepare('SELECT seq FROM snapshot.sequences WHERE name = ?').get([name]);
  if (sequence === undefined) return;
  connection.prepare('DELETE FROM main.sqlite_sequence WHERE name = ?').run([name]);
  connection.prepare('INSERT INTO main.sqlite_sequence (name, seq) VALUES (?, ?)').run([name, sequence.seq ?? 0]);
}
