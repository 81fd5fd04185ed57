import { setTimeout as wait } from 'node:timers/promises';

/** The one timer of this package. */
export interface Clock {
  now(): number;
  wait(ms: number): Promise<void>;
}

export const systemClock: Clock = { now: () => Date.now(), wait: (ms) => wait(ms) };
