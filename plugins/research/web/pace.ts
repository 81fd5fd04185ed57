import type { Clock } from '@clay/sdk';

/** Remembered hosts; the oldest ones are forgotten. */
const maxHosts = 500;

/** Keeps requests to one host apart: one at a time, with a pause after each. */
export class Pace {
  readonly #clock: Pick<Clock, 'now' | 'sleep'>;
  readonly #hosts = new Map<string, { tail: Promise<void>; freeAt: number }>();

  constructor(clock: Pick<Clock, 'now' | 'sleep'>) {
    this.#clock = clock;
  }

  /** Runs `work` when the host's earlier ones have ended and `pauseMs` have passed since. Gives up with the signal. */
  async run<T>(host: string, pauseMs: number, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const lane = this.#lane(host);
    const turn = lane.tail;
    const { promise, resolve } = Promise.withResolvers<void>();
    lane.tail = promise;
    try {
      await turn;
      signal.throwIfAborted();
      const waitMs = lane.freeAt - this.#clock.now();
      if (waitMs > 0) await this.#clock.sleep(waitMs, signal);
      try {
        return await work();
      } finally {
        lane.freeAt = this.#clock.now() + pauseMs;
      }
    } finally {
      resolve();
    }
  }

  #lane(host: string) {
    const lane = this.#hosts.get(host) ?? { tail: Promise.resolve(), freeAt: 0 };
    this.#hosts.delete(host);
    this.#hosts.set(host, lane);
    for (const [name, { freeAt }] of this.#hosts) {
      if (this.#hosts.size <= maxHosts) break;
      if (freeAt < this.#clock.now() && freeAt > 0) this.#hosts.delete(name);
    }
    return lane;
  }
}
