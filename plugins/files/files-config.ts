import { z } from 'zod';

/** The plugin's section of `clay.json`. The host sets `shell` from `CLAY_SHELL`. */
export const filesConfig = z.strictObject({
  shell: z.enum(['on', 'ask', 'off']).default('ask').describe('Whether the agent may run shell commands.'),
  workFolder: z
    .string()
    .nullable()
    .default(null)
    .describe('Where the agent works when its shell runs as a user of its own. The host sets it.'),
  roots: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe(
      'Folders that the agent may work in, absolute or below CLAY_ROOT. Relative paths begin at the first. Default: CLAY_ROOT, behind the work folder where there is one.',
    ),
  readChars: z.int().min(1000).default(200_000).describe('Characters that one read gives at most.'),
  writeBytes: z.int().min(1000).default(10_000_000).describe('Size of a file that is written or edited, at most.'),
  outputChars: z
    .int()
    .min(1000)
    .default(200_000)
    .describe('Characters of a command’s output that are kept; the middle is cut.'),
  timeoutMs: z.int().min(100).default(120_000).describe('How long a command may take when it does not say.'),
  maxTimeoutMs: z.int().min(100).default(600_000).describe('How long a command may ask for.'),
  searchResults: z.int().min(1).default(200).describe('Matches that one search gives at most.'),
  environment: z
    .array(z.string())
    .default([])
    .describe('Names of environment variables that commands see, beyond PATH, HOME, LANG and the like.'),
});

/** The folders that the agent may work in, the one in which it begins first. */
export function rootsOf({ roots, workFolder }: FilesConfig): readonly string[] {
  return roots ?? (workFolder === null ? ['.'] : [workFolder, '.']);
}

export type FilesConfig = z.infer<typeof filesConfig>;
