import type { Clock } from '@clay/sdk';

/** Scripts that went down with their lane lately, by the hash of their source. */
export class Suspects {
  readonly #clock: Clock;
  readonly #lastsMs: number;
  /** When the suspicion ends. */
  readonly #until = new Map<string, number>();

  constructor(clock: Clock, lastsMs: number) {
    this.#clock = clock;
    this.#lastsMs = lastsMs;
  }

  has(hash: string): boolean {
    const until = this.#until.get(hash);
    if (until === undefined) return false;
    if (until > this.#clock.now()) return true;
    this.#until.delete(hash);
    return false;
  }

  add(hashes: readonly string[]): void {
    // Those that nobody asks for any more go here.
    for (const known of [...this.#until.keys()]) this.has(known);
    for (const hash of hashes) this.#until.set(hash, this.#clock.now() + this.#lastsMs);
  }
}
