import { chmodSync, lstatSync, mkdirSync, readdirSync, realpathSync, symlinkSync } from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import type { ShellUser } from './find-shell-user.ts';
import { giveFolder } from './give-folder.ts';

export interface PreparedPaths {
  readonly root: string;
  readonly data: string;
  readonly files: string;
  readonly database: string;
  readonly public: string;
  readonly extensions: string;
  /** Where commands begin. */
  readonly work: string;
}

/** Nothing for users that are neither the owner nor of the group: to the host's state the second user is such a one. */
const hostUmask = 0o007;
/** To be gone through, and no more. */
const passableMode = 0o711;
/** Folders below `data` that the agent works in. */
const workedIn = ['plugins', 'skills', 'ops'];

/**
 * Shuts the host's state to the second user, and opens what it works in: the claw's folder, `data` and `data/files` can be
 * gone through but not listed; all in them is shut but for the folders that it may write, which become its own. What the
 * host makes from now on is shut too, and in a folder of the second user open to both.
 */
export function prepareFolders(paths: PreparedPaths, user: ShellUser): void {
  process.umask(hostUmask);
  const passable = [paths.root, paths.data, paths.files];
  const open = openFolders(paths);
  for (const folder of [...passable, ...open]) mkdirSync(folder, { recursive: true });
  for (const folder of passable) {
    for (const name of readdirSync(folder)) {
      const place = join(folder, name);
      if (!open.includes(place) && !passable.includes(place) && !holdsProgram(place)) shut(place);
    }
  }
  for (const suffix of ['', '-wal', '-shm']) shut(`${paths.database}${suffix}`);
  for (const folder of passable) chmodSync(folder, passableMode);
  // Paths that are written from the claw's folder on, such as data/plugins/x, mean the same in the work folder.
  for (const folder of [paths.data, paths.public]) link(folder, join(paths.work, basename(folder)));
  // The folders above are the host's: what they name is what the operator has put there.
  for (const folder of open) giveFolder(realpathSync(folder), user);
}

/** All that the second user may write, beside the own folders of the plugins that run as it. */
export function openFolders({ data, public: page, extensions, work }: PreparedPaths): readonly string[] {
  return [work, page, extensions, ...workedIn.map((name) => join(data, name))];
}

/** Lets everybody read a build on the volume: it is code, and no state. */
export function lendBuild(folder: string, data: string): void {
  for (const name of readdirSync(folder)) chmodSync(join(folder, name), 0o444);
  chmodSync(folder, 0o755);
  for (let parent = dirname(folder); parent.startsWith(data + sep); parent = dirname(parent))
    chmodSync(parent, passableMode);
}

/** Where the installation lies below the claw's folder, as in the image, the second user has to read it. */
function holdsProgram(place: string): boolean {
  return [import.meta.dirname, realpathSync(process.execPath)].some((file) => file.startsWith(place + sep));
}

function link(folder: string, place: string): void {
  if (lstatSync(place, { throwIfNoEntry: false }) === undefined) symlinkSync(folder, place);
}

function shut(place: string): void {
  const found = lstatSync(place, { throwIfNoEntry: false });
  if (found !== undefined && !found.isSymbolicLink()) chmodSync(place, found.mode & 0o7770);
}
