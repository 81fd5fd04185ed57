import { type Context, type Pairing, toFailure } from '@clay/sdk';
import type { KnownCheck } from '../access/known-people.ts';
import type { BotApi, Me, Message, Update } from '../bot-api.ts';
import type { TelegramSection } from '../config.ts';
import type { LiveMessages } from '../outgoing/live-messages.ts';
import { formatPlace, isGroup, type Place } from '../place.ts';
import type { Questions } from '../questions/questions.ts';
import { readAttachments } from './attachment.ts';
import { isAddressed, textOfMessage } from './message-text.ts';

export interface ReceiverParts {
  readonly ctx: Context<TelegramSection>;
  readonly api: BotApi;
  readonly pairing: Pairing;
  readonly live: LiveMessages;
  readonly questions: Questions;
  readonly isKnown: KnownCheck;
}

/** Hands what people say to the host; strangers get one polite line. */
export class Receiver {
  readonly #parts: ReceiverParts;

  constructor(parts: ReceiverParts) {
    this.#parts = parts;
  }

  /** Resolves when the host has accepted what the update says, or when there is nothing in it for the host. */
  async receive(update: Update, me: Me, signal: AbortSignal): Promise<void> {
    if (update.callback_query !== undefined) return this.#parts.questions.press(update.callback_query, signal);
    const message = update.message ?? update.edited_message;
    if (message?.from === undefined || message.from.is_bot) return;
    const place: Place = {
      chat: String(message.chat.id),
      topic: message.is_topic_message === true ? (message.message_thread_id ?? null) : null,
    };
    if (isGroup(place) && !isAddressed(message, me)) return;
    if (!(await this.#isLetIn(message, place, signal))) return;
    await this.#handOver(message, place, me, update.edited_message !== undefined, signal);
  }

  async #isLetIn(message: Message, place: Place, signal: AbortSignal): Promise<boolean> {
    const { ctx, api, pairing, isKnown } = this.#parts;
    const sender = { user: String(message.from?.id), chat: place.chat, isGroup: isGroup(place) };
    if (await isKnown(sender)) return true;
    if (sender.isGroup) {
      // The operator, who may be the one in question, finds the id here.
      if (await pairing.mayGreet(`${sender.user}@${sender.chat}`))
        ctx.log.warn('telegram.unnamed', {
          user: sender.user,
          chat: sender.chat,
          name: nameOf(message),
          message: 'In groups only people in TELEGRAM_ALLOWED_USERS, or paired, are heard.',
        });
      return false;
    }
    const say = (text: string) => api.send(place, { text, format: 'plain' }, null, signal);
    if (await pairing.redeem(sender.user, message.text ?? '')) {
      ctx.log.info('telegram.paired', { user: sender.user });
      await say('We are paired: from now on you can talk to me here. /help tells what you can type.');
    } else if (await pairing.mayGreet(sender.user)) {
      ctx.log.warn('telegram.stranger', { user: sender.user, name: nameOf(message) });
      await say(
        `Hello! I am a personal assistant, and I only talk to people whom my owner has named. If that should be you: your id is ${sender.user}; or send me the pairing code.`,
      );
    }
    return false;
  }

  async #handOver(message: Message, place: Place, me: Me, isEdited: boolean, signal: AbortSignal): Promise<void> {
    const { ctx, api, live } = this.#parts;
    const { attachments, notes } = await readAttachments(api, message, ctx.config.attachmentBytes, signal);
    const text = [textOfMessage(message, me, isEdited), ...notes].filter(Boolean).join('\n');
    if (text.trim() === '' && attachments.length === 0) return;
    const version = isEdited ? `:${message.edit_date ?? 0}` : '';
    await ctx.call(
      'service:chat.receive',
      {
        key: `telegram:${me.id}:${place.chat}:${message.message_id}${version}`,
        channel: 'telegram',
        chat: formatPlace(place),
        user: String(message.from?.id),
        name: nameOf(message),
        text,
        isGroup: isGroup(place),
        attachments,
        sentAt: message.date * 1000,
      },
      { signal },
    );
    live.heard(formatPlace(place), message.message_id);
  }
}

/** Whether another try may bring what this one did not: a message that can never be taken holds up nobody behind it. */
export function isWorthRetrying(error: unknown): boolean {
  const { code } = toFailure(error);
  return code !== 'BAD_ARGUMENTS' && code !== 'TOO_LARGE' && code !== 'NOT_FOUND' && code !== 'REFUSED';
}

function nameOf({ from }: Message): string {
  return [from?.first_name, from?.last_name].filter(Boolean).join(' ') || String(from?.id);
}
