import { ClayError } from '@clay/sdk';
import { parseChat } from '../incoming/bridge-message.ts';
import type { OwnMarks } from '../incoming/own-marks.ts';
import type { BridgeApi } from '../stream/bridge-api.ts';
import { type OutgoingText, plainOf, toPost } from './outgoing-message.ts';

export interface OutgoingFile {
  readonly to: string;
  readonly name: string;
  readonly base64: string;
  readonly caption: string;
}

const rememberedKeys = 500;

/** Posts parts and files. A part whose post was answered is not posted again by this process. */
export class Sender {
  readonly #api: BridgeApi;
  readonly #marks: OwnMarks;
  readonly #sent = new Set<string>();

  constructor(api: BridgeApi, marks: OwnMarks) {
    this.#api = api;
    this.#marks = marks;
  }

  async send(to: string, part: OutgoingText, key: string, signal: AbortSignal): Promise<void> {
    if (this.#sent.has(key)) return;
    const chat = chatOf(to);
    // Before the post: an echo may be faster than its answer.
    if (chat.protocol !== 'telegram') this.#marks.sent(plainOf(part));
    await this.#api.post(toPost(chat, part, this.#marks.mark), signal);
    this.#sent.add(key);
    if (this.#sent.size > rememberedKeys) for (const oldest of this.#sent) return void this.#sent.delete(oldest);
  }

  /** The caption rides with the file: matterbridge drops the text of a message that has one. */
  async sendFile({ to, name, base64, caption }: OutgoingFile, signal: AbortSignal): Promise<void> {
    const { gateway } = chatOf(to);
    const Extra = { file: [{ Name: name, Data: base64, Comment: caption }] };
    await this.#api.post({ gateway, username: '', text: '', userid: this.#marks.mark, Extra }, signal);
  }
}

function chatOf(to: string) {
  const chat = parseChat(to);
  if (chat === null)
    throw new ClayError(
      'BAD_ARGUMENTS',
      `"${to}" is no chat of Matterbridge: it is written "gateway/protocol/channel".`,
    );
  return chat;
}
