import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock } from '@clay/sdk';
import { backupsIn } from './backup.ts';
import { Connection } from './connection.ts';
import { migrateHost } from './migrate.ts';
import { StoreError } from './store-error.ts';
import { clearSuspicion, isSuspect } from './suspect.ts';
import { timeStamp } from './time-stamp.ts';

const maxIdleLogBytes = 16 * 1024 * 1024;

export interface OpenedDatabase {
  readonly connection: Connection;
  readonly notices: readonly string[];
}

/**
 * Opens the database, checks it when the last host did not end cleanly or met damage, and brings its schema up to date. A damaged file is set
 * aside unchanged, and a new one takes its place so that the claw can be talked to while its owner decides.
 */
export function openDatabase(
  file: string,
  options: { readonly check: boolean; readonly backups: string; readonly clock: Clock },
): OpenedDatabase {
  mkdirSync(dirname(file), { recursive: true });
  try {
    return { connection: openSound(file, options), notices: [] };
  } catch (error) {
    if (!(error instanceof StoreError && error.fault === 'DATABASE_DAMAGED')) throw error;
    const aside = setAside(file, options.clock);
    clearSuspicion(file);
    // Of what SQLite said, without the remedy: that is happening here.
    const reason = error.cause instanceof Error ? error.cause.message : error.message;
    const notice = tellDamage(file, aside, reason, options.backups);
    return { connection: openSound(file, { ...options, check: false }), notices: [notice] };
  }
}

function openSound(file: string, options: { readonly check: boolean; readonly clock: Clock }): Connection {
  const connection = new Connection(file);
  try {
    connection.pragma('journal_mode = WAL');
    connection.pragma('synchronous = NORMAL');
    connection.pragma('foreign_keys = ON');
    // After a large transaction the log shrinks again.
    connection.pragma(`journal_size_limit = ${maxIdleLogBytes}`);
    // A trigger or a view may not reach functions and tables with side effects: the schema is partly the plugins'.
    connection.pragma('trusted_schema = OFF');
    if (options.check || isSuspect(file)) checkSoundness(connection);
    migrateHost(connection, options.clock);
    clearSuspicion(file);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** Reads every page. Indexes over virtual tables are not judged here: their owners rebuild them. */
export function checkSoundness(connection: Connection): void {
  const findings = connection
    .prepare('PRAGMA quick_check(5)')
    .all()
    .flatMap((row) => String(row.quick_check).split('\n'))
    .filter((line) => !line.startsWith('***'))
    .filter((line) => line !== 'ok' && !/inverted index|fts5/i.test(line));
  if (findings.length > 0) {
    throw new StoreError('DATABASE_DAMAGED', `the integrity check of ${connection.file} found: ${findings.join('; ')}`);
  }
}

function setAside(file: string, clock: Clock): string {
  const aside = `${file}.damaged-${timeStamp(clock.now())}`;
  for (const suffix of ['', '-wal', '-shm']) {
    if (existsSync(file + suffix)) renameSync(file + suffix, aside + suffix);
  }
  return aside;
}

function tellDamage(file: string, aside: string, reason: string, backups: string): string {
  const newest = backupsIn(backups)[0];
  const restore =
    newest === undefined
      ? 'There is no backup to restore.'
      : `To go back to the newest backup (${new Date(newest.createdAt).toISOString()}): clay restore ${newest.file}.`;
  return `The database ${file} is damaged: ${reason}. It was set aside, unchanged, as ${aside}, and Clay started with an empty one. ${restore} To save what can still be read: sqlite3 ${aside} .recover`;
}
