import { createHash } from 'node:crypto';
import { foreignText } from '@clay/sdk';
import { type AllowedPeople, isAllowed } from './allow-list.ts';
import { type Attachment, readAttachments } from './attachments.ts';
import { type BridgeMessage, chatOf, isGroup } from './bridge-message.ts';
import { editSuffix } from './marks.ts';
import type { OwnMarks } from './own-marks.ts';
import { parseQuote } from './quote.ts';

/** What the host's inbox takes. */
export interface ReceivedMessage {
  readonly key: string;
  readonly channel: string;
  readonly chat: string;
  readonly user: string;
  readonly name: string;
  readonly text: string;
  readonly isGroup: boolean;
  readonly attachments: readonly Attachment[];
  /** Milliseconds since the epoch; null when the bridge did not tell. */
  readonly sentAt: number | null;
}

/** Somebody who may not talk to the claw, and what they said all the same. */
export interface Stranger {
  readonly chat: string;
  readonly user: string;
  readonly name: string;
  readonly text: string;
}

/** What a line of the stream means. */
export type Reading =
  | { readonly kind: 'connected' }
  | { readonly kind: 'ignored'; readonly reason: 'event' | 'own' | 'empty' }
  | ({ readonly kind: 'stranger' } & Stranger)
  | { readonly kind: 'message'; readonly message: ReceivedMessage };

export interface ReadingRules {
  readonly people: AllowedPeople;
  readonly marks: OwnMarks;
  readonly attachmentBytes: number;
}

const maxName = 200;

/** Joins, topics, typing and deletions are events too, and none of them is said to the claw. */
const spoken = new Set(['', 'user_action', 'file_failure_size']);

export function readMessage(raw: BridgeMessage, rules: ReadingRules): Reading {
  if (raw.event === 'api_connected') return { kind: 'connected' };
  if (!spoken.has(raw.event)) return { kind: 'ignored', reason: 'event' };
  // A bot never hears itself on Telegram.
  if (raw.protocol !== 'telegram' && rules.marks.isOwn(raw.userid, raw.text)) return { kind: 'ignored', reason: 'own' };
  const user = `${raw.protocol}:${raw.userid === '' ? raw.username : raw.userid}`;
  const name = (raw.username === '' ? user : raw.username)
    .replace(/\p{Cc}/gu, ' ')
    .slice(0, maxName)
    .toWellFormed();
  const chat = chatOf(raw);
  if (!isAllowed(raw, rules.people)) return { kind: 'stranger', chat, user, name, text: raw.text };
  const { attachments, captions, problems } = readAttachments(raw, rules.attachmentBytes);
  const said = sayingOf(raw, name);
  const text = [
    said,
    ...captions.filter((caption) => caption !== raw.text),
    ...problems.map((problem) => `[${problem}]`),
  ]
    .filter((part) => part.trim() !== '')
    .join('\n');
  if (text === '' && attachments.length === 0) return { kind: 'ignored', reason: 'empty' };
  const sentAt = Date.parse(raw.timestamp);
  return {
    kind: 'message',
    message: {
      key: keyOf(raw),
      channel: 'matterbridge',
      chat,
      user,
      name,
      text,
      isGroup: isGroup(raw),
      attachments,
      sentAt: Number.isNaN(sentAt) ? null : sentAt,
    },
  };
}

/** Quotes and edits in words that the model knows: a bridge gives no ids to refer to. */
function sayingOf(raw: BridgeMessage, name: string): string {
  const { text: whole, quote } = parseQuote(raw.text);
  const isEdited = whole.endsWith(editSuffix);
  let text = isEdited ? whole.slice(0, -editSuffix.length) : whole;
  if (raw.event === 'user_action') text = `* ${name} ${text}`;
  if (text.trim() === '') return '';
  if (isEdited) text = `[An earlier message was edited; it reads now:]\n${text}`;
  if (quote !== null)
    text = `[In reply to:]\n${foreignText({ origin: 'person', source: quote.name, text: quote.text })}\n${text}`;
  return text;
}

/** Two messages of one text have two times, to the nanosecond. */
function keyOf({ timestamp, account, channel, userid, text, Extra }: BridgeMessage): string {
  const names = (Extra?.file ?? []).map(({ Name }) => Name);
  const identity = JSON.stringify([timestamp, account, channel, userid, text, names]);
  return `matterbridge:${createHash('sha256').update(identity).digest('hex').slice(0, 32)}`;
}
