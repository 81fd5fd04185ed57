import type { Log } from '@clay/sdk';

interface Held {
  readonly label: string;
  readonly release: () => void | Promise<void>;
}

/** Everything that the host holds for one generation. It is released together: in reverse order, each once. */
export class Scope {
  readonly #log: Log;
  #held: Held[] = [];
  #released: Promise<void> | null = null;

  constructor(log: Log) {
    this.#log = log;
  }

  /** Oldest first. */
  list(): readonly string[] {
    return this.#held.map(({ label }) => label);
  }

  /** Holds something. In a scope that is already released it is released at once, so that nothing can be left behind. */
  hold(label: string, release: () => void | Promise<void>): void {
    if (this.#released === null) {
      this.#held.push({ label, release });
      return;
    }
    this.#released = this.#released.then(() => this.#release({ label, release }));
  }

  /** Resolves when all is released; a release that throws is logged and stops no other. */
  release(): Promise<void> {
    this.#released ??= (async () => {
      for (let held = this.#held.pop(); held !== undefined; held = this.#held.pop()) await this.#release(held);
    })();
    return this.#released;
  }

  async #release({ label, release }: Held): Promise<void> {
    try {
      await release();
    } catch (error) {
      this.#log.error('scope.release.failed', { label, error: error instanceof Error ? error.message : String(error) });
    }
  }
}
