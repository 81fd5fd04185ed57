import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ClayError } from '@clay/sdk';

const newFileMode = 0o644;
/** A new file, every write of which reaches the disk before it returns: a process under Node's permission model has no fsync. */
const { O_WRONLY, O_CREAT, O_EXCL, O_SYNC } = constants;

/** Writes a file whole or not at all; a file that is there keeps its mode. */
export async function writeFileWhole(path: string, bytes: Uint8Array, shown: string): Promise<void> {
  const mode = await modeOf(path, shown);
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  const temporary = join(folder, `.${basename(path).slice(0, 100)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    const handle = await open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_SYNC, mode);
    try {
      await handle.writeFile(bytes);
      // By its path: Node's permission model refuses it by the handle.
      await chmod(temporary, mode);
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function modeOf(path: string, shown: string): Promise<number> {
  try {
    const found = await stat(path);
    if (!found.isFile())
      throw new ClayError(
        'BAD_ARGUMENTS',
        `${shown} is ${found.isDirectory() ? 'a folder' : 'no regular file'} and cannot be written.`,
      );
    return found.mode & 0o777;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return newFileMode;
    throw error;
  }
}
