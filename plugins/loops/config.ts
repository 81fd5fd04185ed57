import { z } from 'zod';

/** The plugin's section of `clay.json`: where each loop ends unfinished. */
export const loopsConfig = z.strictObject({
  maxIterations: z.int().min(1).max(100).default(8).describe('Rounds of executor and reviewer.'),
  minutes: z.number().positive().default(25).describe('Work in all, below limits.turnMs.'),
  tokens: z.int().positive().default(5_000_000).describe('Tokens read and written.'),
  costUsd: z.number().positive().default(5).describe('US dollars, where the model has a price.'),
  tries: z.int().min(1).max(10).default(3).describe('Tries of one agent in one round while the model is away.'),
});

export type LoopsConfig = z.infer<typeof loopsConfig>;
