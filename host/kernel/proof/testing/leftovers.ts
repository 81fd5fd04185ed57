import { readdirSync, readFileSync } from 'node:fs';
import { systemClock } from '../../../clock.ts';
import { descendantsOf, listProcesses } from '../../../process/process-table.ts';

/** Processes below this one that run something of these plugins' builds; with a null, of any plugin's. */
export function processesOf(plugin: string | null): readonly number[] {
  return descendantsOf(process.pid, listProcesses())
    .filter(({ isZombie }) => !isZombie)
    .map(({ pid }) => pid)
    .filter((pid) => commandOf(pid).includes(plugin === null ? '/data/generations/' : `/generations/${plugin}/`));
}

/** Resolves when there are no more than so many of them; throws when they stay. */
export function untilProcesses(plugin: string | null, count: number): Promise<void> {
  return until(
    () => processesOf(plugin).length <= count,
    () => `Processes are left behind: ${processesOf(plugin).join(', ')}.`,
  );
}

/** Resolves when no more than so many files are open; throws when they stay open. */
export function untilFiles(count: number): Promise<void> {
  return until(
    () => openFiles() <= count,
    () => `${openFiles()} files are open, where there were ${count} before.`,
  );
}

export function openFiles(): number {
  return readdirSync('/proc/self/fd').length;
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

async function until(isTrue: () => boolean, describe: () => string): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!isTrue()) {
    if (Date.now() > deadline) throw new Error(describe());
    await systemClock.sleep(20);
  }
}
