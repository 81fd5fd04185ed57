import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Replaces a file as a whole: a reader, and a machine that stops at any moment, sees the old text or the new one. */
export async function replaceFile(place: string, text: string): Promise<void> {
  const temporary = join(dirname(place), `.${randomUUID()}.tmp`);
  try {
    await writeNew(temporary, text, 0o644);
    await rename(temporary, place);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(dirname(place));
}

/** Makes a folder of files that appears whole or not at all. Throws `ENOTEMPTY` or `EEXIST` when it is there already. */
export async function makeFolder(place: string, files: Readonly<Record<string, string>>): Promise<void> {
  const parent = dirname(place);
  const temporary = join(parent, `.${randomUUID()}.tmp`);
  await mkdir(temporary, { recursive: true });
  try {
    for (const [name, text] of Object.entries(files)) await writeNew(join(temporary, name), text, 0o444);
    await syncFolder(temporary);
    await rename(temporary, place);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
  await syncFolder(parent);
}

async function writeNew(place: string, text: string, mode: number): Promise<void> {
  const handle = await open(place, 'wx', mode);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A rename lasts once its folder is on the disk. Windows has no such thing. */
async function syncFolder(place: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(place, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
