import type { Clock, Log } from '@clay/sdk';
import type { EmbeddingsEndpoint } from './endpoint.ts';
import type { VectorIndex } from './vector-index.ts';
import type { VectorTable } from './vector-table.ts';

/** A person waits for the answer: what takes longer is left out. */
const timeoutMs = 3000;
/** After a failure searches go by words alone for so long. */
const pauseMs = 60_000;
/** Vectors that nobody has looked at for so long leave the memory. */
const idleMs = 600_000;
const queryCharacters = 2000;

interface Surroundings {
  readonly endpoint: EmbeddingsEndpoint;
  readonly index: VectorIndex;
  readonly table: VectorTable;
  readonly clock: Clock;
  readonly log: Log;
  /** Aborted when the plugin stops. */
  readonly signal: AbortSignal;
}

/** Memories that mean what a query means, whatever their words. It never fails: what cannot be asked finds nothing. */
export class NearestMemories {
  readonly #on: Surroundings;
  #pausedUntil = 0;
  #cancelClear: () => void = () => undefined;

  constructor(surroundings: Surroundings) {
    this.#on = surroundings;
  }

  /** Their numbers, the nearest first. */
  async find(query: string, limit: number): Promise<readonly number[]> {
    const { endpoint, index, table, clock, log, signal } = this.#on;
    if (clock.now() < this.#pausedUntil) return [];
    try {
      if ((await table.state()).count === 0) return [];
      const [vector] = await endpoint.embed([query.slice(0, queryCharacters)], { timeoutMs, signal });
      this.#clearLater();
      return vector === undefined ? [] : await index.nearest(vector, limit);
    } catch (error) {
      this.#pausedUntil = clock.now() + pauseMs;
      log.warn('embeddings.skipped', { error: error instanceof Error ? error.message : String(error), pauseMs });
      return [];
    }
  }

  stop(): void {
    this.#cancelClear();
    this.#on.index.clear();
  }

  #clearLater(): void {
    this.#cancelClear();
    this.#cancelClear = this.#on.clock.after(idleMs, () => this.#on.index.clear());
  }
}
