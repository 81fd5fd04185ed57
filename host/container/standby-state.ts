import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PreflightReport } from '../preflight/report.ts';

/** What a container in standby is about. `failed`: it is about to end. `taking`: it is becoming the claw. */
export interface StandbyState {
  readonly state: 'checking' | 'waiting' | 'taking' | 'failed';
  /** Null while it checks. */
  readonly report: PreflightReport | null;
}

/** Beside the volumes: a standby writes nothing to them. */
const stateFile = () => join(tmpdir(), 'clay-standby.json');

export function writeStandbyState(state: StandbyState): void {
  const file = stateFile();
  writeFileSync(`${file}.new`, JSON.stringify(state), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** Null: this container has not been a standby. */
export function readStandbyState(): StandbyState | null {
  try {
    return JSON.parse(readFileSync(stateFile(), 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
