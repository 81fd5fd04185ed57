import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ClayError, type Clock, type Log } from '@clay/sdk';
import type { PreflightReport } from '../preflight/report.ts';
import { readVolumeHold, type VolumeHold } from '../store/volume-hold.ts';
import { startStandbyServer } from './standby-server.ts';
import { type StandbyState, writeStandbyState } from './standby-state.ts';

export interface StandbyOptions {
  /** Of this standby; a container that took the volume under it does not stand by again. */
  readonly id: string;
  /** The folder of the volume's lock. */
  readonly data: string;
  readonly host: string;
  readonly port: number;
  readonly preflight: () => Promise<PreflightReport>;
  readonly clock: Clock;
  readonly log: Log;
  /** A line of JSON for whoever started the container. */
  readonly tell: (line: object) => void;
  /** Somebody wants it to end. */
  readonly signal: AbortSignal;
}

const lookEveryMs = 50;
/** The medic of a host that was killed starts it again within seconds: only a volume that stays free is anybody's. */
const leftMs = 10_000;

/** The id that `CLAY_STANDBY` asks for; null: to stand by is not asked for. */
export function parseStandby(text: string | undefined, hostname: string): string | null {
  if (text === undefined || text === '') return null;
  const match = /^wait(?::([A-Za-z0-9._-]{1,64}))?$/.exec(text);
  if (match !== null) return match[1] ?? hostname;
  throw new ClayError(
    'BAD_ARGUMENTS',
    `CLAY_STANDBY is ${JSON.stringify(text)}; it must be "wait" or "wait:" and an id of at most 64 letters, digits, ".", "_" and "-".`,
  );
}

export function hasTaken(data: string, id: string): boolean {
  try {
    return readFileSync(takenFile(data), 'utf8').trim() === id;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/**
 * Checks that this version could be the claw, then waits until the volume is free. Writes nothing to the volume before
 * it is. `taken`: it is this container's now, as far as anybody can tell without its lock, which the host takes next.
 */
export async function standBy(options: StandbyOptions): Promise<'taken' | 'failed' | 'stopped'> {
  const { id, data, clock, log, tell, signal } = options;
  let now: StandbyState = { state: 'checking', report: null };
  const enter = (state: StandbyState['state'], report: PreflightReport) => {
    now = { state, report };
    writeStandbyState(now);
  };
  writeStandbyState(now);
  const server = await startStandbyServer({ ...options, state: () => now, log });
  try {
    const report = await options.preflight();
    tell(report);
    if (!report.ok) {
      enter('failed', report);
      return 'failed';
    }
    enter('waiting', report);
    tell({ event: 'standby', state: 'waiting' });
    const found = await untilFree(data, clock, signal);
    if (found === null) return 'stopped';
    enter('taking', report);
    tell({ event: 'standby', state: 'taking', wasUnclean: found === 'left' });
    mkdirSync(join(data, 'medic'), { recursive: true });
    writeFileSync(takenFile(data), `${id}\n`);
    return 'taken';
  } finally {
    await server.close();
  }
}

/** Null: it was told to end. */
async function untilFree(data: string, clock: Clock, signal: AbortSignal): Promise<VolumeHold | null> {
  let leftAt: number | null = null;
  while (!signal.aborted) {
    const hold = readVolumeHold(data);
    if (hold === 'free') return hold;
    leftAt = hold === 'left' ? (leftAt ?? clock.now()) : null;
    if (leftAt !== null && clock.now() - leftAt >= leftMs) return hold;
    await clock.sleep(lookEveryMs, signal).catch(() => {});
  }
  return null;
}

function takenFile(data: string): string {
  return join(data, 'medic', 'standby-taken');
}
