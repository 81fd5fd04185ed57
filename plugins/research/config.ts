import { z } from 'zod';

/** The plugin's section of `clay.json`. */
export const researchConfig = z.strictObject({
  searxngUrl: z
    .url({ protocol: /^https?$/ })
    .nullable()
    .default(null)
    .describe(
      'A SearXNG instance whose settings.yml has "search: formats: [html, json]". On a private network its origin has to stand in "privateOrigins" of clay.json too.',
    ),
  wikipediaLanguage: z
    .string()
    .regex(/^[a-z]{2,3}(-[a-z]+)*$/)
    .default('en')
    .describe('Which Wikipedia is searched.'),
  renderer: z
    .enum(['markdown', 'text-browser'])
    .default('markdown')
    .describe(
      'What makes text of HTML: Markdown of its article, or Chawan or w3m of the whole page as it looks, without links.',
    ),
  pageChars: z
    .int()
    .min(1000)
    .max(200_000)
    .default(30_000)
    .describe('Characters of a page that one call gives at most; the next call goes on.'),
  maxBytes: z
    .int()
    .min(10_000)
    .max(6_000_000)
    .default(5_000_000)
    .describe('Bytes of a page that are read; of a larger one the beginning.'),
  timeoutMs: z.int().min(1000).max(120_000).default(20_000).describe('How long a page may take to come.'),
  hostDelayMs: z.int().min(0).default(1000).describe('Pause between two requests to one host.'),
  cacheMinutes: z.int().min(0).default(15).describe('How long a page that was read is not fetched again; 0: always.'),
  cacheBytes: z.int().min(0).default(20_000_000).describe('Size of all kept pages together.'),
});

export type ResearchConfig = z.infer<typeof researchConfig>;
