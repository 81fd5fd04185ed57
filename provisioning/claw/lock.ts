import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ProvisioningError } from '../errors.ts';
import { makePrivateFolder } from './private-file.ts';

/** Runs `work` while nobody else on this host works on the claw. Of two that come at once, one gets an error. */
export async function withLock<Result>(root: string, username: string, work: () => Promise<Result>): Promise<Result> {
  const folder = join(root, 'locks');
  makePrivateFolder(folder);
  const file = join(folder, `${username}.lock`);
  takeLock(file, username);
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

function takeLock(file: string, username: string): void {
  const holder = JSON.stringify({ pid: process.pid, boot: bootId() });
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      writeFileSync(file, holder, { flag: 'wx', mode: 0o600 });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    if (!setAsideIfDead(file)) break;
  }
  throw new ProvisioningError(
    'BUSY',
    `Another command works on the claw ${username} right now (${file}). Wait for it, and try again.`,
  );
}

/** A rename is taken by one of several that find the same dead holder. */
function setAsideIfDead(file: string): boolean {
  const found = existsSync(file) ? readFileSync(file, 'utf8') : '';
  // Somebody has made the file and not yet written into it.
  if (found === '' && existsSync(file)) return false;
  if (found !== '' && isAlive(found)) return false;
  const aside = `${file}.${process.pid}`;
  try {
    renameSync(file, aside);
    // Between reading and renaming, another may have set the dead one aside and taken the lock.
    if (readFileSync(aside, 'utf8') !== found) renameSync(aside, file);
    else rmSync(aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  return true;
}

function isAlive(holder: string): boolean {
  try {
    const { pid, boot } = JSON.parse(holder);
    if (boot !== bootId()) return false;
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** A process id of before the last start of the machine says nothing. */
function bootId(): string {
  const file = '/proc/sys/kernel/random/boot_id';
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
}
