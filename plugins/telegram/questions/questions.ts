import { type Context, toFailure } from '@clay/sdk';
import type { TelegramPart } from '@clay/sdk/telegram';
import { z } from 'zod';
import type { KnownCheck } from '../access/known-people.ts';
import type { BotApi, Press } from '../bot-api.ts';
import type { TelegramSection } from '../config.ts';
import { type DeliveryParts, deliverPart, fill } from '../outgoing/deliver-part.ts';
import { isGroup, parsePlace } from '../place.ts';
import { keyboardOf, parsePress } from './keyboard.ts';
import type { Question, QuestionTable } from './question-table.ts';

export const askParameters = z.strictObject({
  chat: z.string().min(1),
  text: z.string().min(1).describe('Rendered already.'),
  format: z.enum(['html', 'plain']).default('plain'),
  choices: z
    .array(z.strictObject({ id: z.string().min(1), label: z.string().min(1) }))
    .min(1)
    .max(20),
  key: z.string().regex(/^[\w-]{1,16}$/),
});
export const settleParameters = z.strictObject({
  chat: z.string().min(1),
  key: z.string().min(1),
  id: z.string().nullable().default(null),
  text: z.string(),
});

const ended = 'This question is no longer open.';

export interface QuestionsParts {
  readonly ctx: Context<TelegramSection>;
  readonly api: BotApi;
  readonly delivery: DeliveryParts;
  readonly table: QuestionTable;
  readonly isKnown: KnownCheck;
}

/** Questions with buttons: asked, pressed, and shown as they ended. */
export class Questions {
  readonly #parts: QuestionsParts;

  constructor(parts: QuestionsParts) {
    this.#parts = parts;
  }

  async ask(
    { chat, text, format, choices, key }: z.infer<typeof askParameters>,
    signal: AbortSignal,
  ): Promise<{ readonly id: string }> {
    const { delivery, table } = this.#parts;
    // Before the buttons are there to be pressed.
    await table.put({ key, place: chat, part: { text, format }, choices });
    return deliverPart(delivery, { to: chat, text, format, key: messageKey(key) }, signal, keyboardOf(key, choices));
  }

  /** Shows how a question ended that nobody has pressed a button of. */
  async settle({ chat, key, text }: z.infer<typeof settleParameters>, signal: AbortSignal): Promise<void> {
    const question = await this.#parts.table.get(key);
    if (question !== null && question.place === chat) await this.#close(question, text, signal);
  }

  /** Resolves when the host has taken the answer. */
  async press({ id, from, message, data = '' }: Press, signal: AbortSignal): Promise<void> {
    const { ctx, isKnown } = this.#parts;
    const pressed = parsePress(data);
    const question = pressed && (await this.#parts.table.get(pressed.key));
    const choice = pressed && question?.choices[pressed.index];
    const place = question && parsePlace(question.place);
    if (!question || !choice || !place || String(message?.chat.id) !== place.chat) return this.#say(id, ended, signal);
    const user = String(from.id);
    if (!(await isKnown({ user, chat: place.chat, isGroup: isGroup(place) }))) {
      ctx.log.warn('telegram.press_refused', { user, chat: place.chat, name: from.first_name });
      return this.#say(id, 'Only people whom my owner has named can answer this.', signal);
    }
    const { key, place: chat } = question;
    let taken: { readonly state: string; readonly text: string };
    try {
      const answer = { channel: 'telegram', chat, user, key, choice: choice.id };
      taken = (await ctx.call('service:chat.answer', answer, { signal })) as unknown as typeof taken;
    } catch (error) {
      // The person's phone waits for a word until it gives up.
      await this.#say(id, 'I cannot take that at the moment. If nothing happens, please type your answer.', signal);
      throw error;
    }
    const isTaken = taken.state === 'answered';
    await this.#say(id, isTaken ? choice.label : ended, signal);
    const shown = taken.text === '' ? ended : taken.text;
    await this.#close(question, isTaken ? `${shown} (${from.first_name})` : shown, signal);
  }

  /** The question without its buttons, and what came of it. */
  async #close({ key, place, part }: Question, outcome: string, signal: AbortSignal): Promise<void> {
    const { api, delivery } = this.#parts;
    const sent = await delivery.table.get(messageKey(key));
    if (sent !== null) await fill(api, parsePlace(place), sent.message, withOutcome(part, outcome), [], signal);
  }

  /** Telegram takes the answer to a press for a while only; the message tells the same. */
  async #say(press: string, text: string, signal: AbortSignal): Promise<void> {
    const { api, ctx } = this.#parts;
    try {
      await api.answerPress(press, text, signal);
    } catch (error) {
      signal.throwIfAborted();
      ctx.log.debug('telegram.press_unanswered', { error: toFailure(error).error });
    }
  }
}

const messageKey = (key: string) => `ask:${key}`;

function withOutcome({ text, format }: TelegramPart, outcome: string): TelegramPart {
  if (format === 'plain') return { text: `${text}\n\n${outcome}`, format };
  const escaped = outcome.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return { text: `${text}\n\n<b>${escaped}</b>`, format };
}
