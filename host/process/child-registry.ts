import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { descendantsOf, isRunning, killProcess, listProcesses, machineRun } from './process-table.ts';

/** A child as it is written down: enough to know it again after the host has died, and to know it from a stranger. */
export interface ChildRecord {
  readonly plugin: string;
  readonly generation: number;
  readonly pid: number;
  /** Ticks since the machine started. */
  readonly startedAt: number;
  /** Of the machine's run that the ticks belong to. */
  readonly machineRun: string;
}

/** The children of this host, on disk: a host that was killed leaves them behind, and its successor ends them. */
export interface ChildRegistry {
  /** Writes a child down; gives what strikes it out. */
  add(child: Omit<ChildRecord, 'machineRun'>): () => void;
  /** Ends what a dead host has left running, with everything that it had started. Gives those that were ended. */
  killOrphans(): readonly ChildRecord[];
}

/** Opens the registry in `folder`, a file for each child. One host at a time: the volume's lock sees to that. */
export function openChildRegistry(folder: string): ChildRegistry {
  mkdirSync(folder, { recursive: true });
  const run = machineRun();
  return {
    add(child) {
      const file = join(folder, `${child.pid}-${child.startedAt}.json`);
      // Whole or not at all: a record that is cut cannot be believed.
      writeFileSync(`${file}.new`, JSON.stringify({ ...child, machineRun: run }));
      renameSync(`${file}.new`, file);
      return () => rmSync(file, { force: true });
    },
    killOrphans() {
      const killed: ChildRecord[] = [];
      for (const name of readdirSync(folder)) {
        const file = join(folder, name);
        const child = name.endsWith('.json') ? parseRecord(readFileSync(file, 'utf8')) : null;
        // A pid that another process has by now, or a machine that has started again: nobody of ours is left there.
        if (child !== null && child.machineRun === run && isRunning(child)) {
          killFamily(child.pid);
          killed.push(child);
        }
        rmSync(file, { force: true });
      }
      return killed;
    },
  };
}

/** Kills a process that leads its group, the group, and what has left the group but not its parent. */
export function killFamily(pid: number): void {
  const family = descendantsOf(pid, listProcesses());
  killProcess(-pid);
  for (const { pid: member, startedAt } of family) {
    if (isRunning({ pid: member, startedAt })) killProcess(member);
  }
}

function parseRecord(text: string): ChildRecord | null {
  let record: Partial<ChildRecord> | null;
  try {
    record = JSON.parse(text);
  } catch {
    return null;
  }
  const { plugin, generation, pid, startedAt, machineRun } = record ?? {};
  if (typeof plugin !== 'string' || typeof generation !== 'number' || typeof machineRun !== 'string') return null;
  if (!isPositive(pid) || !isPositive(startedAt) || pid === 1) return null;
  return { plugin, generation, pid, startedAt, machineRun };
}

function isPositive(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}
