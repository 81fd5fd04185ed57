import { readFileSync } from 'node:fs';
import { isRunning, killProcess, listProcesses } from '../../process/process-table.ts';

/**
 * Kills the processes of this machine that carry a variable with this value: what a dead medic has started, and what that
 * has started, wherever it stands in the tree. Nothing has to be written down for it.
 */
export function killOrphans(variable: string, value: string): number {
  const mark = `${variable}=${value}`;
  let killed = 0;
  for (const entry of listProcesses()) {
    if (entry.pid === process.pid || !environmentOf(entry.pid).includes(mark)) continue;
    if (isRunning(entry) && killProcess(entry.pid)) killed += 1;
  }
  return killed;
}

/** Empty for a process of another user, and for one that is gone. */
function environmentOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    return [];
  }
}
