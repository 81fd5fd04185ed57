import { readdirSync, readFileSync } from 'node:fs';

/** One process as the kernel of the machine tells it. `startedAt` and the pid together name it for ever, a pid alone does not. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** Ticks since the machine started. */
  readonly startedAt: number;
  readonly isZombie: boolean;
}

const pageBytes = 4096;

/** Reads a process from `/proc`; null when there is none, or no `/proc` (then nothing is known of any process). */
export function readProcess(pid: number): ProcessEntry | null {
  const text = read(`/proc/${pid}/stat`);
  if (text === null) return null;
  // The name stands in parentheses and may hold any character, also a parenthesis.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return {
    pid,
    parent: Number(fields[1]),
    group: Number(fields[2]),
    startedAt: Number(fields[19]),
    isZombie: fields[0] === 'Z' || fields[0] === 'X',
  };
}

/** Resident bytes; null when nothing is known of the process. */
export function residentBytes(pid: number): number | null {
  const text = read(`/proc/${pid}/statm`);
  return text === null ? null : Number(text.split(' ')[1]) * pageBytes;
}

/** Every process that there is, or that this one may see. */
export function listProcesses(): readonly ProcessEntry[] {
  let names: string[];
  try {
    names = readdirSync('/proc');
  } catch {
    return [];
  }
  return names
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readProcess(Number(name)))
    .filter((entry) => entry !== null);
}

/** Everything that a process has started, and that they have started. */
export function descendantsOf(pid: number, processes: readonly ProcessEntry[]): readonly ProcessEntry[] {
  const found: ProcessEntry[] = [];
  const parents = new Set([pid]);
  for (let before = -1; before !== found.length; ) {
    before = found.length;
    for (const entry of processes) {
      if (!parents.has(entry.parent) || parents.has(entry.pid)) continue;
      parents.add(entry.pid);
      found.push(entry);
    }
  }
  return found;
}

/** Names the run of the machine: ticks and pids of another mean nothing. Empty where it is not told. */
export function machineRun(): string {
  return read('/proc/sys/kernel/random/boot_id')?.trim() ?? '';
}

/** Whether this very process, and not a later one of the same pid, is there and runs. */
export function isRunning({ pid, startedAt }: Pick<ProcessEntry, 'pid' | 'startedAt'>): boolean {
  const entry = readProcess(pid);
  return entry !== null && entry.startedAt === startedAt && !entry.isZombie;
}

/** Kills a process, or with a negative pid its group; false when there is none, or none that this one may kill. */
export function killProcess(pid: number): boolean {
  try {
    process.kill(pid, 'SIGKILL');
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ESRCH' || code === 'EPERM') return false;
    throw error;
  }
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
