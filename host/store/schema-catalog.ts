import type { Connection, Statement } from './connection.ts';

export interface SchemaObject {
  readonly type: string;
  readonly name: string;
  /** The table that the object belongs to; for a table itself, its name. */
  readonly table: string;
  /** 0 for what has no pages of its own. */
  readonly rootPage: number;
  readonly sql: string;
}

/** What the database consists of now. Read anew after every schema change, which only migrations make. */
export class SchemaCatalog {
  readonly #objects: Statement;
  readonly #tables: Statement;
  readonly #connection: Connection;
  #version = 0;
  #tableOfRoot: ReadonlyMap<number, string> | null = null;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#objects = connection.prepare(
      'SELECT type, name, tbl_name, rootpage, sql FROM sqlite_schema UNION ALL SELECT type, name, tbl_name, rootpage, sql FROM sqlite_temp_schema',
    );
    this.#tables = connection.prepare("SELECT name, type FROM pragma_table_list WHERE schema = 'main'");
  }

  /** Grows with every schema change. */
  get version(): number {
    return this.#version;
  }

  changed(): void {
    this.#version += 1;
    this.#tableOfRoot = null;
  }

  objects(): readonly SchemaObject[] {
    return this.#objects.all().map((row) => ({
      type: String(row.type),
      name: String(row.name),
      table: String(row.tbl_name),
      rootPage: Number(row.rootpage),
      sql: String(row.sql),
    }));
  }

  /** The table or index's table whose pages begin at a root page. */
  tableOfRoot(rootPage: number): string | undefined {
    this.#tableOfRoot ??= new Map(
      this.objects()
        .filter((object) => object.rootPage > 0)
        .map((object) => [object.rootPage, object.table]),
    );
    return this.#tableOfRoot.get(rootPage);
  }

  /** Names of tables by kind: `table`, `view`, `virtual` or `shadow` (the pages behind a virtual one). */
  tables(kind: 'table' | 'view' | 'virtual' | 'shadow'): readonly string[] {
    return this.#tables
      .all()
      .filter((row) => row.type === kind)
      .map((row) => String(row.name));
  }

  /** The handle by which SQLite's program text names a virtual table, which it does not name otherwise. */
  virtualHandles(table: string): readonly string[] {
    return this.#connection
      .prepare(`EXPLAIN SELECT * FROM ${quoteName(table)}`)
      .all()
      .filter((row) => row.opcode === 'VOpen')
      .map((row) => String(row.p4));
  }
}

export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
