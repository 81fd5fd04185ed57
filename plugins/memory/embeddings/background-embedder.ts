import { ClayError, type Clock, type Log } from '@clay/sdk';
import type { EmbeddingsConfig } from '../config.ts';
import type { EmbeddingsEndpoint } from './endpoint.ts';
import type { EmbeddedMemory, PendingMemory, VectorTable } from './vector-table.ts';

const timeoutMs = 60_000;
const firstRetryMs = 30_000;
const lastRetryMs = 3600_000;

interface Surroundings {
  readonly config: EmbeddingsConfig;
  readonly endpoint: EmbeddingsEndpoint;
  readonly table: VectorTable;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Gives every memory its vector, a batch at a time, beside everything else. What is left to do is read from the tables each
 * time, so that it goes on after any restart; with nothing to do it waits for {@link BackgroundEmbedder.wake} and sends nothing.
 */
export class BackgroundEmbedder {
  readonly #on: Surroundings;
  #isWoken = false;
  #wake: (() => void) | null = null;
  #failures = 0;

  constructor(surroundings: Surroundings) {
    this.#on = surroundings;
  }

  /** There may be something to do. */
  wake(): void {
    this.#isWoken = true;
    this.#wake?.();
  }

  /** Until aborted. */
  async run(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.#wake?.(), { once: true });
    while (!signal.aborted) {
      this.#isWoken = false;
      const pauseMs = await this.#step(signal).catch((error: unknown) => this.#failed(error, signal));
      if (signal.aborted) return;
      if (pauseMs === null) await this.#untilWoken(signal);
      else await this.#on.clock.sleep(pauseMs, signal).catch(() => undefined);
    }
  }

  /** How long to wait before the next batch; null: nothing is left. */
  async #step(signal: AbortSignal): Promise<number | null> {
    const { table, config, log } = this.#on;
    const pending = await table.pending(config.batchSize);
    if (pending.length === 0) return null;
    await table.save(await this.#embed(pending, signal));
    if (this.#failures > 0) log.info('embeddings.recovered', { failures: this.#failures });
    this.#failures = 0;
    return config.pauseMs;
  }

  async #embed(pending: readonly PendingMemory[], signal: AbortSignal): Promise<readonly EmbeddedMemory[]> {
    const { endpoint } = this.#on;
    try {
      const vectors = await endpoint.embed(pending.map(textOf), { timeoutMs, signal });
      return pending.map((memory, index) => ({ memory, vector: vectors[index] ?? null }));
    } catch (error) {
      if (!isRefusedText(error)) throw error;
      return this.#embedEach(pending, signal);
    }
  }

  /** One text that the endpoint refuses must not hold up the others. An endpoint that refuses every text is broken. */
  async #embedEach(pending: readonly PendingMemory[], signal: AbortSignal): Promise<readonly EmbeddedMemory[]> {
    const { endpoint, log } = this.#on;
    await endpoint.embed(['memory'], { timeoutMs, signal });
    const embedded: EmbeddedMemory[] = [];
    for (const memory of pending) {
      try {
        const [vector = null] = await endpoint.embed([textOf(memory)], { timeoutMs, signal });
        embedded.push({ memory, vector });
      } catch (error) {
        if (!isRefusedText(error)) throw error;
        log.warn('embeddings.refused', { memory: memory.id, error: error.message });
        embedded.push({ memory, vector: null });
      }
    }
    return embedded;
  }

  /** Told once, however long it lasts: searches go on by words alone. */
  #failed(error: unknown, signal: AbortSignal): number {
    if (signal.aborted) return 0;
    const retryMs = Math.min(lastRetryMs, firstRetryMs * 2 ** this.#failures);
    this.#failures += 1;
    const told = { error: error instanceof Error ? error.message : String(error), retryMs };
    if (this.#failures === 1) this.#on.log.warn('embeddings.failed', told);
    else this.#on.log.debug('embeddings.failed', told);
    return retryMs;
  }

  #untilWoken(signal: AbortSignal): Promise<void> {
    if (this.#isWoken || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = null;
        resolve();
      };
    });
  }
}

function isRefusedText(error: unknown): error is ClayError {
  return error instanceof ClayError && error.code === 'BAD_ARGUMENTS';
}

function textOf({ content, tags }: PendingMemory): string {
  return tags === '' ? content : `${content}\n${tags}`;
}
