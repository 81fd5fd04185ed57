import { ClayError, type Migration } from '@clay/sdk';
import type { Connection } from './connection.ts';
import { quoteName, type SchemaCatalog, type SchemaObject } from './schema-catalog.ts';
import { type SqlToken, splitStatements, tokenizeSql } from './sql-statements.ts';
import type { TableGuard } from './table-guard.ts';

const schemaVerbs =
  /^(CREATE (TABLE|VIEW|TRIGGER|INDEX|UNIQUE INDEX|VIRTUAL TABLE)|DROP (TABLE|VIEW|TRIGGER|INDEX)|ALTER TABLE)\b/;
const rowVerbs = /^(SELECT|WITH|INSERT|REPLACE|UPDATE|DELETE)\b/;

/**
 * Runs one step of a plugin's schema inside the caller's transaction. What the step did to the schema is judged by comparing the
 * schema before and after each statement, not by reading SQL.
 */
export function runPluginMigration(
  connection: Connection,
  catalog: SchemaCatalog,
  guard: TableGuard,
  step: Migration,
): void {
  for (const statement of splitStatements(step.sql)) {
    const tokens = tokenizeSql(statement);
    const verbs = tokens
      .slice(0, 3)
      .map((token) => token.text.toUpperCase())
      .join(' ');
    guard.checkNames(tokens);
    if (rowVerbs.test(verbs)) {
      guard.checkProgram(statement, [], 'rows');
      const prepared = connection.prepare(statement);
      if (prepared.isReader) prepared.each([], () => true);
      else prepared.run();
      continue;
    }
    if (!schemaVerbs.test(verbs)) {
      throw new ClayError(
        'REFUSED',
        `The schema step "${step.id}" may not run "${verbs}": it may create, alter and drop its own tables, and change their rows.`,
      );
    }
    if (verbs.startsWith('CREATE VIRTUAL')) checkModule(tokens, guard, step);
    guard.checkProgram(statement, [], 'schema');
    const before = catalog.objects();
    connection.exec(statement);
    catalog.changed();
    checkChanges(before, catalog.objects(), guard);
  }
  checkViews(catalog, guard);
  checkForeignKeys(connection, catalog, guard);
}

function checkChanges(before: readonly SchemaObject[], after: readonly SchemaObject[], guard: TableGuard): void {
  const describe = (object: SchemaObject) => JSON.stringify(object);
  const [old, now] = [new Set(before.map(describe)), new Set(after.map(describe))];
  const changed = [
    ...before.filter((object) => !now.has(describe(object))),
    ...after.filter((object) => !old.has(describe(object))),
  ];
  for (const object of changed) {
    // SQLite makes it with the first AUTOINCREMENT column.
    if (object.name === 'sqlite_sequence') continue;
    if (object.name.startsWith('sqlite_stat') || !ownsObject(object, before, guard)) guard.refuse(object.table);
  }
}

/** The pages behind a virtual table that is gone are known only from the schema as it was. */
function ownsObject(object: SchemaObject, before: readonly SchemaObject[], guard: TableGuard): boolean {
  if (guard.owns(object.table)) return true;
  const name = object.table.toLowerCase();
  return before.some(
    (other) =>
      other.rootPage === 0 &&
      other.type === 'table' &&
      guard.owns(other.name) &&
      name.startsWith(`${other.name.toLowerCase()}_`),
  );
}

/**
 * A virtual table reads other tables by itself, unseen by the compiler: what `content=` of fts5 and the first argument of
 * fts5vocab name has to be the plugin's own.
 */
function checkModule(tokens: readonly SqlToken[], guard: TableGuard, step: Migration): void {
  const using = tokens.findIndex((token) => token.text.toUpperCase() === 'USING');
  const module = tokens[using + 1]?.text.toLowerCase() ?? '';
  const args = tokens.slice(using + 3);
  const plain = (token: SqlToken | undefined) =>
    token?.kind === 'text' ? token.text.slice(1, -1) : (token?.text ?? '');
  if (module === 'fts5') {
    args.forEach((token, index) => {
      // FTS5 takes any beginning of an option's name for the option.
      const isContent =
        token.text !== '' && 'content'.startsWith(plain(token).toLowerCase()) && args[index + 1]?.text === '=';
      const source = plain(args[index + 2]);
      if (isContent && source !== '' && !guard.owns(source)) guard.refuse(source);
    });
  } else if (module === 'fts5vocab') {
    const names = args.filter((token) => token.kind === 'word' || token.kind === 'text').map(plain);
    const source = names.length > 2 ? names[1] : names[0];
    if (source === undefined || !guard.owns(source)) guard.refuse(source ?? 'fts5vocab');
  } else if (module !== 'rtree') {
    throw new ClayError(
      'REFUSED',
      `The schema step "${step.id}" may make virtual tables of fts5, fts5vocab and rtree, not of "${module}".`,
    );
  }
}

function checkViews(catalog: SchemaCatalog, guard: TableGuard): void {
  for (const view of catalog.tables('view')) {
    if (guard.owns(view)) guard.checkProgram(`SELECT * FROM ${quoteName(view)}`, [], 'rows');
  }
}

/** A reference to a foreign table would bind its owner's deletes. */
function checkForeignKeys(connection: Connection, catalog: SchemaCatalog, guard: TableGuard): void {
  const references = connection.prepare('SELECT "table" AS parent FROM pragma_foreign_key_list(?)');
  for (const table of catalog.tables('table')) {
    if (!guard.owns(table)) continue;
    for (const { parent } of references.all([table])) if (!guard.owns(String(parent))) guard.refuse(String(parent));
  }
}
