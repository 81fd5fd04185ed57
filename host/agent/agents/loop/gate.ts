import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Hash of each file, null where there is none or it is empty. */
export type GateHashes = Readonly<Record<string, string | null>>;

export async function readGate(root: string, paths: readonly string[]): Promise<GateHashes> {
  const entries = await Promise.all(paths.map(async (path) => [path, await hashOf(join(root, path))] as const));
  return Object.fromEntries(entries);
}

/** What is still missing, a sentence each; nothing when the gate is open. */
export function closedBecause(before: GateHashes, now: GateHashes): string[] {
  return Object.entries(now).flatMap(([path, hash]) => {
    if (hash === null) return `${path} is not there, or empty.`;
    return hash === before[path] ? `${path} has not changed since the loop began.` : [];
  });
}

async function hashOf(file: string): Promise<string | null> {
  try {
    const bytes = await readFile(file);
    return bytes.toString('utf8').trim() === '' ? null : createHash('sha256').update(bytes).digest('hex');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
