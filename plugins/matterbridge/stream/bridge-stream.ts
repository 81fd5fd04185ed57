import { type Clock, type Log, toFailure } from '@clay/sdk';
import { backoffMs } from './backoff.ts';
import type { BridgeApi } from './bridge-api.ts';
import { LineSplitter } from './line-splitter.ts';

const probeMs = 20_000;
const probeTimeoutMs = 5_000;

export interface BridgeStreamOptions {
  readonly api: BridgeApi;
  readonly clock: Clock;
  readonly log: Log;
  /** Called for one line after the other; the next waits until this one is taken. */
  readonly onLine: (line: string) => Promise<void>;
}

/**
 * Holds one stream, for ever: two would compete for the messages. What comes while it is cut stays in matterbridge, and
 * is first on the next stream. Resolves when the signal aborts and every line that was read whole is taken.
 */
export async function followStream(options: BridgeStreamOptions, signal: AbortSignal): Promise<void> {
  const { clock, log } = options;
  let failures = 0;
  while (!signal.aborted) {
    let wasConnected = false;
    try {
      await readStream(options, signal, () => {
        wasConnected = true;
        if (failures > 0) log.info('matterbridge.back', { failures });
        failures = 0;
      });
      if (!signal.aborted) log.info('matterbridge.stream_ended');
    } catch (error) {
      if (signal.aborted) return;
      failures++;
      // Once, and again when it was there meanwhile: an outage of an hour is no thousand lines.
      if (failures === 1 || wasConnected) log.warn('matterbridge.stream_lost', { reason: toFailure(error).error });
    }
    await clock.sleep(backoffMs(Math.max(1, failures)), signal).catch(() => undefined);
  }
}

async function readStream(
  { api, clock, log, onLine }: BridgeStreamOptions,
  signal: AbortSignal,
  onConnected: () => void,
): Promise<void> {
  const dead = new AbortController();
  const connection = AbortSignal.any([signal, dead.signal]);
  const answer = await api.stream(connection);
  const lines = new LineSplitter();
  onConnected();
  const probing = new AbortController();
  const probe = probeHealth(api, clock, AbortSignal.any([connection, probing.signal]), (error) => dead.abort(error));
  try {
    for await (const bytes of answer) {
      const dropped = lines.dropped;
      for (const line of lines.push(bytes)) if (line.trim() !== '') await onLine(line);
      if (lines.dropped > dropped)
        log.warn('matterbridge.line_dropped', { reason: 'It was longer than a message can be.' });
    }
  } catch (error) {
    throw dead.signal.aborted ? dead.signal.reason : error;
  } finally {
    probing.abort();
    await probe;
    if (lines.rest > 0) log.warn('matterbridge.line_cut', { units: lines.rest });
  }
}

/** A dead process behind a half-open connection says nothing: it is asked, on another one. */
async function probeHealth(
  api: BridgeApi,
  clock: Clock,
  signal: AbortSignal,
  onDead: (error: unknown) => void,
): Promise<void> {
  for (;;) {
    await clock.sleep(probeMs, signal).catch(() => undefined);
    if (signal.aborted) return;
    try {
      await api.checkHealth(signal, probeTimeoutMs);
    } catch (error) {
      if (!signal.aborted) onDead(error);
      return;
    }
  }
}
