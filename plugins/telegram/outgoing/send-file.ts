import { ClayError } from '@clay/sdk';
import { z } from 'zod';
import { type BotApi, type FileKind, says } from '../bot-api.ts';
import { parsePlace } from '../place.ts';
import type { MessageTable } from './message-table.ts';

/** A call of the host carries no more in base64. Telegram itself takes 50 MB from a bot, and 10 MB as a photo. */
const maxFileBytes = 6_000_000;

export const fileParameters = z.strictObject({
  chat: z.string().min(1),
  name: z.string().min(1),
  mediaType: z.string().default(''),
  base64: z.base64(),
  caption: z.string().max(1024).default(''),
  key: z.string().min(1).optional().describe('A repeated key is the same file again.'),
});

export type OutgoingFile = z.infer<typeof fileParameters>;

export interface FileParts {
  readonly api: BotApi;
  readonly table: MessageTable;
}

/** Sends a file, images as photos where Telegram takes them as such. Throws `TOO_LARGE`. */
export async function sendFile(
  { api, table }: FileParts,
  file: OutgoingFile,
  signal: AbortSignal,
): Promise<{ readonly id: string }> {
  const { chat, name, base64, caption, key } = file;
  const stored = key === undefined ? null : await table.get(key);
  if (stored?.state === 'sent') return { id: String(stored.message) };
  const bytes = new Uint8Array(Buffer.from(base64, 'base64'));
  if (bytes.length > maxFileBytes)
    throw new ClayError(
      'TOO_LARGE',
      `${name} has ${inMegabytes(bytes.length)}, more than the ${inMegabytes(maxFileBytes)} that can be sent. Send a smaller one, or say where it is.`,
    );
  const place = parsePlace(chat);
  const send = (kind: FileKind) => api.sendFile(place, kind, { name, bytes, caption }, signal);
  const message = await send(kindOf(file)).catch((error: unknown) => {
    // An image of unusual sides is no photo to Telegram.
    if (says(error, 'PHOTO_|IMAGE_PROCESS_FAILED|VOICE_')) return send('document');
    throw error;
  });
  if (key !== undefined) await table.put({ key, place: chat, message, state: 'sent' });
  return { id: String(message) };
}

function kindOf({ name, mediaType }: OutgoingFile): FileKind {
  const isPhoto = mediaType === '' ? /\.(jpe?g|png)$/i.test(name) : /^image\/(jpeg|png|webp)$/.test(mediaType);
  if (isPhoto) return 'photo';
  return mediaType === 'audio/ogg' ? 'voice' : 'document';
}

const inMegabytes = (bytes: number) => `${(bytes / 1_000_000).toFixed(1)} MB`;
