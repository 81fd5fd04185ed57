import type { ChildProcess } from 'node:child_process';
import { ClayError, type Clock } from '@clay/sdk';
import { createHostStreamPort, type HostMessage, type PluginMessage, type Port } from '@clay/sdk/wire';
import { lineOf } from './child-line.ts';
import { LineWatch } from './line-watch.ts';
import { describeDeath, type ProcessDeath } from './process-death.ts';
import { type ChildLimits, WatchedProcess } from './watched-process.ts';

export interface ChildOptions {
  readonly plugin: string;
  readonly generation: number;
  readonly hash: string;
  readonly bundle: string;
  readonly clock: Clock;
  readonly limits: ChildLimits;
  /** Whether it may start processes, which then have to be ended with it. */
  readonly mayStartProcesses: boolean;
  /** Called once, before the line is told closed: who wants to send its calls elsewhere has to know first. */
  readonly onDeath: (death: ProcessDeath) => void;
}

/** The process of one generation, and its line. */
export class Child implements Port<HostMessage, PluginMessage> {
  readonly closed: Promise<ClayError | null>;
  /** The process and all that it had started are gone. */
  readonly ended: Promise<ProcessDeath>;
  readonly #line: Port<HostMessage, PluginMessage>;
  readonly #watch: LineWatch;
  readonly #process: WatchedProcess<HostMessage, PluginMessage>;

  constructor(process: ChildProcess, pid: number, options: ChildOptions) {
    const { plugin, generation, hash, bundle, clock, limits, mayStartProcesses, onDeath } = options;
    this.#watch = new LineWatch(clock);
    this.#line = createHostStreamPort(lineOf(process));
    const { promise, resolve } = Promise.withResolvers<ProcessDeath>();
    this.ended = promise;
    this.closed = promise.then(({ reason, message }) =>
      reason === 'requested' ? null : new ClayError(reason === 'wire' ? 'WIRE' : 'UNAVAILABLE', message),
    );
    this.#process = new WatchedProcess(process, pid, {
      clock,
      limits,
      mayStartProcesses,
      line: this.#line,
      ping: (id) => ({ type: 'ping', id }),
      onEnd: (end) => {
        const { phase, fault } = this.#watch;
        const calls = this.#watch.unanswered();
        const death = describeDeath({ ...end, plugin, generation, hash, bundle, phase, fault, calls });
        onDeath(death);
        resolve(death);
      },
    });
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** Its own pid, and those of what it had started when it was last looked at. */
  get pids(): readonly number[] {
    return this.#process.pids;
  }

  send(message: HostMessage): void {
    this.#watch.sent(message);
    this.#line.send(message);
  }

  receive(receiver: (message: PluginMessage) => void): void {
    this.#line.receive((message) => {
      if (message.type === 'pong' && this.#process.answer(message.id)) return;
      if (!this.#watch.received(message) && !this.#process.isBorne()) return;
      if (message.type === 'hello') this.#process.startHeartbeat();
      receiver(message);
    });
  }

  /** Ends the process: it has a moment to go by itself. */
  close(reason?: ClayError): void {
    this.#process.close(reason);
  }
}
