import { parseTelegramHtml, type TelegramEntity } from '@clay/sdk/telegram';
import { FakeRefusal } from './fake-refusal.ts';
import type { FakeParameters, FakeUpload } from './read-body.ts';

/** A message of the bot, as people see it now. */
export interface FakeMessage {
  readonly id: number;
  readonly chat: string;
  readonly text: string;
  readonly entities: readonly TelegramEntity[];
  readonly replyTo: number | null;
  readonly file: FakeUpload | null;
  /** How often it was changed after it was sent. */
  readonly edits: number;
}

const longestText = 4096;
const longestCaption = 1024;

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
    if (shown.text === old.text && JSON.stringify(shown.entities) === JSON.stringify(old.entities))
      throw new FakeRefusal(
        400,
        'Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message',
      );
    const changed = { ...old, ...shown, edits: old.edits + 1 };
    this.#messages.set(id, changed);
    return changed;
  }

  delete({ values }: FakeParameters): true {
    if (!this.#messages.delete(Number(values.message_id)))
      throw new FakeRefusal(400, 'Bad Request: message to delete not found');
    return true;
  }

  #add(
    { values }: FakeParameters,
    shown: Pick<FakeMessage, 'text' | 'entities'>,
    file: FakeUpload | null,
  ): FakeMessage {
    const reply = values.reply_parameters;
    const read = typeof reply === 'string' ? JSON.parse(reply) : reply;
    const replyTo = typeof read?.message_id === 'number' ? read.message_id : null;
    const message = { id: this.nextId(), chat: String(values.chat_id), ...shown, replyTo, file, edits: 0 };
    this.#messages.set(message.id, message);
    return message;
  }
}

function readText(
  { values }: FakeParameters,
  field: 'text' | 'caption',
  limit: number,
): Pick<FakeMessage, 'text' | 'entities'> {
  const raw = String(values[field] ?? '');
  const shown = values.parse_mode === 'HTML' ? parse(raw) : { text: raw, entities: [] };
  const text = shown.text.trim();
  if (field === 'text' && text === '') throw new FakeRefusal(400, 'Bad Request: message text is empty');
  if (text.length > limit)
    throw new FakeRefusal(400, `Bad Request: ${field === 'text' ? 'message' : 'message caption'} is too long`);
  return { text, entities: shown.entities };
}

function parse(html: string): Pick<FakeMessage, 'text' | 'entities'> {
  try {
    return parseTelegramHtml(html);
  } catch (error) {
    throw new FakeRefusal(400, `Bad Request: ${(error as Error).message}`);
  }
}
