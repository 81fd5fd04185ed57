import { ClayError, type Json } from '@clay/sdk';
import { z } from '../schema.ts';
import type { OutgoingFile } from '../store/delivery/outbox-store.ts';

/** Of one file: with its base64 it stays below what one message to a plugin may hold. */
export const maxSentFileBytes = 5 * 1024 * 1024;
/** Of one message. */
const maxFiles = 10;

const file = z.strictObject({
  name: z
    .string()
    .min(1)
    .max(200)
    .refine((name) => !/[\p{Cc}/\\]/u.test(name), { message: 'is no plain file name' }),
  mediaType: z.string().regex(/^[\w.+-]+\/[\w.+-]+$/, { message: 'must look like "image/png"' }),
  base64: z.base64(),
  caption: z.string().max(1024).default(''),
});

const schema = z.strictObject({
  text: z.string().default(''),
  to: z.string().optional(),
  channel: z.string().optional(),
  files: z.array(file).max(maxFiles).default([]),
});

/** What `service:chat.send` is asked. */
export interface SendRequest {
  /** As Markdown. */
  readonly text: string;
  readonly to: string | undefined;
  readonly channel: string | undefined;
  readonly files: readonly OutgoingFile[];
}

/** Throws `BAD_ARGUMENTS` with every problem and its place, `TOO_LARGE` for a file that no connector could be given. */
export function parseSend(value: Json): SendRequest {
  const parsed = schema.safeParse(value ?? {});
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.map(String).join('.')}: ${message}`);
    throw new ClayError('BAD_ARGUMENTS', `chat.send: the message does not fit. ${problems.join('; ')}.`);
  }
  const { text, to, channel, files } = parsed.data;
  if (text.trim() === '' && files.length === 0) throw new ClayError('BAD_ARGUMENTS', 'chat.send: the text is empty.');
  return { text, to: to || undefined, channel: channel || undefined, files: files.map(decode) };
}

function decode({ name, mediaType, base64, caption }: z.output<typeof file>): OutgoingFile {
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length > maxSentFileBytes)
    throw new ClayError(
      'TOO_LARGE',
      `chat.send: ${name} has ${bytes.length} bytes; a file in a chat may have ${maxSentFileBytes}.`,
    );
  return { name, mediaType, caption, bytes };
}
