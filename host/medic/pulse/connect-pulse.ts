import { Socket } from 'node:net';
import { join } from 'node:path';
import { ClayError, type Clock, type Log } from '@clay/sdk';
import { readExits } from '../supervisor/exit-log.ts';
import { LinePort } from '../supervisor/line-port.ts';
import { parseToHost, type ServiceNews, type ServiceOrder, type ToHost, type ToMedic } from '../supervisor/messages.ts';
import { type LastExit, readLastExit } from './last-exit.ts';
import type { PulseAddress } from './pulse-address.ts';
import { RunMarkerKeeper } from './run-marker.ts';
import { sourceFrame } from './source-frame.ts';

/** The host's side of its medic; without a medic it only keeps the marker of this run. */
export interface Pulse {
  /** Somebody starts this host again when it dies. */
  readonly isSupervised: boolean;
  /** Resolves when the medic is gone: from then on nobody would start this host again, so it has to stop by itself. */
  readonly orphaned: Promise<void>;
  /**
   * This host holds the volume. Tells how the one before it ended; from now on this one is watched, and its own end is
   * noted. `stopMs`: how long its stop may take. To be called once, after the volume is locked and before anything from it runs.
   */
  begin(dataFolder: string, stopMs: number): LastExit;
  ready(): void;
  /** It was asked to stop: its end is no fault. */
  stopping(): void;
  /** It cannot start until a person changes something, and has said so: it is not started again. */
  refused(): void;
  /** Asks for a process beside the host. Throws `UNAVAILABLE` without a medic. */
  startService(order: ServiceOrder): void;
  stopService(id: string): void;
  /** Hears what becomes of the services, from now on; gives the removal. */
  onService(listener: (news: ServiceNews) => void): () => void;
}

export interface PulseOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Where the medic listens; null: there is none. */
  readonly address: PulseAddress | null;
}

/** Connects this host to the medic that has started it. */
export function connectPulse(options: PulseOptions): Pulse {
  return new ConnectedPulse(options);
}

class ConnectedPulse implements Pulse {
  readonly orphaned: Promise<void>;
  readonly #options: PulseOptions;
  readonly #line: LinePort<ToHost, ToMedic> | null;
  readonly #listeners = new Set<(news: ServiceNews) => void>();
  #marker: RunMarkerKeeper | null = null;
  #isStopping = false;

  constructor(options: PulseOptions) {
    this.#options = options;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.orphaned = promise.then(() => this.stopping());
    this.#line = options.address === null ? null : this.#connect(options.address, resolve);
  }

  get isSupervised(): boolean {
    return this.#line !== null;
  }

  begin(dataFolder: string, stopMs: number): LastExit {
    if (this.#marker !== null) throw new ClayError('CONFLICT', 'The pulse of this host has begun already.');
    const { clock, log } = this.#options;
    const last = readLastExit(dataFolder);
    if (last.death === 'unrequested') tellDeath(last, dataFolder, log);
    this.#marker = new RunMarkerKeeper(dataFolder, clock, (error) =>
      log.warn('pulse.marker-failed', { error: error.message }),
    );
    if (this.#isStopping) this.#marker.stopping();
    reportFatalErrors(join(dataFolder, 'medic'));
    this.#line?.send({ type: 'running', folder: dataFolder, stopMs });
    return last;
  }

  ready(): void {
    this.#line?.send({ type: 'ready' });
  }

  stopping(): void {
    this.#isStopping = true;
    this.#marker?.stopping();
    this.#line?.send({ type: 'stopping' });
  }

  refused(): void {
    // The end that follows is wanted by nobody, and is nobody's fault either.
    this.#isStopping = true;
    this.#marker?.stopping();
    this.#line?.send({ type: 'refused' });
  }

  startService(order: ServiceOrder): void {
    if (this.#line === null)
      throw new ClayError(
        'UNAVAILABLE',
        `The service ${order.id} needs the medic, which did not start this host. Start the claw with "npm start".`,
      );
    this.#line.send({ type: 'start-service', ...order });
  }

  stopService(id: string): void {
    this.#line?.send({ type: 'stop-service', id });
  }

  onService(listener: (news: ServiceNews) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #connect({ readFd, writeFd }: PulseAddress, onOrphaned: () => void): LinePort<ToHost, ToMedic> {
    const { clock, log } = this.#options;
    const readable = new Socket({ fd: readFd, readable: true, writable: true });
    const writable = new Socket({ fd: writeFd, readable: true, writable: true });
    // A host with nothing left to do ends, whoever listens.
    for (const stream of [readable, writable]) stream.unref();
    const line: LinePort<ToHost, ToMedic> = new LinePort({
      readable,
      writable,
      clock,
      parse: parseToHost,
      onMessage: (message) => {
        if (message.type === 'ping') line.send({ type: 'pong', id: message.id });
        else for (const listener of this.#listeners) listener(message);
      },
      onBad: (start) => log.warn('pulse.bad-line', { line: start }),
      onClosed: onOrphaned,
    });
    return line;
  }
}

/** What the medic knew of it goes on to whoever reads the host's log. */
function tellDeath({ upMs, diedAt }: LastExit, dataFolder: string, log: Log): void {
  const end = readExits(dataFolder).findLast((record) => record.event === 'end');
  if (end === undefined || end.endedAt !== diedAt) log.warn('host.died', { upMs, diedAt });
  else log.warn('host.died', { upMs, diedAt, message: end.message, stack: end.stack.map(sourceFrame) });
}

/** Node writes one when memory runs out; the newest is kept. */
function reportFatalErrors(folder: string): void {
  const { report } = process;
  report.directory = folder;
  report.filename = 'fatal-error.json';
  report.compact = true;
  report.excludeEnv = true;
  report.reportOnFatalError = true;
}
