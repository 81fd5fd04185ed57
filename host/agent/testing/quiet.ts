import type { Clock, JsonObject, Log } from '@clay/sdk';
import { systemClock } from '../../clock.ts';

/** A log that keeps its events. */
export function recordingLog(): Log & { readonly events: { readonly event: string; readonly fields: JsonObject }[] } {
  const events: { event: string; fields: JsonObject }[] = [];
  const keep = (event: string, fields: JsonObject = {}) => {
    events.push({ event, fields });
  };
  return { events, debug: keep, info: keep, warn: keep, error: keep };
}

/** Real time, except that nobody waits: sleeps are written down and end at once. */
export function impatientClock(): Clock & { readonly sleeps: number[] } {
  const sleeps: number[] = [];
  return {
    sleeps,
    now: systemClock.now,
    after: systemClock.after,
    async sleep(ms, signal) {
      sleeps.push(ms);
      signal?.throwIfAborted();
    },
  };
}
