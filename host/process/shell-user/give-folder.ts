import { closeSync, constants, fchmodSync, fchownSync, lchownSync, lstatSync, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ShellUser } from './find-shell-user.ts';

/** What is made in it belongs to the folder's group, whoever makes it. */
const sharedMode = 0o2770;
const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = constants;

/**
 * Makes a folder, with all that lies in it, the user's own. Whoever works in it may change it meanwhile: no link is
 * followed, and a file that has a second name, maybe in the host's state, stays whose it is.
 */
export function giveFolder(folder: string, { uid, gid }: ShellUser): void {
  const handle = openSync(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  try {
    fchownSync(handle, uid, gid);
    fchmodSync(handle, sharedMode);
    const opened = `/proc/self/fd/${handle}`;
    for (const { name } of readdirSync(opened, { withFileTypes: true })) {
      const place = join(opened, name);
      const found = lstatSync(place, { throwIfNoEntry: false });
      if (found === undefined) continue;
      if (found.isDirectory()) giveInner(place, { uid, gid });
      else if (found.nlink === 1 && found.uid !== uid) lchownSync(place, uid, gid);
    }
  } finally {
    closeSync(handle);
  }
}

/** One that was taken away or replaced meanwhile is left to whoever did that. */
function giveInner(folder: string, user: ShellUser): void {
  try {
    giveFolder(folder, user);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ENOTDIR' && code !== 'ELOOP') throw error;
  }
}
