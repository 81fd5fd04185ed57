import type { Clock } from '@clay/sdk';

/** Aborts a call when nothing has arrived for a while. */
export class IdleWatch {
  readonly #clock: Clock;
  readonly #idleMs: number;
  readonly #controller = new AbortController();
  #cancel: () => void = () => undefined;

  constructor(clock: Clock, idleMs: number) {
    this.#clock = clock;
    this.#idleMs = idleMs;
    this.touch();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  touch(): void {
    this.#cancel();
    this.#cancel = this.#clock.after(this.#idleMs, () => this.#controller.abort());
  }

  end(): void {
    this.#cancel();
  }
}
