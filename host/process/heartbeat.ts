import type { Clock } from '@clay/sdk';

export interface HeartbeatOptions {
  readonly clock: Clock;
  readonly everyMs: number;
  /** Pings in a row without any answer that are one too many. */
  readonly maxMissed: number;
  readonly send: (id: number) => void;
  readonly onMissed: () => void;
}

/** Above every id that the holder of the line uses for its own pings. */
const firstId = 2 ** 40;

/**
 * Asks a process whether it still turns its loop. Counted are its own beats, not the time that has passed: after a
 * suspended machine or a busy host every process would seem dead at once.
 */
export class Heartbeat {
  readonly #options: HeartbeatOptions;
  #lastId = firstId;
  #isAnswered = true;
  #missed = 0;
  #cancel: (() => void) | null = null;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.#cancel === null) this.#beat();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = () => {};
  }

  /** Whether a pong answers one of its pings. */
  answer(id: number): boolean {
    if (id <= firstId || id > this.#lastId) return false;
    this.#isAnswered = true;
    return true;
  }

  #beat(): void {
    this.#missed = this.#isAnswered ? 0 : this.#missed + 1;
    const { clock, everyMs, maxMissed, send, onMissed } = this.#options;
    if (this.#missed >= maxMissed) {
      onMissed();
      return;
    }
    this.#isAnswered = false;
    send(++this.#lastId);
    this.#cancel = clock.after(everyMs, () => this.#beat());
  }
}
