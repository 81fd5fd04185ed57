import { z } from 'zod';

const embeddings = z.strictObject({
  url: z
    .url({ protocol: /^https?$/ })
    .describe(
      'The whole address, such as http://ollama:11434/v1/embeddings. On a private network its origin has to stand in "privateOrigins" of clay.json too: { "memory": ["http://ollama:11434"] }.',
    ),
  model: z.string().min(1).describe('Its name there. Another one: all memories are embedded anew, in the background.'),
  dimensions: z
    .int()
    .min(8)
    .max(4096)
    .optional()
    .describe('For models that can give shorter vectors. Default: as long as they are.'),
  key: z
    .string()
    .regex(/^[A-Za-z_]\w*$/)
    .optional()
    .describe(
      'The variable that holds the key, sent as Authorization: Bearer. It may go there when "ceilings" of clay.json says so: { "memory": ["secret:EMBEDDINGS_API_KEY@api.example.com"] }. Default: no key.',
    ),
  batchSize: z.int().min(1).max(256).default(32).describe('Memories sent at once.'),
  pauseMs: z.int().min(0).max(600_000).default(500).describe('Pause between two batches.'),
});

/** The plugin's section of `clay.json`. */
export const memoryConfig = z.strictObject({
  embeddings: embeddings
    .nullable()
    .default(null)
    .describe('An OpenAI-compatible endpoint of embeddings, by which memories are found in other words too.'),
});

export type EmbeddingsConfig = z.infer<typeof embeddings>;
