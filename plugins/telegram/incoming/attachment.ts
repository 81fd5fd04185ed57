import { type JsonObject, toFailure } from '@clay/sdk';
import type { BotApi, Message } from '../bot-api.ts';

interface FoundFile {
  readonly id: string;
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: number;
}

export interface ReadAttachments {
  readonly attachments: readonly JsonObject[];
  /** What the model reads about what could not be taken. */
  readonly notes: readonly string[];
}

/** Fetches what hangs on a message; what is too large is told in words. */
export async function readAttachments(
  api: BotApi,
  message: Message,
  maxBytes: number,
  signal: AbortSignal,
): Promise<ReadAttachments> {
  const file = findFile(message);
  if (file === null) return { attachments: [], notes: [] };
  const { id, name, mediaType } = file;
  const tooLarge = (bytes: number) => ({
    attachments: [],
    notes: [
      `[attachment left out: ${name} has ${inMegabytes(bytes)}, more than the ${inMegabytes(maxBytes)} that I take; tell the person]`,
    ],
  });
  if (file.bytes > maxBytes) return tooLarge(file.bytes);
  const bytes = await download(api, id, signal);
  if (bytes === null)
    return { attachments: [], notes: [`[attachment left out: Telegram does not give me ${name}; tell the person]`] };
  if (bytes.length > maxBytes) return tooLarge(bytes.length);
  return { attachments: [{ name, mediaType, base64: Buffer.from(bytes).toString('base64') }], notes: [] };
}

/** Null for what Telegram will not give however often it is asked: the words beside it are worth more. */
async function download(api: BotApi, id: string, signal: AbortSignal): Promise<Uint8Array | null> {
  try {
    return await api.download(id, signal);
  } catch (error) {
    if (toFailure(error).code === 'UNAVAILABLE' || signal.aborted) throw error;
    return null;
  }
}

function findFile({
  message_id,
  photo,
  voice,
  audio,
  video,
  video_note,
  document,
  animation,
}: Message): FoundFile | null {
  const sizes = photo ?? [];
  const largest = sizes.toSorted((a, b) => a.width * a.height - b.width * b.height).at(-1);
  if (largest !== undefined) return found(largest, `photo-${message_id}.jpg`, 'image/jpeg');
  if (voice !== undefined) return found(voice, `voice-${message_id}.ogg`, voice.mime_type ?? 'audio/ogg');
  if (video_note !== undefined) return found(video_note, `video-${message_id}.mp4`, 'video/mp4');
  const named = document ?? animation ?? audio ?? video;
  if (named === undefined) return null;
  return found(named, named.file_name ?? `file-${message_id}`, named.mime_type ?? 'application/octet-stream');
}

function found(
  file: { readonly file_id: string; readonly file_size?: number },
  name: string,
  mediaType: string,
): FoundFile {
  return { id: file.file_id, name, mediaType, bytes: file.file_size ?? 0 };
}

const inMegabytes = (bytes: number) => `${(bytes / 1_000_000).toFixed(1)} MB`;
