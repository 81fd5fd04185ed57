import { ClayError, type ErrorCode, type Http, toFailure } from '@clay/sdk';
import { z } from 'zod';
import { parseChat } from '../incoming/bridge-message.ts';

/** A call of the host carries no more in base64. A bot may send 50 MB. */
const maxBytes = 6_000_000;
const uploadMs = 120_000;

export const fileParameters = z.strictObject({
  chat: z.string().min(1).describe('The chat, as its messages name it.'),
  name: z.string().min(1),
  mediaType: z.string().default(''),
  base64: z.base64(),
  caption: z.string().max(1024).default(''),
  key: z.string().min(1).optional().describe('A repeated key is the same file again.'),
});

export type OutgoingFile = z.infer<typeof fileParameters>;

const answerForm = z.object({
  ok: z.boolean(),
  description: z.string().default(''),
  parameters: z.object({ retry_after: z.number().optional() }).default({}),
  result: z.object({ message_id: z.number() }).optional(),
});

/**
 * Sends a file into a chat of Telegram, by the Bot API itself: matterbridge 1.26.0 ends with a panic when its API is handed
 * one (`interface conversion: interface {} is map[string]interface {}, not config.FileInfo`). Only reading the bot's
 * updates is matterbridge's alone. Throws `BAD_ARGUMENTS` for other chats, and `TOO_LARGE`.
 */
export async function sendTelegramFile(
  http: Http,
  token: string | null,
  file: OutgoingFile,
  signal: AbortSignal,
): Promise<{ readonly id: string }> {
  const { name, base64 } = file;
  const chat = parseChat(file.chat);
  if (chat?.protocol !== 'telegram' || token === null)
    throw new ClayError(
      'BAD_ARGUMENTS',
      `${name} was not sent: matterbridge takes files for no other chats than those of the bot in TELEGRAM_BOT. Send its content as text, or say where it is.`,
    );
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length > maxBytes)
    throw new ClayError(
      'TOO_LARGE',
      `${name} has ${inMegabytes(bytes.length)}, more than the ${inMegabytes(maxBytes)} that can be sent. Send a smaller one, or say where it is.`,
    );
  const isPhoto = /^image\/(jpeg|png|webp)$/.test(file.mediaType);
  const ask = (kind: 'photo' | 'document') => upload(http, token, kind, chat.channel, { ...file, bytes }, signal);
  try {
    return await ask(isPhoto ? 'photo' : 'document');
  } catch (error) {
    // An image of unusual sides is no photo to Telegram.
    if (isPhoto && /PHOTO_|IMAGE_PROCESS_FAILED/.test(toFailure(error).error)) return ask('document');
    throw error;
  }
}

async function upload(
  http: Http,
  token: string,
  kind: 'photo' | 'document',
  channel: string,
  { name, mediaType, caption, bytes }: OutgoingFile & { readonly bytes: Uint8Array<ArrayBuffer> },
  signal: AbortSignal,
): Promise<{ readonly id: string }> {
  const [chat = '', topic] = channel.split('/');
  const form = new FormData();
  form.set('chat_id', chat);
  if (topic !== undefined) form.set('message_thread_id', topic);
  if (caption !== '') form.set('caption', caption);
  form.set(kind, new Blob([bytes], { type: mediaType }), name);
  const encoded = new Response(form);
  const headers = { 'content-type': encoded.headers.get('content-type') ?? '' };
  const body = new Uint8Array(await encoded.arrayBuffer());
  const method = kind === 'photo' ? 'sendPhoto' : 'sendDocument';
  const url = `https://api.telegram.org/bot${token}/${method}`;
  const response = await http
    .fetch(url, { method: 'POST', headers, body, timeoutMs: uploadMs, signal })
    .catch((error: unknown) => {
      const { error: reason, code } = toFailure(error);
      // The address holds the token.
      throw new ClayError(code, reason.replaceAll(token, '…'));
    });
  const { ok, description, parameters, result } = answerForm.parse(response.json());
  if (ok && result !== undefined) return { id: String(result.message_id) };
  const { retry_after } = parameters;
  const said = `Telegram refused ${name}: ${description} (${response.status}).`;
  throw new ClayError(codeOf(response.status, description), said, {
    ...(retry_after === undefined ? {} : { data: { retryAfterMs: retry_after * 1000 } }),
  });
}

function codeOf(status: number, description: string): ErrorCode {
  if (/chat not found/.test(description)) return 'NOT_FOUND';
  if (status === 413 || /too large/i.test(description)) return 'TOO_LARGE';
  if (status === 429 || status >= 500) return 'UNAVAILABLE';
  return status === 400 ? 'BAD_ARGUMENTS' : 'REFUSED';
}

const inMegabytes = (bytes: number) => `${(bytes / 1_000_000).toFixed(1)} MB`;
