import { z } from 'zod';

/** The plugin's section of `clay.json`. The host sets `platform` from `GATHER_BASE_URL` and `GATHER_AGENT_ID`. */
export const platformConfig = z.strictObject({
  platform: z.strictObject({ baseUrl: z.string().nullable(), agentId: z.string().nullable() }).nullable().default(null),
  confirm: z
    .enum(['never', 'writes'])
    .default('never')
    .describe('writes: whatever changes something on the platform waits for a person’s yes in the chat.'),
  confirmMs: z.int().min(1000).max(86_400_000).default(600_000).describe('How long it waits for one, in milliseconds.'),
  documentMs: z
    .int()
    .min(0)
    .default(3_600_000)
    .describe(
      'How long the platform’s list of tools is taken as it is, in milliseconds; after that it is asked for changes.',
    ),
  maxDifficulty: z
    .int()
    .min(0)
    .max(40)
    .default(26)
    .describe(
      'Leading zero bits of the hardest proof of work that the claw computes; each bit doubles the work, 22 take seconds.',
    ),
});

export type PlatformSection = z.infer<typeof platformConfig>;
