import { join } from 'node:path';
import type { LaneEntry } from './lane-entry.ts';

/**
 * The flags of a lane's Node. Never among them: `--allow-worker`, which undoes the permission model, nor any other
 * grant but its own code: the script's effects are the host's.
 */
export function laneFlags(entry: LaneEntry, heapMb: number): readonly string[] {
  return [
    '--permission',
    ...entry.folders.map((folder) => `--allow-fs-read=${join(folder, '*')}`),
    // SQLite writes files that the permission model knows nothing of.
    '--no-experimental-sqlite',
    '--disable-proto=delete',
    '--disable-sigusr1',
    '--no-addons',
    '--disallow-code-generation-from-strings',
    `--max-old-space-size=${heapMb}`,
    '--max-semi-space-size=2',
    '--disable-warning=SecurityWarning',
    '--disable-warning=ExperimentalWarning',
    '--report-on-fatalerror',
    '--report-filename=stderr',
    '--report-compact',
    '--report-exclude-env',
    '--report-exclude-network',
  ];
}
