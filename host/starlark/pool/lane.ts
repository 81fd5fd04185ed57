import { ClayError, type Clock, fromFailure, type Log } from '@clay/sdk';
import { createStreamPort, type Port } from '@clay/sdk/wire';
import type { BuildLife, Death } from '../../generations/build.ts';
import { lineOf } from '../../process/child-line.ts';
import type { SpawnedChild } from '../../process/spawn-child.ts';
import { type ProcessEnd, WatchedProcess } from '../../process/watched-process.ts';
import { type FromLane, onChannel, parseFromLane, type ToLane } from '../lane/lane-message.ts';
import type { LaneStatus } from '../lanes.ts';
import type { ScriptReport } from '../script/report.ts';
import type { Script } from '../script/script.ts';
import { blame } from './blame.ts';
import { Channel } from './channel.ts';
import { describeBreak, describeLaneDeath } from './lane-death.ts';
import type { LaneLimits } from './lane-limits.ts';

export interface LaneOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: LaneLimits;
  /** It has nothing to do any more; asked again whenever that becomes so. */
  readonly onIdle: () => void;
  /** It is gone. Runs after its scripts were told, before their lines break. */
  readonly onEnd: (end: LaneEnd) => void;
}

/** The end of a lane, as far as it concerns where its scripts go next. */
export interface LaneEnd {
  readonly end: ProcessEnd;
  readonly wasReady: boolean;
  readonly scripts: readonly Script[];
  readonly blamed: readonly Script[];
}

interface Inspection {
  readonly startedAt: number;
  readonly resolve: (report: ScriptReport) => void;
  readonly reject: (error: unknown) => void;
  readonly cancelDeadline: () => void;
}

/** What an inspection fails with when it took its lane down. */
export class LaneLost extends Error {
  override readonly name = 'LaneLost';
  readonly end: ProcessEnd;
  /** How long the inspection had taken. */
  readonly afterMs: number;

  constructor(end: ProcessEnd, afterMs: number) {
    super(`The lane ended: ${end.cause ?? end.reason}.`);
    this.end = end;
    this.afterMs = afterMs;
  }
}

/** A lane's process as the host holds it: its line, its scripts, and the inspection that runs in it. */
export class Lane {
  readonly pid: number;
  /** Resolves when it listens; rejects with `UNAVAILABLE` when it died before. */
  readonly ready: Promise<void>;
  readonly ended: Promise<unknown>;
  readonly #options: LaneOptions;
  readonly #line: Port<ToLane, FromLane>;
  readonly #process: WatchedProcess<ToLane, FromLane>;
  readonly #channels = new Map<number, Channel>();
  #resolveReady!: () => void;
  #rejectReady!: (error: ClayError) => void;
  #isReady = false;
  #lastChannel = 0;
  #turn = 0;
  /** Messages that the lane has got and may still tell a turn for. */
  #turnsLeft = 0;
  /** The channel that the lane was killed for. */
  #culprit = 0;
  #inspections = 0;
  #inspection: Inspection | null = null;

