import { ClayError } from '@clay/sdk';
import type { TelegramPart } from '@clay/sdk/telegram';
import { Api, GrammyError, InputFile } from 'grammy/web';
import type { Place } from './place.ts';
import type { Keyboard } from './questions/keyboard.ts';

/** grammY knows a signal of its own, of the same shape. */
type GrammySignal = NonNullable<Parameters<Api['getMe']>[0]>;
type Updates = Awaited<ReturnType<Api['getUpdates']>>;
export type Update = Updates[number];
export type Message = NonNullable<Update['message']>;
/** Of a button. */
export type Press = NonNullable<Update['callback_query']>;
/** The bot itself. */
export type Me = Pick<Awaited<ReturnType<Api['getMe']>>, 'id' | 'username' | 'can_read_all_group_messages'>;

export interface MenuCommand {
  readonly command: string;
  readonly description: string;
}

/** A file for a chat. */
export interface OutgoingFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly caption: string;
}

/** What Telegram knows of the webhook. */
export interface WebhookState {
  /** Empty: there is none. */
  readonly url: string;
  /** Of the last update that could not be brought; 0: none. In seconds since the epoch. */
  readonly failedAt: number;
  readonly problem: string;
  readonly waiting: number;
}

/** What Telegram shows a file as. */
export type FileKind = 'photo' | 'voice' | 'document';

/** Seconds; a long poll has its own time on top. */
const requestSeconds = 30;
/** Of a file by a slow line. */
const uploadSeconds = 120;
const allowed_updates = ['message', 'edited_message', 'callback_query'] as const;
const unreachable = 'Telegram cannot be reached.';

/**
 * The part of the Bot API that a claw needs. Every method throws a `ClayError`: `REFUSED` for a wrong token or a chat that
 * takes nothing from the bot, `CONFLICT` when another process reads the bot's updates, `UNAVAILABLE` with `retryAfterMs`.
 */
export class BotApi {
  readonly #api: Api;
  readonly #fileRoot: string;

  constructor(token: string, baseUrl: string) {
    const apiRoot = baseUrl.replace(/\/+$/, '');
    this.#api = new Api(token, { apiRoot });
    this.#fileRoot = `${apiRoot}/file/bot${token}`;
  }

