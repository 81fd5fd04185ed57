import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { ClayError, type Clock } from '@clay/sdk';
import { Connection } from './connection.ts';
import type { Backup, StoreOptions } from './store.ts';
import { explainStoreFailure } from './store-error.ts';
import { parseTimeStamp, timeStamp } from './time-stamp.ts';
import { lockVolume } from './volume-lock.ts';

const prefix = 'messages-';
const suffix = '.db';
const dayMs = 24 * 60 * 60 * 1000;
const hourMs = 60 * 60 * 1000;
/** A copy holds all that the database holds. */
const ownerOnly = 0o600;

/** Newest first. Other files in the folder are left alone. */
export function backupsIn(folder: string): readonly Backup[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .flatMap((name) => {
      if (!name.startsWith(prefix) || !name.endsWith(suffix)) return [];
      const createdAt = parseTimeStamp(name.slice(prefix.length, -suffix.length));
      const file = join(folder, name);
      return createdAt === null ? [] : [{ file, sizeBytes: statSync(file).size, createdAt }];
    })
    .sort((a, b) => b.createdAt - a.createdAt);
}

/**
 * Copies the running database. The copy gets its name only when it is whole and on the disk; older copies beyond `keep` go only
 * then.
 */
export async function backUp(connection: Connection, folder: string, keep: number, clock: Clock): Promise<Backup> {
  const createdAt = clock.now();
  const file = join(folder, prefix + timeStamp(createdAt) + suffix);
  const unfinished = `${file}.unfinished`;
  try {
    mkdirSync(folder, { recursive: true });
    for (const name of readdirSync(folder)) if (name.endsWith('.unfinished')) rmSync(join(folder, name));
    await connection.backup(unfinished);
    chmodSync(unfinished, ownerOnly);
    syncFile(unfinished);
    renameSync(unfinished, file);
    syncFile(folder);
    for (const old of backupsIn(folder).slice(Math.max(1, keep))) rmSync(old.file);
    return { file, sizeBytes: statSync(file).size, createdAt };
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw explainStoreFailure(error, file);
  }
}

/**
 * Puts a backup in the place of the database, whose host must be stopped. What was there is kept beside it.
 *
 * @returns the file that the former database was moved to, or null when there was none.
 */
export function restoreBackup(
  backup: string,
  options: Pick<StoreOptions, 'database' | 'data' | 'clock'>,
): { readonly former: string | null } {
  checkBackup(backup);
  const lock = lockVolume(options.data, options.clock);
  try {
    mkdirSync(dirname(options.database), { recursive: true });
    const incoming = `${options.database}.incoming`;
    copyFileSync(backup, incoming);
    chmodSync(incoming, ownerOnly);
    syncFile(incoming);
    const former = existsSync(options.database)
      ? `${options.database}.before-restore-${timeStamp(options.clock.now())}`
      : null;
    for (const part of ['', '-wal', '-shm']) {
      if (former !== null && existsSync(options.database + part)) renameSync(options.database + part, former + part);
    }
    renameSync(incoming, options.database);
    syncFile(dirname(options.database));
    return { former };
  } catch (error) {
    throw explainStoreFailure(error, options.database);
  } finally {
    lock.release();
  }
}

function checkBackup(file: string): void {
  if (!existsSync(file)) throw new ClayError('NOT_FOUND', `There is no backup ${file}.`);
  const connection = new Connection(file, { readonly: true });
  try {
    const finding = connection.pragma('quick_check(1)');
    if (finding !== 'ok') throw new ClayError('BAD_ARGUMENTS', `The backup ${file} is damaged: ${String(finding)}.`);
  } finally {
    connection.close();
  }
}

/**
 * Makes a backup whenever the newest is older than a day, and looks every hour, so that a claw that sleeps at night still gets
 * its copy. Gives the stop.
 */
export function scheduleBackups(
  store: { backup(): Promise<Backup>; backups(): readonly Backup[] },
  clock: Clock,
  onResult: (result: { readonly backup: Backup } | { readonly error: unknown }) => void,
): () => void {
  let cancel: () => void = () => {};
  let stopped = false;
  const look = async (): Promise<void> => {
    const newest = store.backups()[0];
    if (newest === undefined || clock.now() - newest.createdAt >= dayMs || newest.createdAt > clock.now()) {
      try {
        onResult({ backup: await store.backup() });
      } catch (error) {
        onResult({ error });
      }
    }
    if (!stopped) cancel = clock.after(hourMs, look);
  };
  cancel = clock.after(hourMs / 60, look);
  return () => {
    stopped = true;
    cancel();
  };
}

function syncFile(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
