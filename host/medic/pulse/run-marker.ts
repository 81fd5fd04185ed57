import { mkdirSync, readFileSync, renameSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '@clay/sdk';
import { machineRun, readProcess } from '../../process/process-table.ts';
import type { Birth } from '../supervisor/exit-log.ts';

/** What a host writes of its own life, for the next one: by its last touch it was alive. */
export interface RunMarker extends Birth {
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** It was asked to stop, or has nobody left who would start it again. */
  readonly isStopping: boolean;
}

export interface ReadMarker extends RunMarker {
  /** When it was last touched. */
  readonly aliveAt: number;
}

const touchEveryMs = 5_000;

function markerFile(dataFolder: string): string {
  return join(dataFolder, 'medic', 'host.json');
}

/** Null when there is none, or none that can be believed. */
export function readMarker(dataFolder: string): ReadMarker | null {
  const file = markerFile(dataFolder);
  try {
    const marker: Partial<RunMarker> | null = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof marker?.pid !== 'number' || typeof marker.startedAt !== 'number') return null;
    return { ...(marker as RunMarker), aliveAt: Math.round(statSync(file).mtimeMs) };
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Keeps the marker of this process: writes it, touches it, and tells in it that the end is wanted. */
export class RunMarkerKeeper {
  readonly #file: string;
  readonly #clock: Clock;
  readonly #onFailure: (error: Error) => void;
  #marker: RunMarker;

  /** Throws when it cannot be written: without it the next host would take this one's plugins for sound. */
  constructor(dataFolder: string, clock: Clock, onFailure: (error: Error) => void) {
    this.#file = markerFile(dataFolder);
    this.#clock = clock;
    this.#onFailure = onFailure;
    this.#marker = {
      pid: process.pid,
      ticks: readProcess(process.pid)?.startedAt ?? null,
      machineRun: machineRun(),
      startedAt: clock.now(),
      isStopping: false,
    };
    mkdirSync(join(dataFolder, 'medic'), { recursive: true, mode: 0o700 });
    this.#write();
    this.#keepTouching();
    process.once('exit', () => this.#touch());
  }

  stopping(): void {
    if (this.#marker.isStopping) return;
    this.#marker = { ...this.#marker, isStopping: true };
    this.#attempt(() => this.#write());
  }

  #keepTouching(): void {
    this.#clock.after(touchEveryMs, () => {
      this.#touch();
      this.#keepTouching();
    });
  }

  #touch(): void {
    const now = this.#clock.now() / 1_000;
    this.#attempt(() => utimesSync(this.#file, now, now));
  }

  /** Whole or not at all. */
  #write(): void {
    writeFileSync(`${this.#file}.new`, JSON.stringify(this.#marker), { mode: 0o600 });
    renameSync(`${this.#file}.new`, this.#file);
    const now = this.#clock.now() / 1_000;
    utimesSync(this.#file, now, now);
  }

  /** A full or vanished volume stops the marker, not the host. */
  #attempt(write: () => void): void {
    try {
      write();
    } catch (error) {
      this.#onFailure(error as Error);
    }
  }
}
