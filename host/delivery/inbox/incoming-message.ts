import { ClayError, type Json } from '@clay/sdk';
import { z } from '../../schema.ts';

const name = z
  .string()
  .min(1)
  .max(256)
  .refine((text) => !/\p{Cc}/u.test(text), { message: 'has control characters in it' });

const attachment = z.object({ name: z.string(), mediaType: z.string(), base64: z.string() });

const schema = z.object({
  key: z.string().min(1).max(512),
  channel: name,
  chat: name,
  user: name,
  name: z.string().max(256),
  text: z.string(),
  isGroup: z.boolean(),
  attachments: z.array(attachment).default([]),
  sentAt: z.number().nullish(),
});

/** A message as a connector hands it in. */
export type IncomingMessage = Readonly<z.output<typeof schema>>;

export type Attachment = Readonly<z.output<typeof attachment>>;

/** Throws `BAD_ARGUMENTS` with every problem and its place. */
export function parseIncoming(value: Json): IncomingMessage {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.map(String).join('.')}: ${message}`);
  throw new ClayError('BAD_ARGUMENTS', `chat.receive: the message does not fit. ${problems.join('; ')}.`);
}
