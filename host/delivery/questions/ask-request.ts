import { ClayError, type Json } from '@clay/sdk';
import { z } from '../../schema.ts';
import type { Choice } from '../../store/delivery/question-store.ts';

/** How long a question is open when its asker does not say. */
const usualMs = 10 * 60_000;
/** The longest that anybody waits for a person. */
export const longestQuestionMs = 7 * 24 * 3_600_000;

const choice = z.strictObject({
  // Connectors put it behind their buttons, where there is little room.
  id: z.string().regex(/^[\w.-]{1,40}$/, { message: 'must be 1 to 40 letters, digits, "_", "." or "-"' }),
  label: z
    .string()
    .trim()
    .min(1)
    .max(60)
    .refine((text) => !/\p{Cc}/u.test(text), { message: 'has control characters in it' }),
});

const schema = z.strictObject({
  question: z.string().refine((text) => text.trim() !== '', { message: 'is empty' }),
  choices: z
    .array(choice)
    .min(2)
    .max(10)
    .refine((all) => areUnique(all.map(({ id }) => id)), { message: 'two have the same id' })
    .refine((all) => areUnique(all.map(({ label }) => label.toLowerCase())), { message: 'two have the same label' }),
  timeoutMs: z.int().min(1_000).max(longestQuestionMs).default(usualMs),
  to: z.string().min(1).optional(),
  channel: z.string().min(1).optional(),
});

/** What `service:chat.ask` is asked. */
export interface AskRequest {
  /** As Markdown. */
  readonly question: string;
  readonly choices: readonly Choice[];
  readonly timeoutMs: number;
  /** A person, a chat or a conversation. Default: the chat that the call serves, else the claw's main chat. */
  readonly to?: string | undefined;
  readonly channel?: string | undefined;
}

/** Throws `BAD_ARGUMENTS` with every problem and its place. */
export function parseAsk(value: Json): AskRequest {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.map(String).join('.')}: ${message}`);
  throw new ClayError('BAD_ARGUMENTS', `chat.ask: the question does not fit. ${problems.join('; ')}.`);
}

function areUnique(values: readonly string[]): boolean {
  return new Set(values).size === values.length;
}
