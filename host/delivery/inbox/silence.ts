import type { Clock } from '@clay/sdk';

/** How long a person waits without a word before the first, and how much longer before each next one. */
const firstMs = 20_000;
const growth = 3;
const longestMs = 15 * 60_000;

/** Breaks a long silence with a word, ever more seldom. */
export class Silence {
  readonly #clock: Clock;
  readonly #speak: (count: number) => void;
  #count = 0;
  #cancel: () => void;

  /** @param speak is given the number of the word, from 1 */
  constructor(clock: Clock, speak: (count: number) => void) {
    this.#clock = clock;
    this.#speak = speak;
    this.#cancel = this.#wait(firstMs);
  }

  end(): void {
    this.#cancel();
  }

  #wait(ms: number): () => void {
    return this.#clock.after(ms, () => {
      this.#count += 1;
      this.#speak(this.#count);
      this.#cancel = this.#wait(Math.min(longestMs, ms * growth));
    });
  }
}
