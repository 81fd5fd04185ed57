import type { Clock } from '@clay/sdk';

/** So many requests a minute, and so many at once. */
export class RateLimit {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #perMinute: number;
  readonly #burst: number;
  #left: number;
  #at: number;

  constructor(clock: Pick<Clock, 'now'>, perMinute: number, burst: number) {
    this.#clock = clock;
    this.#perMinute = perMinute;
    this.#burst = burst;
    this.#left = burst;
    this.#at = clock.now();
  }

  /** Seconds to wait for the next one; 0 when this one may pass. */
  take(): number {
    const now = this.#clock.now();
    this.#left = Math.min(this.#burst, this.#left + ((now - this.#at) / 60_000) * this.#perMinute);
    this.#at = now;
    if (this.#left < 1) return Math.ceil(((1 - this.#left) * 60) / this.#perMinute);
    this.#left -= 1;
    return 0;
  }
}
