import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock } from '@clay/sdk';
import { Connection } from '../store/connection.ts';
import { checkSoundness } from '../store/open-database.ts';
import { StoreError } from '../store/store-error.ts';
import { clearSuspicion, isSuspect } from '../store/suspect.ts';
import { SqliteCallJournal } from './call-journal.ts';
import { SqliteGenerationJournal } from './generation-journal.ts';
import type { Journal } from './journal.ts';
import { journalSteps } from './tables.ts';

export interface JournalOptions {
  readonly file: string;
  readonly clock: Clock;
  /** How long ended calls and old transitions are kept. Default 7 days. */
  readonly retentionMs?: number;
  /** Ended calls kept at most. Default 200,000. */
  readonly maxCalls?: number;
}

const dayMs = 86_400_000;
/** Rows are added at one end and hardly read: the driver's 16 MB would fill with pages that nobody asks for again. */
const cacheKb = 1_024;

/**
 * Opens the journal. Calls that were open when the last process died end as `unknown`. A damaged file is set aside,
 * unchanged: the journal is a record, and a claw without its past is better than no claw.
 */
export function openJournal(options: JournalOptions): Journal {
  const { file, clock } = options;
  mkdirSync(dirname(file), { recursive: true });
  const notices: string[] = [];
  let connection: Connection;
  try {
    connection = openSound(file);
  } catch (error) {
    if (!(error instanceof StoreError) || error.fault !== 'DATABASE_DAMAGED') throw error;
    const aside = setAside(file, clock);
    clearSuspicion(file);
    const found = error.cause instanceof Error ? error.cause.message : error.message;
    notices.push(`The journal ${file} is damaged (${found}); it was set aside as ${aside}, and a new one begun.`);
    connection = openSound(file);
  }
  const calls = new SqliteCallJournal(connection, clock);
  calls.closeOpen();
  const retentionMs = options.retentionMs ?? 7 * dayMs;
  const maxCalls = options.maxCalls ?? 200_000;
  const generations = new SqliteGenerationJournal(connection, clock);
  let isOpen = true;
  return {
    calls,
    generations,
    notices,
    prune: () => calls.prune(clock.now() - retentionMs, maxCalls) + generations.prune(clock.now() - 10 * retentionMs),
    close() {
      if (!isOpen) return;
      isOpen = false;
      connection.close();
    },
  };
}

function openSound(file: string): Connection {
  const connection = new Connection(file);
  try {
    connection.pragma('journal_mode = WAL');
    // A killed process loses nothing; a power loss may lose the last rows, which the inbox (FULL) makes good.
    connection.pragma('synchronous = NORMAL');
    connection.pragma(`cache_size = -${cacheKb}`);
    const version = Number(connection.pragma('user_version'));
    if (version > journalSteps.length) {
      throw new StoreError(
        'DATABASE_NEWER',
        `${file} was written by a newer Clay (schema ${version}, this one knows ${journalSteps.length}). Start that version.`,
      );
    }
    connection.transaction(() => {
      for (const step of journalSteps.slice(version)) connection.exec(step);
      connection.exec(`PRAGMA user_version = ${journalSteps.length}`);
    });
    if (isSuspect(file)) checkSoundness(connection);
    clearSuspicion(file);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

function setAside(file: string, clock: Clock): string {
  const aside = `${file}.damaged-${new Date(clock.now()).toISOString().replaceAll(/[:.]/g, '-')}`;
  for (const suffix of ['', '-wal', '-shm']) if (existsSync(file + suffix)) renameSync(file + suffix, aside + suffix);
  return aside;
}
