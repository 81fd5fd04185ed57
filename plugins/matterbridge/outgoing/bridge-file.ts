import { extname } from 'node:path';
import { ClayError, type JsonObject } from '@clay/sdk';
import { z } from 'zod';
import type { BridgeChat } from '../incoming/bridge-message.ts';

/** A call of the host carries no more in base64. A bot may send 50 MB on Telegram; other protocols tell only the log. */
const maxBytes = 6_000_000;
/** Matterbridge has nothing there but a link to a server of media, which a claw does not run. */
const withoutFiles = new Set(['irc', 'sshchat']);

/** The ending by which matterbridge tells a picture from a document. */
const endings: Readonly<Record<string, string>> = {
  'image/jpeg': '.jpg',
  'image/png': '.png',
  'audio/mpeg': '.mp3',
  'audio/ogg': '.ogg',
  'video/mp4': '.mp4',
};

export const fileParameters = z.strictObject({
  chat: z.string().min(1).describe('The chat, as its messages name it.'),
  name: z.string().min(1),
  mediaType: z.string().default(''),
  base64: z.base64(),
  caption: z.string().max(1024).default(''),
  key: z.string().min(1).optional().describe('A repeated key is the same file again.'),
});

export type OutgoingFile = z.infer<typeof fileParameters>;

/**
 * What `POST /api/message` takes for a file. The caption rides with it: matterbridge drops the text of a message that has
 * a file. Throws `TOO_LARGE`, and `BAD_ARGUMENTS` where the chat can carry none.
 */
export function toFilePost(
  { gateway, protocol }: BridgeChat,
  { name, mediaType, base64, caption }: OutgoingFile,
  mark: string,
): JsonObject {
  if (withoutFiles.has(protocol))
    throw new ClayError(
      'BAD_ARGUMENTS',
      `${name} was not sent: there are no files on ${protocol}. Send its content as text.`,
    );
  const bytes = Buffer.byteLength(base64, 'base64');
  if (bytes > maxBytes)
    throw new ClayError(
      'TOO_LARGE',
      `${name} has ${inMegabytes(bytes)}, more than the ${inMegabytes(maxBytes)} that can be sent. Send a smaller one, or say where it is.`,
    );
  const ending = endings[mediaType];
  const shown = ending === undefined || extname(name) !== '' ? name : `${name}${ending}`;
  const Extra = { file: [{ Name: shown, Data: base64, Comment: caption }] };
  return { gateway, username: '', text: '', userid: mark, Extra };
}

const inMegabytes = (bytes: number) => `${(bytes / 1_000_000).toFixed(1)} MB`;
