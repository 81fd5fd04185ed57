import { ClayError, type OutgoingPart } from '@clay/sdk';
import { type TelegramPart, telegramText } from '@clay/sdk/telegram';
import { type BotApi, says } from '../bot-api.ts';
import { type Place, parsePlace } from '../place.ts';
import type { Keyboard } from '../questions/keyboard.ts';
import { keyOf, type LiveMessages } from './live-messages.ts';
import type { MessageTable } from './message-table.ts';

const emptyPlace: TelegramPart = { text: '…', format: 'plain' };

const maxPlaces = 3;

export interface DeliveryParts {
  readonly api: BotApi;
  readonly table: MessageTable;
  readonly live: LiveMessages;
}

/**
 * Sends one part so that its content comes once, whenever the process dies: an empty place is sent, its id is kept, and
 * the place is filled by an edit, which may be repeated. Only an empty place can be doubled.
 */
export async function deliverPart(
  { api, table, live }: DeliveryParts,
  { to, key, ...content }: OutgoingPart,
  signal: AbortSignal,
  keyboard: Keyboard = [],
): Promise<{ readonly id: string }> {
  const place = parsePlace(to);
  const part: TelegramPart = { text: content.text, format: content.format === 'html' ? 'html' : 'plain' };
  const stored = await table.get(key);
  if (stored?.state === 'sent') return { id: String(stored.message) };
  let message = stored?.message ?? 0;
  const open = async (found: number | null, replaces: string = key) => {
    message = found ?? (await api.send(place, emptyPlace, live.replyTo(to), signal));
    await table.put({ key, place: to, message, state: 'open' }, replaces);
  };
  if (stored === null)
    await live.adopt(to, telegramText(part), (found) => open(found, found === null ? key : keyOf(to)));
  // The person may have deleted it meanwhile.
  for (let tries = 1; !(await fill(api, place, message, part, keyboard, signal)); tries++) {
    if (tries === maxPlaces)
      throw new ClayError('UNAVAILABLE', `Telegram has lost ${maxPlaces} messages that were just sent.`);
    await open(null);
  }
  await table.put({ key, place: to, message, state: 'sent' });
  return { id: String(message) };
}

/** Puts a part into a message of the bot; false when that is gone. HTML that Telegram does not take goes as plain text. */
export async function fill(
  api: BotApi,
  place: Place,
  message: number,
  part: TelegramPart,
  keyboard: Keyboard,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    return await api.edit(place, message, part, signal, keyboard);
  } catch (error) {
    if (!says(error, "can't parse entities")) throw error;
    return api.edit(place, message, { text: telegramText(part), format: 'plain' }, signal, keyboard);
  }
}
