import { type Context, toFailure } from '@clay/sdk';
import { renderTelegram, telegramText } from '@clay/sdk/telegram';
import type { BotApi } from '../bot-api.ts';
import type { TelegramSection } from '../config.ts';
import { isGroup, parsePlace } from '../place.ts';
import type { MessageTable } from './message-table.ts';

/** Telegram shows "typing" for five seconds. */
const typingMs = 4_500;
/** Nobody is told of a turn that never ends. */
const maxTypingMs = 30 * 60_000;
/** A shorter answer is there before it could be watched. In characters. */
const leastText = 160;
/** Between two edits: Telegram counts them like messages. */
const privateGapMs = 1_500;
const groupGapMs = 4_000;
/** How long a live message waits for the part that it becomes. */
const orphanMs = 15_000;
/** How much of the beginning tells that a part is what the live message was to become. In characters. */
const sameBeginning = 60;
const cursor = ' ▌';

interface LiveChat {
  stopTyping: () => void;
  message: number | null;
  shown: string;
  editAt: number;
  cancelDrop: () => void;
  /** One thing at a time: a late edit must not undo the answer. */
  queue: Promise<unknown>;
  heard: number | null;
}

/** Shows what the claw does: "typing", and one message that grows as the answer streams and then becomes its first part. */
export class LiveMessages {
  readonly #ctx: Context<TelegramSection>;
  readonly #api: BotApi;
  readonly #table: MessageTable;
  readonly #chats = new Map<string, LiveChat>();

  constructor(ctx: Context<TelegramSection>, api: BotApi, table: MessageTable) {
    this.#ctx = ctx;
    this.#api = api;
    this.#table = table;
  }

  /** The message that an answer in a group replies to. */
  heard(place: string, message: number): void {
    this.#chat(place).heard = message;
  }

  replyTo(place: string): number | null {
    return isGroup(parsePlace(place)) ? (this.#chats.get(place)?.heard ?? null) : null;
  }

  /** Removes what an earlier process has left half said. */
  async clear(): Promise<void> {
    for (const { key, place, message } of await this.#table.live()) {
      await this.#quietly('clear', () => this.#api.remove(parsePlace(place), message));
      await this.#table.drop(key);
    }
  }

  async tell(place: string, state: 'thinking' | 'tool' | 'idle', text = ''): Promise<void> {
    const chat = this.#chat(place);
    if (state === 'idle') {
      chat.stopTyping();
      chat.stopTyping = nothing;
      if (chat.message !== null) chat.cancelDrop = this.#ctx.clock.after(orphanMs, () => void this.#drop(place, chat));
      return;
    }
    if (chat.stopTyping === nothing) this.#type(place, chat, this.#ctx.clock.now() + maxTypingMs);
    if (text.length >= leastText) await this.#inTurn(chat, () => this.#show(place, chat, text));
  }

  /** Gives the chat's live message away, when the part is what that was to become; from then on it is live no more. */
  adopt(place: string, text: string, take: (message: number | null) => Promise<void>): Promise<void> {
    const chat = this.#chat(place);
    return this.#inTurn(chat, async () => {
      const isSame = chat.message !== null && beginningOf(text).startsWith(beginningOf(chat.shown));
      const message = isSame ? chat.message : null;
      await take(message);
      if (!isSame) return;
      chat.cancelDrop();
      chat.message = null;
    });
  }

  /** Stops every timer. */
  stop(): void {
    for (const chat of this.#chats.values()) {
      chat.stopTyping();
      chat.cancelDrop();
    }
  }

  async #show(place: string, chat: LiveChat, text: string): Promise<void> {
    const { clock } = this.#ctx;
    const at = parsePlace(place);
    const [part, ...rest] = renderTelegram(text + cursor);
    // What is beyond the first message is shown when it is whole.
    if (part === undefined || rest.length > 0 || clock.now() < chat.editAt) return;
    chat.editAt = clock.now() + (isGroup(at) ? groupGapMs : privateGapMs);
    try {
      if (chat.message === null) {
        chat.message = await this.#api.send(at, part, this.replyTo(place));
        await this.#table.put({ key: keyOf(place), place, message: chat.message, state: 'live' });
      } else if (!(await this.#api.edit(at, chat.message, part))) {
        chat.message = null;
        await this.#table.drop(keyOf(place));
      }
      chat.shown = telegramText(part).slice(0, -cursor.length);
    } catch (error) {
      const { data, ...failure } = toFailure(error);
      if (typeof data === 'object' && data !== null && 'retryAfterMs' in data)
        chat.editAt = clock.now() + Number(data.retryAfterMs);
      this.#ctx.log.debug('telegram.live_failed', { place, ...failure });
    }
  }

  async #drop(place: string, chat: LiveChat): Promise<void> {
    await this.#inTurn(chat, async () => {
      if (chat.message === null) return;
      const { message } = chat;
      chat.message = null;
      await this.#quietly('drop', () => this.#api.remove(parsePlace(place), message));
      await this.#table.drop(keyOf(place));
    });
  }

  #type(place: string, chat: LiveChat, until: number): void {
    void this.#quietly('typing', () => this.#api.type(parsePlace(place)));
    chat.stopTyping = this.#ctx.clock.after(typingMs, () => {
      chat.stopTyping = nothing;
      if (this.#ctx.clock.now() < until) this.#type(place, chat, until);
    });
  }

  #inTurn(chat: LiveChat, work: () => Promise<void>): Promise<void> {
    const done = chat.queue.then(work);
    chat.queue = done.catch(nothing);
    return done;
  }

  async #quietly(what: string, request: () => Promise<void>): Promise<void> {
    try {
      await request();
    } catch (error) {
      this.#ctx.log.debug('telegram.live_failed', { what, error: toFailure(error).error });
    }
  }

  #chat(place: string): LiveChat {
    const known = this.#chats.get(place);
    if (known !== undefined) return known;
    const chat: LiveChat = {
      stopTyping: nothing,
      message: null,
      shown: '',
      editAt: 0,
      cancelDrop: nothing,
      queue: Promise.resolve(),
      heard: null,
    };
    this.#chats.set(place, chat);
    return chat;
  }
}

export const keyOf = (place: string) => `live:${place}`;
const nothing = () => undefined;

/** Letters and digits only: half a Markdown mark at the end of a stream looks otherwise when it is whole. */
function beginningOf(text: string): string {
  return text.replaceAll(/[^\p{L}\p{N}]/gu, '').slice(0, sameBeginning);
}
