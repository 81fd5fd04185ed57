import type { Clock } from '@clay/sdk';
import type { ProgramRun } from '../program/program-run.ts';
import type { Stop } from './outcome.ts';

/** Ends a run before its end, and knows why. */
export class RunWatch {
  readonly #run: Pick<ProgramRun, 'terminate'>;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #onAbort: () => void;
  #stop: Stop | null = null;
  #disarm: () => void = () => {};

  constructor(run: Pick<ProgramRun, 'terminate'>, clock: Clock, signal: AbortSignal) {
    this.#run = run;
    this.#clock = clock;
    this.#signal = signal;
    this.#onAbort = () => this.end({ why: 'cancelled', reason: signal.reason });
    signal.addEventListener('abort', this.#onAbort, { once: true });
    if (signal.aborted) this.#onAbort();
  }

  /** The first reason; null when it ended by itself. */
  get stop(): Stop | null {
    return this.#stop;
  }

  end(stop: Stop): void {
    this.#stop ??= stop;
    this.#run.terminate();
  }

  /** Something has to come within that time. */
  arm(ms: number): void {
    this.#disarm();
    this.#disarm = this.#clock.after(ms, () => this.end({ why: 'stalled', ms }));
  }

  /** Its result is there; what it still does is not waited for. */
  armLast(ms: number): void {
    this.#disarm();
    this.#disarm = this.#clock.after(ms, () => this.#run.terminate());
  }

  /** Whoever reads us may take their time. */
  rest(): void {
    this.#disarm();
  }

  release(): void {
    this.#disarm();
    this.#signal.removeEventListener('abort', this.#onAbort);
  }
}
