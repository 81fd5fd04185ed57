import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '@clay/sdk';
import { Connection } from './connection.ts';
import { explainStoreFailure, StoreError } from './store-error.ts';

/** The exclusive right of this process to a volume. */
export interface VolumeLock {
  /** The holder before did not release: it was killed, or the machine stopped. */
  readonly wasUnclean: boolean;
  release(): void;
}

/** A restart may overlap the last moments of the old host. */
const handoverMs = 1000;

/**
 * Takes the volume of a folder. The lock is an open exclusive transaction on a small SQLite file, so the operating system frees
 * it when the process ends, however it ends. The note beside it names the holder, and its presence tells the next host that the
 * last one did not end cleanly.
 */
export function lockVolume(folder: string, clock: Clock): VolumeLock {
  const lockFile = lockFileOf(folder);
  const noteFile = noteFileOf(folder);
  try {
    mkdirSync(folder, { recursive: true });
    const connection = takeLock(lockFile, noteFile, folder);
    const wasUnclean = readNote(noteFile) !== null;
    writeFileSync(noteFile, `${JSON.stringify({ pid: process.pid, since: new Date(clock.now()).toISOString() })}\n`);
    return {
      wasUnclean,
      release() {
        rmSync(noteFile, { force: true });
        connection.close();
      },
    };
  } catch (error) {
    throw explainStoreFailure(error, folder);
  }
}

export function lockFileOf(folder: string): string {
  return join(folder, 'host.lock');
}

/** Names the holder; there as long as it has not released the volume. */
export function noteFileOf(folder: string): string {
  return join(folder, 'host.running.json');
}

function takeLock(lockFile: string, noteFile: string, folder: string): Connection {
  const connection = new Connection(lockFile, { busyTimeoutMs: handoverMs });
  try {
    connection.exec('BEGIN EXCLUSIVE');
    return connection;
  } catch (error) {
    connection.close();
    if (!(error instanceof StoreError && error.fault === 'DATABASE_BUSY')) throw error;
    const holder = readNote(noteFile);
    const who = holder === null ? 'an unknown process' : `process ${holder.pid}, running since ${holder.since}`;
    const stop = holder === null ? 'Stop it' : `Stop it (kill ${holder.pid}; in its own container, if it runs in one)`;
    throw new StoreError(
      'VOLUME_IN_USE',
      `Another Clay host holds ${folder}: ${who}. ${stop}, or start this one on a folder of its own with CLAY_ROOT.`,
      error,
    );
  }
}

/** Null when there is none; an unreadable note still tells that somebody did not end cleanly. */
function readNote(file: string): { readonly pid: string; readonly since: string } | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  const field = (name: string) => text.match(new RegExp(`"${name}":"?([^",}]+)`))?.[1] ?? 'unknown';
  return { pid: field('pid'), since: field('since') };
}
