import type { Context } from '@clay/sdk';
import type { EmbeddingsConfig } from '../config.ts';
import type { Meanings } from '../memory-store.ts';
import { BackgroundEmbedder } from './background-embedder.ts';
import { EmbeddingsEndpoint } from './endpoint.ts';
import { NearestMemories } from './nearest-memories.ts';
import { VectorIndex } from './vector-index.ts';
import { VectorTable } from './vector-table.ts';

type Surroundings = Pick<Context, 'store' | 'http' | 'secrets' | 'clock' | 'log' | 'signal' | 'onLive' | 'effect'>;

/** Vectors for all memories from when the plugin is live, and the search among them. */
export function createMeanings(ctx: Surroundings, config: EmbeddingsConfig): Meanings {
  const { store, clock, log, signal } = ctx;
  const endpoint = new EmbeddingsEndpoint(config, ctx);
  const table = new VectorTable(store, endpoint.space);
  const nearest = new NearestMemories({ endpoint, index: new VectorIndex(table), table, clock, log, signal });
  const embedder = new BackgroundEmbedder({ config, endpoint, table, clock, log });

  ctx.onLive(() => {
    ctx.effect('embeddings', () => {
      const stop = new AbortController();
      const done = embedder.run(stop.signal);
      return async () => {
        stop.abort();
        nearest.stop();
        await done;
      };
    });
  });
  return { changed: () => embedder.wake(), nearest: (query, limit) => nearest.find(query, limit) };
}
