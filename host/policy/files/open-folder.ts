import { constants, existsSync } from 'node:fs';
import { open, readlink } from 'node:fs/promises';
import { ClayError } from '@clay/sdk';

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = constants;
/** Where Linux shows the open files of a process; names below an entry are looked up in that very folder. */
const descriptors = '/proc/self/fd';

/**
 * Holds a folder open while something is done in it, and gives a path to it that nobody can bend: between the check of a
 * path and its use another process may have put a link in its place.
 */
export async function withFolder<T>(real: string, work: (folder: string) => Promise<T>): Promise<T> {
  const handle = await open(real, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  try {
    // Elsewhere the check of the path has to do: there is no other way to name an open folder.
    if (!existsSync(descriptors)) return await work(real);
    const folder = `${descriptors}/${handle.fd}`;
    const now = await readlink(folder);
    if (now !== real) throw new ClayError('REFUSED', `${real} leads to ${now}: a link took its place.`);
    return await work(folder);
  } finally {
    await handle.close();
  }
}
