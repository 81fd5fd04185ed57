import { isDeepStrictEqual } from 'node:util';
import { parseTelegramHtml, type TelegramEntity } from '@clay/sdk/telegram';
import { FakeRefusal } from './fake-refusal.ts';
import type { FakeParameters, FakeUpload } from './read-body.ts';

/** A button below a message. */
export interface FakeButton {
  readonly text: string;
  readonly callback_data: string;
}

/** A message of the bot, as people see it now. */
export interface FakeMessage {
  readonly id: number;
  readonly chat: string;
  readonly text: string;
  readonly entities: readonly TelegramEntity[];
  readonly replyTo: number | null;
  readonly file: FakeUpload | null;
  readonly buttons: readonly FakeButton[];
  /** How often it was changed after it was sent. */
  readonly edits: number;
}

const longestText = 4096;
const longestCaption = 1024;
const longestButtonData = 64;

/** What the bot has said in its chats, by the rules of the Bot API. */
export class FakeChats {
  readonly #messages = new Map<number, FakeMessage>();
  #lastId = 100;

  /** What stands in a chat, in order. */
  in(chat: number | string): readonly FakeMessage[] {
    return [...this.#messages.values()].filter((message) => message.chat === String(chat));
  }

  nextId(): number {
    return ++this.#lastId;
  }

  send(parameters: FakeParameters): FakeMessage {
    return this.#add(parameters, readText(parameters, 'text', longestText), null);
  }

  sendFile(parameters: FakeParameters, field: string): FakeMessage {
    const upload = Object.values(parameters.uploads)[0] ?? null;
    if (upload === null && parameters.values[field] === undefined)
      throw new FakeRefusal(400, `Bad Request: there is no ${field} in the request`);
    return this.#add(parameters, readText(parameters, 'caption', longestCaption), upload);
  }

  edit(parameters: FakeParameters): FakeMessage {
    const id = Number(parameters.values.message_id);
    const old = this.#messages.get(id);
    if (old === undefined || old.chat !== String(parameters.values.chat_id))
      throw new FakeRefusal(400, 'Bad Request: message to edit not found');
    const shown = readText(parameters, 'text', longestText);
    const buttons = readButtons(parameters);
    if (isDeepStrictEqual([shown, buttons], [{ text: old.text, entities: old.entities }, old.buttons]))
      throw new FakeRefusal(
        400,
        'Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message',
      );
    const changed = { ...old, ...shown, buttons, edits: old.edits + 1 };
    this.#messages.set(id, changed);
    return changed;
  }

  delete({ values }: FakeParameters): true {
    if (!this.#messages.delete(Number(values.message_id)))
      throw new FakeRefusal(400, 'Bad Request: message to delete not found');
    return true;
  }

  #add(
    parameters: FakeParameters,
    shown: Pick<FakeMessage, 'text' | 'entities'>,
    file: FakeUpload | null,
  ): FakeMessage {
    const { values } = parameters;
    const reply = readJson<{ message_id?: unknown }>(values.reply_parameters);
    const replyTo = typeof reply?.message_id === 'number' ? reply.message_id : null;
    const buttons = readButtons(parameters);
    const message = { id: this.nextId(), chat: String(values.chat_id), ...shown, replyTo, file, buttons, edits: 0 };
    this.#messages.set(message.id, message);
    return message;
  }
}

function readButtons({ values }: FakeParameters): readonly FakeButton[] {
  const markup = readJson<{ inline_keyboard?: readonly (readonly FakeButton[])[] }>(values.reply_markup);
  const buttons = markup?.inline_keyboard?.flat() ?? [];
  for (const { callback_data: data } of buttons)
    if (data === '' || Buffer.byteLength(data) > longestButtonData)
      throw new FakeRefusal(400, 'Bad Request: BUTTON_DATA_INVALID');
  return buttons;
}

/** Of a form, JSON is text. */
function readJson<Value>(value: unknown): Value | null {
  if (value === undefined) return null;
  return typeof value === 'string' ? JSON.parse(value) : (value as Value);
}

function readText(
  { values }: FakeParameters,
  field: 'text' | 'caption',
  limit: number,
): Pick<FakeMessage, 'text' | 'entities'> {
  const raw = String(values[field] ?? '');
  const { text, entities } = trim(values.parse_mode === 'HTML' ? parse(raw) : { text: raw, entities: [] });
  if (field === 'text' && text === '') throw new FakeRefusal(400, 'Bad Request: message text is empty');
  if (text.length > limit)
    throw new FakeRefusal(400, `Bad Request: ${field === 'text' ? 'message' : 'message caption'} is too long`);
  return { text, entities };
}

/** Telegram takes white space away at the end, and before the first entity: code keeps how far it is indented. */
function trim({ text, entities }: Pick<FakeMessage, 'text' | 'entities'>): Pick<FakeMessage, 'text' | 'entities'> {
  const end = text.trimEnd().length;
  const first = Math.min(end, ...entities.map(({ offset }) => offset));
  const lead = first - text.slice(0, first).trimStart().length;
  return {
    text: text.slice(lead, end),
    entities: entities.map((one) => ({
      ...one,
      offset: one.offset - lead,
      length: Math.min(one.length, end - one.offset),
    })),
  };
}

function parse(html: string): Pick<FakeMessage, 'text' | 'entities'> {
  try {
    return parseTelegramHtml(html);
  } catch (error) {
    throw new FakeRefusal(400, `Bad Request: ${(error as Error).message}`);
  }
}
