import { constants, readFileSync, statSync } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ClayError } from '@clay/sdk';

const maxReadBytes = 1024 * 1024;
/** Every write reaches the disk before it returns: a process under Node's permission model has no fsync. */
const { O_WRONLY, O_CREAT, O_TRUNC, O_SYNC } = constants;

/**
 * The text of a regular file, or null when there is none. Read at once: a few small files before every turn, for which
 * an asynchronous read costs ten times as much as the reading.
 */
export function readTextFile(file: string): string | null {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined) return null;
  if (!found.isFile()) throw new ClayError('CONFLICT', `${file} is no regular file. Move it away.`);
  if (found.size > maxReadBytes) {
    throw new ClayError(
      'TOO_LARGE',
      `${file} has ${found.size} bytes; at most ${maxReadBytes} are read. Make it shorter.`,
    );
  }
  return readFileSync(file, 'utf8');
}

/** Writes a file so that a reader, and a machine that stops at any moment, sees the old text or the new one whole. */
export async function writeTextFile(file: string, text: string): Promise<void> {
  const folder = dirname(file);
  await mkdir(folder, { recursive: true });
  const temporary = join(folder, `.${basename(file)}.${process.pid}.tmp`);
  try {
    const handle = await open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_SYNC, 0o644);
    try {
      await handle.writeFile(text);
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  // The new name is on the disk a moment later then; either name leads to a whole text.
  if (process.permission !== undefined) return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