  constructor({ process, pid, strikeOut }: SpawnedChild, options: LaneOptions) {
    const { clock, limits, log } = options;
    this.#options = options;
    this.pid = pid;
    this.ready = new Promise((resolve, reject) => {
      this.#resolveReady = resolve;
      this.#rejectReady = reject;
    });
    // Whoever opens something in the lane hears of it; nobody has to.
    this.ready.catch(() => {});
    this.#line = createStreamPort<ToLane, FromLane>(lineOf(process), parseFromLane);
    this.#process = new WatchedProcess<ToLane, FromLane>(process, pid, {
      clock,
      limits,
      mayStartProcesses: false,
      line: this.#line,
      ping: (id) => ({ type: 'ping', id }),
      onEnd: (end) => {
        strikeOut();
        this.#ended(end);
      },
    });
    this.ended = this.#process.ended;
    this.#line.receive((message) => this.#handle(message));
    clock.after(limits.startMs, () => {
      if (!this.#isReady)
        this.#process.kill('unresponsive', `it did not say within ${limits.startMs} ms that it listens`);
    });
    log.debug('lane.started', { pid });
  }

  get isOpen(): boolean {
    return !this.#process.isEnding;
  }

  get isIdle(): boolean {
    return this.#channels.size === 0 && this.#inspection === null;
  }

  get isInspecting(): boolean {
    return this.#inspection !== null;
  }

  /** Those that are not about to go. */
  get scripts(): readonly Script[] {
    return [...this.#channels.values()].filter(({ isClosing }) => !isClosing).map(({ script }) => script);
  }

  get status(): LaneStatus {
    const channels = [...this.#channels.values()];
    return {
      pid: this.pid,
      scripts: this.scripts.map(({ name }) => name),
      openCalls: channels.reduce((sum, { openCalls }) => sum + openCalls, 0),
      residentBytes: this.#process.residentBytes,
    };
  }

  /** Opens a line to a new life of a script. */
  open(script: Script, life: BuildLife): Channel {
    const id = ++this.#lastChannel;
    const { clock, limits } = this.#options;
    const channel = new Channel({
      script,
      life,
      clock,
      limits,
      send: (message) => {
        this.#line.send(onChannel(id, message));
        this.#turnsLeft += 1;
      },
      onClose: () => this.#close(id),
      onFlood: (cause) => this.#killFor(id, 'flood', cause),
    });
    this.#channels.set(id, channel);
    this.#line.send({ type: 'open', channel: id, script });
    return channel;
  }

  /**
   * Inspects a script; one at a time. Rejects with {@link LaneLost} when the lane dies of it, and with the signal's
   * reason when that is aborted.
   */
  inspect(script: Script, signal: AbortSignal): Promise<ScriptReport> {
    const { clock, limits } = this.#options;
    const id = ++this.#inspections;
    const { promise, resolve, reject } = Promise.withResolvers<ScriptReport>();
    const onAbort = () => {
      this.#line.send({ type: 'cancel', id });
      reject(signal.reason);
      clock.after(limits.answerMs, () => {
        if (this.#inspection === inspection) this.#process.kill('unresponsive', 'it went on after it was cancelled');
      });
    };
    const cancelDeadline = clock.after(limits.inspectMs, () =>
      this.#process.kill('unresponsive', `it did not end within ${limits.inspectMs} ms`),
    );
    const inspection: Inspection = { startedAt: clock.now(), resolve, reject, cancelDeadline };
    this.#inspection = inspection;
    this.#line.send({ type: 'inspect', id, script });
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    return promise.finally(() => signal.removeEventListener('abort', onAbort));
  }

  /** Ends the process; it has nothing left that anybody wants. */
  close(): void {
    this.#process.close();
  }

  #handle(message: FromLane): void {
    switch (message.type) {
      case 'ready':
        if (this.#isReady) this.#process.isBorne();
        this.#isReady = true;
        this.#process.startHeartbeat();
        this.#resolveReady();
        break;
      case 'turn':
        this.#turn = message.channel;
        if (--this.#turnsLeft < 0) this.#process.isBorne();
        break;
      case 'channel':
        this.#channelOf(message.channel)?.deliver(message.message);
        break;
      case 'closed':
        this.#closed(message.channel);
        break;
      case 'inspected':
        this.#inspected(message);
        break;
      case 'pong':
        if (!this.#process.answer(message.id)) this.#process.isBorne();
        break;
    }
  }

  /** Undefined for one that is gone, whose last words may still be under way. */
  #channelOf(id: number): Channel | undefined {
    if (id === 0 || id > this.#lastChannel)
      this.#process.kill('wire', `The lane spoke on channel ${id}; there are ${this.#lastChannel}`);
    const channel = this.#channels.get(id);
    if (channel === undefined) this.#process.isBorne();
    return channel;
  }

  #close(id: number): void {
    const { clock, limits } = this.#options;
    this.#line.send({ type: 'close', channel: id });
    clock.after(limits.closeMs, () => {
      if (this.#channels.has(id)) this.#killFor(id, 'unresponsive', 'it did not let go of a script that was closed');
    });
  }

  #closed(id: number): void {
    const channel = this.#channelOf(id);
    if (channel === undefined) return;
    this.#channels.delete(id);
    if (!channel.isClosing) {
      const death = describeBreak(channel, this.#options.clock.now());
      this.#tellDeath(channel, death);
      channel.port.end(new ClayError('UNAVAILABLE', death.message));
    }
    channel.release();
    this.#tellIdle();
  }

  #inspected({ id, report, failure }: Extract<FromLane, { type: 'inspected' }>): void {
    const inspection = this.#inspection;
    if (inspection === null || id !== this.#inspections) {
      this.#process.isBorne();
      return;
    }
    this.#inspection = null;
    inspection.cancelDeadline();
    if (report !== undefined) inspection.resolve(report);
    else if (failure !== undefined) inspection.reject(fromFailure(failure));
    this.#tellIdle();
  }

  #tellIdle(): void {
    if (this.isIdle) this.#options.onIdle();
  }

  #killFor(id: number, reason: 'flood' | 'unresponsive', cause: string): void {
    this.#culprit = id;
    this.#process.kill(reason, cause);
  }

  /** First every script learns why, then their lines break: who wants to send its calls elsewhere has to know first. */
  #ended(end: ProcessEnd): void {
    const { clock, log, onEnd } = this.#options;
    const channels = [...this.#channels.values()];
    const blamed = blame(channels, this.#channels.get(this.#culprit), this.#channels.get(this.#turn));
    this.#channels.clear();
    const names = [...blamed].map(({ script }) => script.name);
    const scripts = channels.map(({ script }) => script);
    const deaths = new Map<Channel, Death>();
    for (const channel of channels) {
      // Nobody lived yet in a lane that did not get to listen, and what was asked for is no news.
      if (!this.#isReady || channel.isClosing || end.reason === 'requested') continue;
      const isBlamed = blamed.has(channel);
      const facts = { end, channel, isBlamed, blamed: names, scripts: scripts.map(({ name }) => name) };
      deaths.set(channel, describeLaneDeath({ ...facts, now: clock.now() }));
    }
    log[end.reason === 'requested' ? 'debug' : 'warn']('lane.ended', {
      pid: this.pid,
      reason: end.reason,
      cause: end.cause,
      exitCode: end.exitCode,
      signal: end.signal,
      scripts: scripts.length,
      blamed: names,
    });
    for (const [channel, death] of deaths) this.#tellDeath(channel, death);
    onEnd({ end, wasReady: this.#isReady, scripts, blamed: [...blamed].map(({ script }) => script) });
    const broken = new ClayError(
      'UNAVAILABLE',
      `The lane ended: ${end.cause ?? end.signal ?? `code ${end.exitCode}`}.`,
    );
    for (const channel of channels) {
      const death = deaths.get(channel);
      channel.port.end(death === undefined ? broken : new ClayError('UNAVAILABLE', death.message));
      channel.release();
    }
    const inspection = this.#inspection;
    this.#inspection = null;
    inspection?.cancelDeadline();
    inspection?.reject(new LaneLost(end, clock.now() - inspection.startedAt));
    const last = end.output === '' ? '' : ` It said last: ${end.output.slice(-2_000)}`;
    this.#rejectReady(new ClayError('UNAVAILABLE', `${broken.message}${last}`));
  }

  #tellDeath(channel: Channel, death: Death): void {
    try {
      channel.life.onDeath(death);
    } catch (error) {
      this.#options.log.error('lane.death.failed', { script: channel.script.name, error: String(error) });
    }
  }
}
