import type { Connection } from './connection.ts';
import { quoteName, type SchemaCatalog } from './schema-catalog.ts';

/** A table or view of a plugin, or the pages behind a virtual table of its own. */
export interface PluginTable {
  readonly name: string;
  readonly kind: 'table' | 'virtual' | 'shadow' | 'view';
}

/** What of the schema goes under these names. `names` are in lower case. */
export function tablesNamed(catalog: SchemaCatalog, names: ReadonlySet<string>): readonly PluginTable[] {
  const virtual = catalog.tables('virtual');
  return [
    ...(['table', 'virtual', 'view'] as const).flatMap((kind) =>
      catalog
        .tables(kind)
        .filter((name) => names.has(name.toLowerCase()))
        .map((name) => ({ name, kind })),
    ),
    ...catalog
      .tables('shadow')
      .filter((name) => names.has(ownerOfShadow(name, virtual)))
      .map((name) => ({ name, kind: 'shadow' as const })),
  ];
}

/** Of `a_b_data`, both `a` and `a_b` could be the owner: it is the longer one. */
function ownerOfShadow(shadow: string, virtual: readonly string[]): string {
  const name = shadow.toLowerCase();
  const owners = virtual.map((one) => one.toLowerCase()).filter((one) => name.startsWith(`${one}_`));
  return owners.sort((a, b) => b.length - a.length)[0] ?? '';
}

/** Drops what goes under these names, inside the caller's transaction. */
export function dropTables(connection: Connection, catalog: SchemaCatalog, names: ReadonlySet<string>): void {
  connection.pragma('defer_foreign_keys = ON');
  const tables = tablesNamed(catalog, names);
  const drop = (kind: PluginTable['kind'], word: string) => {
    for (const table of tables) if (table.kind === kind) connection.exec(`DROP ${word} ${quoteName(table.name)}`);
  };
  drop('view', 'VIEW');
  // Triggers write into virtual tables, so their tables go first.
  drop('table', 'TABLE');
  drop('virtual', 'TABLE');
}
