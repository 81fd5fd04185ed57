import { ClayError, type SqlValue } from '@clay/sdk';
import type { Connection } from './connection.ts';
import type { SchemaCatalog } from './schema-catalog.ts';
import { type SqlToken, tokenizeSql } from './sql-statements.ts';

/** Statements that read and change rows, and nothing else. */
const rowVerbs = ['SELECT', 'VALUES', 'WITH', 'INSERT', 'REPLACE', 'UPDATE', 'DELETE'];
/** Table-valued functions that see their arguments only. */
const pureTableFunctions = ['json_each', 'json_tree'];

const schemaRootPage = 1;
/** Set in `p5` when `p2` names a register: a table that the statement itself makes. */
const rootPageIsRegister = 0x10;

/**
 * Keeps a plugin's SQL to its own tables. It does not read SQL to find the tables: SQLite compiles the statement, and the
 * compiled program names every page and every virtual table that it opens, also through views, triggers, foreign keys and
 * sub-queries.
 */
export class TableGuard {
  readonly #connection: Connection;
  readonly #catalog: SchemaCatalog;
  readonly #plugin: string;
  readonly #owned: ReadonlySet<string>;

  constructor(connection: Connection, catalog: SchemaCatalog, plugin: string, tables: readonly string[]) {
    this.#connection = connection;
    this.#catalog = catalog;
    this.#plugin = plugin;
    this.#owned = new Set(tables.map((table) => table.toLowerCase()));
  }

  owns(table: string): boolean {
    const name = table.toLowerCase();
    if (this.#owned.has(name)) return true;
    // The pages behind a virtual table are named after it.
    return this.#catalog
      .tables('shadow')
      .some(
        (shadow) =>
          shadow.toLowerCase() === name &&
          this.#catalog
            .tables('virtual')
            .some((virtual) => this.#owned.has(virtual.toLowerCase()) && name.startsWith(`${virtual.toLowerCase()}_`)),
      );
  }

  /** Throws `REFUSED` when the statement is more than a reading or changing of the plugin's own rows. */
  checkRows(sql: string, parameters: readonly SqlValue[]): void {
    const tokens = tokenizeSql(sql);
    const verb = tokens[0]?.text.toUpperCase() ?? '';
    if (!rowVerbs.includes(verb)) {
      throw new ClayError(
        'REFUSED',
        `The plugin "${this.#plugin}" may run ${rowVerbs.join(', ')} here, not ${verb === '' ? 'an empty statement' : verb}. Changes of the schema belong into its migrations.`,
      );
    }
    this.checkNames(tokens);
    this.checkProgram(sql, parameters, 'rows');
  }

  /** SQLite's own tables are shared by all owners. */
  checkNames(tokens: readonly SqlToken[]): void {
    for (const token of tokens) {
      const name = token.kind === 'text' ? token.text.slice(1, -1) : token.text;
      if ((token.kind === 'word' || token.kind === 'text') && /^sqlite_\w+$/i.test(name)) this.refuse(name);
    }
  }

  /** Compiles the statement and refuses when its program opens what is not the plugin's. */
  checkProgram(sql: string, parameters: readonly SqlValue[], purpose: 'rows' | 'schema'): void {
    const program = this.#connection.prepare(`EXPLAIN ${sql}`).all(parameters);
    const virtual: string[] = [];
    for (const { opcode, p1, p2, p4, p5 } of program) {
      switch (opcode) {
        case 'OpenRead':
        case 'OpenWrite':
        case 'ReopenIdx':
          if ((Number(p5) & rootPageIsRegister) === 0) this.#checkRoot(Number(p2), purpose);
          break;
        case 'Clear':
          this.#checkRoot(Number(p1), purpose);
          break;
        case 'VOpen':
        case 'VUpdate':
          virtual.push(String(p4));
          break;
        default:
      }
    }
    if (virtual.length > 0) this.#checkVirtual(virtual);
  }

  refuse(table: string): never {
    throw new ClayError(
      'REFUSED',
      `The table "${table}" does not belong to the plugin "${this.#plugin}". Its tables are: ${[...this.#owned].join(', ') || 'none'}. Name a table of its own in "tables" of plugin.json, or call the service of the plugin that owns this one.`,
    );
  }

  #checkRoot(rootPage: number, purpose: 'rows' | 'schema'): void {
    if (rootPage === schemaRootPage) {
      if (purpose === 'rows') this.refuse('sqlite_schema');
      return;
    }
    const table = this.#catalog.tableOfRoot(rootPage);
    if (table === undefined) throw new Error(`SQLite opens the page ${rootPage}, which no table begins at.`);
    // Counters of AUTOINCREMENT: opened by every insert; naming them is refused by `checkNames`.
    if (table === 'sqlite_sequence' || (purpose === 'schema' && table.startsWith('sqlite_stat'))) return;
    if (!this.owns(table)) this.refuse(table);
  }

  #checkVirtual(handles: readonly string[]): void {
    const allowed = new Set(
      [...pureTableFunctions, ...this.#catalog.tables('virtual').filter((table) => this.owns(table))].flatMap((table) =>
        this.#catalog.virtualHandles(table),
      ),
    );
    if (!handles.every((handle) => allowed.has(handle))) this.refuse('a virtual table or table-valued function');
  }
}
