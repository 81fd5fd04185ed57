import { dirname } from 'node:path';
import { ClayError, type Clock, fromFailure, type Log, toFailure } from '@clay/sdk';
import type { BuildLife, BuildTransport } from '../../generations/build.ts';
import type { ChildRegistry } from '../../process/child-registry.ts';
import { spawnChild } from '../../process/spawn-child.ts';
import type { LaneStatus, Lanes } from '../lanes.ts';
import type { ScriptReport } from '../script/report.ts';
import type { Script } from '../script/script.ts';
import type { Channel } from './channel.ts';
import { lostReport } from './inspection-report.ts';
import { Lane, type LaneEnd, LaneLost } from './lane.ts';
import type { LaneEntry } from './lane-entry.ts';
import { laneFlags } from './lane-flags.ts';
import type { LaneLimits } from './lane-limits.ts';
import { place } from './placement.ts';
import { Suspects } from './suspects.ts';

export interface LanePoolOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly registry: ChildRegistry;
  readonly identity?: { readonly uid: number; readonly gid: number } | undefined;
  /** What a lane's process runs. Throws `UNAVAILABLE` when there is nothing. */
  readonly entry: () => LaneEntry;
  readonly limits: LaneLimits;
}

/** The name under which lanes are written down among the host's children. */
const owner = 'starlark-lane';

export class LanePool implements Lanes {
  readonly #options: LanePoolOptions;
  readonly #suspects: Suspects;
  readonly #lanes = new Set<Lane>();
  /** Lanes that have nothing to do, and what keeps each from being ended for it. */
  readonly #idle = new Map<Lane, () => void>();
  /** One choice at a time: two that are made at once would both start a lane. */
  #choosing: Promise<unknown> = Promise.resolve();
  #lastInspection: Promise<unknown> = Promise.resolve();
  #started = 0;
  #isClosed = false;

  constructor(options: LanePoolOptions) {
    this.#options = options;
    this.#suspects = new Suspects(options.clock, options.limits.suspectMs);
  }

  /** One at a time, in a lane that serves nobody: whatever a script does there has one name, and harms nobody else. */
  async inspect(script: Script, signal: AbortSignal = new AbortController().signal): Promise<ScriptReport> {
    const before = this.#lastInspection;
    const done = Promise.withResolvers<void>();
    this.#lastInspection = done.promise;
    try {
      await unlessAborted(before, signal);
      return await this.#inspect(script, signal);
    } catch (thrown) {
      throw thrown instanceof ClayError ? thrown : fromFailure(toFailure(thrown));
    } finally {
      before.then(() => done.resolve());
    }
  }

  transport(script: Script, life: BuildLife): BuildTransport {
    const channels = new Set<Channel>();
    return {
      open: async () => {
        const channel = await this.#open(script, life);
        channels.add(channel);
        channel.gone.then(() => channels.delete(channel));
        return channel.port;
      },
      ended: async () => {
        await Promise.all([...channels].map(({ gone }) => gone));
      },
    };
  }

  list(): readonly LaneStatus[] {
    return [...this.#lanes].map(({ status }) => status);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#choosing;
    for (const lane of this.#lanes) lane.close();
    await Promise.all([...this.#lanes].map(({ ended }) => ended));
  }

  async #open(script: Script, life: BuildLife): Promise<Channel> {
    const { lane, channel } = await this.#exclusively(async () => {
      const lane = this.#place(script) ?? (await this.#start());
      this.#use(lane);
      return { lane, channel: lane.open(script, life) };
    });
    await lane.ready;
    return channel;
  }

  async #inspect(script: Script, signal: AbortSignal): Promise<ScriptReport> {
    const { lane, inspected } = await this.#exclusively(async () => {
      const lane = [...this.#lanes].find(({ isOpen, isIdle }) => isOpen && isIdle) ?? (await this.#start());
      this.#use(lane);
      return { lane, inspected: lane.inspect(script, signal).catch((error: unknown) => ({ error })) };
    });
    const outcome = await inspected;
    if (!('error' in outcome)) return outcome;
    if (!(outcome.error instanceof LaneLost)) throw outcome.error;
    // A lane that never listened did not die of the script.
    await lane.ready;
    return lostReport(script, outcome.error, this.#options.limits);
  }

  #place(script: Script): Lane | null {
    const candidates = [...this.#lanes]
      .filter(({ isOpen }) => isOpen)
      .map((lane) => {
        const { openCalls, residentBytes } = lane.status;
        const hasSuspect = lane.scripts.some(({ hash }) => this.#suspects.has(hash));
        const { isInspecting } = lane;
        return { lane, isInspecting, scripts: lane.scripts.length, openCalls, residentBytes, hasSuspect };
      });
    return place(candidates, this.#suspects.has(script.hash), this.#options.limits)?.lane ?? null;
  }

  async #start(): Promise<Lane> {
    if (this.#isClosed) throw new ClayError('UNAVAILABLE', 'The lanes are closed: the host is stopping.');
    const { clock, log, registry, identity, limits } = this.#options;
    const entry = this.#options.entry();
    const child = await spawnChild({
      plugin: owner,
      generation: ++this.#started,
      flags: laneFlags(entry, limits.heapMb),
      entry: entry.file,
      cwd: dirname(entry.file),
      identity,
      dataBytes: limits.dataBytes,
      registry,
      log,
    });
    const lane: Lane = new Lane(child, {
      clock,
      log,
      limits,
      onIdle: () => this.#rest(lane),
      onEnd: (end) => this.#ended(lane, end),
    });
    this.#lanes.add(lane);
    this.#rest(lane);
    return lane;
  }

  #ended(lane: Lane, { end, wasReady, scripts, blamed }: LaneEnd): void {
    this.#use(lane);
    this.#lanes.delete(lane);
    if (!wasReady || end.reason === 'requested' || scripts.length === 0) return;
    this.#suspects.add((blamed.length === 0 ? scripts : blamed).map(({ hash }) => hash));
    // Its scripts are about to be opened again.
    if (this.#isClosed || [...this.#lanes].some(({ isOpen, isIdle }) => isOpen && isIdle)) return;
    this.#exclusively(() => this.#start()).catch((error: unknown) => {
      this.#options.log.warn('lane.replacement.failed', { error: String(error) });
    });
  }

  /** A lane without work is ended after a while: it costs memory. */
  #rest(lane: Lane): void {
    const { clock, limits } = this.#options;
    this.#use(lane);
    const cancel = clock.after(limits.idleMs, () => {
      this.#idle.delete(lane);
      if (lane.isIdle) lane.close();
    });
    this.#idle.set(lane, cancel);
  }

  #use(lane: Lane): void {
    this.#idle.get(lane)?.();
    this.#idle.delete(lane);
  }

  #exclusively<T>(choose: () => Promise<T>): Promise<T> {
    const chosen = this.#choosing.then(choose);
    this.#choosing = chosen.catch(() => {});
    return chosen;
  }
}

/** Waits for `work`, or throws the signal's reason. */
async function unlessAborted(work: Promise<unknown>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