  me(signal?: AbortSignal): Promise<Me> {
    return ask((within) => this.#api.getMe(within), signal);
  }

  /** Waits for news from `offset` on, which confirms all before it. */
  updates(offset: number, pollSeconds: number, signal: AbortSignal): Promise<Updates> {
    return ask(
      (within) => this.#api.getUpdates({ offset, timeout: pollSeconds, allowed_updates }, within),
      signal,
      requestSeconds + pollSeconds,
    );
  }

  async send(place: Place, part: TelegramPart, replyTo: number | null, signal?: AbortSignal): Promise<number> {
    const reply =
      replyTo === null ? {} : { reply_parameters: { message_id: replyTo, allow_sending_without_reply: true } };
    const sent = await ask(
      (within) =>
        this.#api.sendMessage(place.chat, part.text, { ...topicOf(place), ...modeOf(part), ...reply }, within),
      signal,
    );
    return sent.message_id;
  }

  /** Gives false when the message is gone, or too old to be changed. Buttons that are not given again are gone. */
  async edit(
    { chat }: Place,
    messageId: number,
    part: TelegramPart,
    signal?: AbortSignal,
    keyboard: Keyboard = [],
  ): Promise<boolean> {
    const inline_keyboard = keyboard.map((row) => row.map((button) => ({ ...button })));
    const other = { ...modeOf(part), ...(keyboard.length === 0 ? {} : { reply_markup: { inline_keyboard } }) };
    try {
      await ask((within) => this.#api.editMessageText(chat, messageId, part.text, other, within), signal);
      return true;
    } catch (error) {
      if (says(error, 'message is not modified')) return true;
      if (says(error, "message to edit not found|message can't be edited|MESSAGE_ID_INVALID")) return false;
      throw error;
    }
  }

  async remove({ chat }: Place, messageId: number): Promise<void> {
    await ask((within) => this.#api.deleteMessage(chat, messageId, within));
  }

  async type(place: Place): Promise<void> {
    await ask((within) => this.#api.sendChatAction(place.chat, 'typing', topicOf(place), within));
  }

  /** Throws `CALL_OUTCOME_UNKNOWN` when the line broke and nobody can say whether the file came through. */
  async sendFile(
    place: Place,
    kind: FileKind,
    { name, bytes, caption }: OutgoingFile,
    signal: AbortSignal,
  ): Promise<number> {
    const file = new InputFile(bytes, name);
    const other = { ...topicOf(place), ...(caption === '' ? {} : { caption }) };
    const send = (within: GrammySignal): Promise<{ readonly message_id: number }> => {
      switch (kind) {
        case 'photo':
          return this.#api.sendPhoto(place.chat, file, other, within);
        case 'voice':
          return this.#api.sendVoice(place.chat, file, other, within);
        case 'document':
          return this.#api.sendDocument(place.chat, file, other, within);
      }
    };
    try {
      return (await ask(send, signal, uploadSeconds)).message_id;
    } catch (error) {
      if (!(error instanceof ClayError && error.message === unreachable) || wasNeverSent(error)) throw error;
      throw new ClayError('CALL_OUTCOME_UNKNOWN', `The line to Telegram broke while ${name} was sent.`, {
        cause: error,
      });
    }
  }

  /** Says a word to whoever pressed a button, and ends their wait. */
  async answerPress(id: string, text: string, signal: AbortSignal): Promise<void> {
    await ask((within) => this.#api.answerCallbackQuery(id, { text }, within), signal);
  }

  async setCommands(commands: readonly MenuCommand[]): Promise<void> {
    await ask((within) => this.#api.setMyCommands(commands, {}, within));
  }

  /** Updates come one at a time, so that they keep their order. */
  async setWebhook(url: string, secret: string, signal: AbortSignal): Promise<void> {
    const other = { secret_token: secret, allowed_updates, max_connections: 1 };
    await ask((within) => this.#api.setWebhook(url, other, within), signal);
  }

  async webhook(signal: AbortSignal): Promise<WebhookState> {
    const info = await ask((within) => this.#api.getWebhookInfo(within), signal);
    return {
      url: info.url ?? '',
      failedAt: info.last_error_date ?? 0,
      problem: info.last_error_message ?? '',
      waiting: info.pending_update_count,
    };
  }

  /** A bot with a webhook gives no updates to those who ask. */
  async deleteWebhook(): Promise<void> {
    await ask((within) => this.#api.deleteWebhook({}, within));
  }

  async download(fileId: string, signal: AbortSignal): Promise<Uint8Array> {
    const { file_path } = await ask((within) => this.#api.getFile(fileId, within), signal);
    return ask(async (_, within) => {
      const response = await fetch(`${this.#fileRoot}/${file_path}`, { signal: within });
      if (!response.ok) throw new ClayError('UNAVAILABLE', `Telegram answered the download with ${response.status}.`);
      return new Uint8Array(await response.arrayBuffer());
    }, signal);
  }
}

/** Whether Telegram said so. */
export function says(error: unknown, pattern: string): boolean {
  return error instanceof ClayError && new RegExp(pattern).test(error.message);
}

const modeOf = ({ format }: TelegramPart) => ({
  link_preview_options: { is_disabled: true },
  ...(format === 'html' ? { parse_mode: 'HTML' as const } : {}),
});
const topicOf = ({ topic }: Place) => (topic === null ? {} : { message_thread_id: topic });

async function ask<Value>(
  request: (signal: GrammySignal, fetchSignal: AbortSignal) => Promise<Value>,
  signal?: AbortSignal,
  seconds = requestSeconds,
): Promise<Value> {
  const late = AbortSignal.timeout(seconds * 1000);
  try {
    const either = signal === undefined ? late : AbortSignal.any([signal, late]);
    return await request(either as unknown as GrammySignal, either);
  } catch (thrown) {
    signal?.throwIfAborted();
    throw toClayError(thrown);
  }
}

function toClayError(thrown: unknown): ClayError {
  if (thrown instanceof ClayError) return thrown;
  // What grammY says of a failed connection leaves out the address, which has the token in it.
  if (!(thrown instanceof GrammyError)) return new ClayError('UNAVAILABLE', unreachable, { cause: thrown });
  const { error_code: status, description, method, parameters } = thrown;
  const said = `Telegram refused ${method}: ${description} (${status}).`;
  if (parameters.retry_after !== undefined)
    return new ClayError('UNAVAILABLE', said, { data: { retryAfterMs: parameters.retry_after * 1000 } });
  if (/chat not found/.test(description)) return new ClayError('NOT_FOUND', said);
  if (/too long|Too Large/.test(description)) return new ClayError('TOO_LARGE', said);
  if (status === 401 || status === 403 || status === 404) return new ClayError('REFUSED', said);
  if (status === 409) return new ClayError('CONFLICT', said);
  return new ClayError(status >= 400 && status < 429 ? 'BAD_ARGUMENTS' : 'UNAVAILABLE', said);
}

/** Of a connection that never was. grammY wraps the error of `fetch`, which wraps that of the socket. */
function wasNeverSent(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('code' in error && /^(ECONNREFUSED|ENOTFOUND|EHOSTUNREACH|ENETUNREACH)$/.test(String(error.code))) return true;
  return wasNeverSent('error' in error ? error.error : error.cause);
}
