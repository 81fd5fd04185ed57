import type { Failure } from '@clay/sdk';

/**
 * `answer`: of a turn or a command; `message`: what a plugin sends; `question`: what a call waits to be answered; `notice`: a
 * word about the state of things. Nobody misses the last two when they come too late.
 */
export type OutgoingKind = 'answer' | 'message' | 'question' | 'notice';

/** `waiting`: not yet rendered. The last three are ends. */
export type OutgoingState = 'waiting' | 'rendered' | 'sent' | 'failed' | 'expired';

/** Something to say to a chat, as Markdown. */
export interface OutgoingMessage {
  /** Grows with every message: the order within a chat. */
  readonly seq: number;
  readonly key: string;
  readonly channel: string;
  readonly chat: string;
  readonly kind: OutgoingKind;
  readonly text: string;
  readonly state: OutgoingState;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly expiresAt: number;
  /** Id of the question that it asks. */
  readonly question: string | null;
}

export interface NewOutgoingMessage
  extends Pick<OutgoingMessage, 'key' | 'channel' | 'chat' | 'kind' | 'text' | 'expiresAt'> {
  readonly question?: string | null;
  /** Said after the text, in this order. */
  readonly files?: readonly OutgoingFile[];
}

export interface OutgoingFile {
  readonly name: string;
  readonly mediaType: string;
  /** Plain text; may be empty. */
  readonly caption: string;
  readonly bytes: Uint8Array;
}

/** How a part is handed to its channel: as text, as the end of a question with its buttons, as a file. */
export type PartKind = 'text' | 'question' | 'file';

export interface RenderedPart {
  readonly kind: PartKind;
  /** Of a file: its caption. */
  readonly text: string;
  /** As its channel understands it. */
  readonly format: string;
  /** The number of the file, from 1. */
  readonly file: number | null;
}

/** `open`: handed to the channel, which has not answered. */
export type PartState = 'waiting' | 'open' | 'sent' | 'failed';

export interface StoredPart extends RenderedPart {
  readonly message: number;
  /** From 1. */
  readonly number: number;
  readonly state: PartState;
  readonly attempts: number;
  /** Not to be sent before. */
  readonly dueAt: number;
  readonly triedAt: number | null;
  /** An earlier try may have arrived: the person may see it twice. */
  readonly isDoubtful: boolean;
}

/** What the claw has to say, from its words to the receipt of its last part. */
export interface OutboxStore {
  /** False when the key is known: it was said, or will be. */
  add(message: NewOutgoingMessage): boolean;
  /** The first message of a chat that has not ended. */
  next(channel: string, chat: string): OutgoingMessage | undefined;
  /** Chats with such messages. */
  chats(): readonly { readonly channel: string; readonly chat: string }[];
  /** Keeps its parts in place of any earlier ones. One transaction. */
  render(seq: number, parts: readonly RenderedPart[]): void;
  /** Names of the files of a message, by their numbers from 1. */
  fileNames(message: number): readonly string[];
  /** Undefined when the message has ended. */
  file(message: number, number: number): OutgoingFile | undefined;
  /** How far the message with this key has come. */
  progress(key: string): OutgoingProgress;
  /** The far side's own id of the question that was asked with it, null when there is none; undefined before it was sent. */
  questionReceipt(key: string): string | null | undefined;
  /** The first part that is neither sent nor given up. */
  nextPart(message: number): StoredPart | undefined;
  /** All of them, in order. */
  parts(message: number): readonly StoredPart[];
  /** It is about to be handed over, as the `attempts`-th time. */
  open(part: StoredPart, attempts: number, isDoubtful: boolean): void;
  sent(part: StoredPart, receipt: string | null): void;
  /** It waits for another try. */
  delay(part: StoredPart, dueAt: number, isDoubtful: boolean, failure: Failure): void;
  giveUp(part: StoredPart, failure: Failure): void;
  end(seq: number, state: 'sent' | 'failed' | 'expired'): void;
  /** Takes back notices of which nothing was sent and whose keys begin so; gives their number. */
  withdraw(channel: string, chat: string, keyPrefix: string): number;
  /** Times of the tries in a chat after `since`, newest first. */
  tries(channel: string, chat: string, since: number, limit: number): readonly number[];
  counts(): OutboxCounts;
  /** Forgets what ended before a time; gives the number of messages. */
  prune(before: number): number;
}

/** `unseen`: nothing of it was handed over, or it is not known. */
export type OutgoingProgress = 'unseen' | 'begun' | 'sent';

export interface OutboxCounts {
  /** Messages that have not ended. */
  readonly waiting: number;
  /** Parts that may have come twice. */
  readonly doubtful: number;
}
