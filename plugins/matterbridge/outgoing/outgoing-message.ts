import { telegramText } from '@clay/sdk/telegram';
import type { BridgeChat } from '../incoming/bridge-message.ts';
import { chunkLines } from './chunk-lines.ts';

/** Keeps what matterbridge would replace from being what it looks for. */
const wordJoiner = '\u2060';

export interface OutgoingText {
  readonly text: string;
  readonly format: string;
}

/** What `POST /api/message` takes. A type, not an interface, so that it is JSON to the compiler. */
export type PostedText = {
  readonly gateway: string;
  readonly username: string;
  readonly text: string;
  readonly userid: string;
};

/**
 * One part of an answer as matterbridge has to get it. On Telegram the HTML rides in the name, which the `HTMLNick`
 * format sends as it is, without matterbridge's own reading of Markdown and emoji codes; the text behind it is a line
 * break, as a message without text is dropped. Everywhere else it is plain text.
 */
export function toPost({ gateway, protocol }: BridgeChat, part: OutgoingText, mark: string): PostedText {
  if (protocol === 'telegram') return { gateway, username: guardFields(htmlOf(part)), text: '\n', userid: mark };
  return { gateway, username: '', text: guardText(chunkLines(plainOf(part))), userid: mark };
}

/** What a reader sees of a part. */
export function plainOf({ text, format }: OutgoingText): string {
  return format === 'html' ? telegramText({ text, format }) : text;
}

function htmlOf({ text, format }: OutgoingText): string {
  if (format === 'html') return text;
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** `{USERID}`, `{CHANNEL}` and their like would be filled in, as in any name. */
function guardFields(html: string): string {
  return html.replace(/\{(?=[A-Z]+\})/g, '&#123;');
}

/** `:smile:` would become a picture, and `!users` a command to matterbridge. */
function guardText(text: string): string {
  const guarded = text.replace(/:(?=[\w+-]+:)/g, `:${wordJoiner}`);
  return guarded.startsWith('!') ? wordJoiner + guarded : guarded;
}
