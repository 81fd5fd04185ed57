import { z } from 'zod';

/** The plugin's section of `clay.json`. The host sets `shell` and `claudeCode` from its own settings. */
export const claudeConfig = z.strictObject({
  shell: z.enum(['on', 'ask', 'off']).default('ask').describe('Whether programs may run at all: CLAY_SHELL.'),
  claudeCode: z
    .object({ program: z.string().nullable(), hasModel: z.boolean() })
    .default({ program: null, hasModel: false })
    .describe('Where the program is (CLAUDE_BIN, or "claude" on the PATH), and whether the claw’s model can serve it.'),
  roots: z
    .array(z.string().min(1))
    .default(['data/extensions', 'data/plugins'])
    .describe('Folders that it may work in besides its own, absolute or below CLAY_ROOT.'),
  tools: z
    .array(z.string().regex(/^\w+$/))
    .min(1)
    .default(['Bash', 'Read', 'Edit'])
    .describe('Its tools. Without Bash it reads and writes below its folders only.'),
  allow: z
    .array(z.string().min(1))
    .default(['Bash'])
    .describe('What it may do without asking besides reading and editing in its folders, such as "Bash(git *)".'),
  model: z.string().min(1).optional().describe('Default: the claw’s own.'),
  maxTurns: z.int().min(1).default(40).describe('Steps of the model in one run.'),
  maxTokens: z.int().min(1000).default(1_000_000).describe('Tokens of one run, without those read from a cache.'),
  maxCostUsd: z.number().min(0.01).optional().describe('Cost of one run by its own reckoning. Default: no bound.'),
  maxOutputTokens: z.int().min(256).default(16_000).describe('Tokens of one answer.'),
  isThinking: z.boolean().default(false).describe('Whether it asks for thinking, which not every provider knows.'),
  maxRuns: z.int().min(1).default(2).describe('Runs side by side; each takes some 200 MB.'),
  retries: z.int().min(0).max(20).default(4).describe('How often a call of the model is tried again.'),
  stallMs: z.int().min(1000).default(300_000).describe('Without a sign of life it is ended, in milliseconds.'),
  commandMs: z.int().min(1000).default(600_000).describe('How long one of its commands may take.'),
  graceMs: z.int().min(0).default(5000).describe('Between asking it to end and ending it.'),
  toolMs: z
    .int()
    .min(1000)
    .default(900_000)
    .describe('How long the tool claude_code may take. The agent has the turn’s time.'),
  askMs: z.int().min(1000).default(600_000).describe('How long a person has to answer when CLAY_SHELL is "ask".'),
});

export type ClaudeConfig = z.infer<typeof claudeConfig>;
