import type { Clock } from '../clock.ts';

/** A clock that stands still until a test turns it. */
export interface FakeClock extends Clock {
  /** Turns the clock: what comes due runs in its order, and what it sets off runs before the next. */
  advance(ms: number): Promise<void>;
  /** Timers that wait. */
  readonly pending: number;
}

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly callback: () => void;
}

/**
 * Makes a {@link FakeClock}.
 *
 * @param start milliseconds since the epoch; default 2026-01-01T00:00:00Z
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { createFakeClock } from '@clay/sdk/testing';
 *
 * const clock = createFakeClock();
 * let rang = false;
 * clock.after(60_000, () => { rang = true; });
 * await clock.advance(60_000);
 * assert.ok(rang);
 * ```
 */
export function createFakeClock(start: number = Date.UTC(2026, 0, 1)): FakeClock {
  let now = start;
  let order = 0;
  const timers = new Set<Timer>();
  const after = (ms: number, callback: () => void) => {
    const timer = { at: now + Math.max(0, ms), order: ++order, callback };
    timers.add(timer);
    return () => {
      timers.delete(timer);
    };
  };
  return {
    now: () => now,
    after,
    sleep(ms, signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const onAbort = () => {
          cancel();
          reject(signal?.reason);
        };
        const cancel = after(ms, () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        });
        signal?.addEventListener('abort', onAbort, { once: true });
      });
    },
    async advance(ms) {
      const end = now + ms;
      await settle();
      for (let timer = next(timers, end); timer !== undefined; timer = next(timers, end)) {
        now = timer.at;
        timers.delete(timer);
        timer.callback();
        await settle();
      }
      now = end;
    },
    get pending() {
      return timers.size;
    },
  };
}

function next(timers: ReadonlySet<Timer>, end: number): Timer | undefined {
  let first: Timer | undefined;
  for (const timer of timers) {
    if (timer.at > end) continue;
    if (first === undefined || timer.at < first.at || (timer.at === first.at && timer.order < first.order))
      first = timer;
  }
  return first;
}

/** Lets promises and messages on their way arrive. */
export async function settle(): Promise<void> {
  for (let round = 0; round < 3; round++) await new Promise<void>((resolve) => setImmediate(resolve));
}
