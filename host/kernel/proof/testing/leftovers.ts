import { readdirSync, readFileSync } from 'node:fs';
import { descendantsOf, listProcesses } from '../../../process/process-table.ts';

/** Processes below this one that run something of these plugins' builds; with a null, of any plugin's. */
export function processesOf(plugin: string | null): readonly number[] {
  return descendantsOf(process.pid, listProcesses())
    .filter(({ isZombie }) => !isZombie)
    .map(({ pid }) => pid)
    .filter((pid) => commandOf(pid).includes(plugin === null ? '/data/generations/' : `/generations/${plugin}/`));
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
