import { existsSync } from 'node:fs';
import { Connection } from '../store/connection.ts';

/** Names of the schema steps that ran in a database, and the version of a journal: empty for a file that is not there. */
export function stepsOf(database: string, journal: string): readonly string[] {
  return [
    ...read(database, (connection) => [
      ...names(connection, 'host_migrations', "SELECT 'host ' || id AS name FROM host_migrations"),
      ...names(
        connection,
        'plugin_migrations',
        "SELECT 'plugin ' || plugin || ' ' || id AS name FROM plugin_migrations",
      ),
    ]),
    ...read(journal, (connection) => {
      const version = Number(connection.pragma('user_version'));
      return Array.from({ length: version }, (_, index) => `journal ${index + 1}`);
    }),
  ];
}

function read(file: string, work: (connection: Connection) => readonly string[]): readonly string[] {
  if (!existsSync(file)) return [];
  const connection = new Connection(file);
  try {
    return work(connection);
  } finally {
    connection.close();
  }
}

function names(connection: Connection, table: string, sql: string): readonly string[] {
  const found = connection.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?").all([table]);
  return found.length === 0
    ? []
    : connection
        .prepare(sql)
        .all()
        .map((row) => String(row.name));
}
