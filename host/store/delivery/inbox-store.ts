import type { Json } from '@clay/sdk';

/** `waiting`: nothing has been done with it; `open`: its turn or command was begun. The others are ends. */
export type InboxState = 'waiting' | 'open' | 'done' | 'failed' | 'cancelled';

/** A message that was accepted. */
export interface InboxMessage {
  /** Grows with every message: their order. */
  readonly seq: number;
  readonly channel: string;
  /** The connector's own name for it, unique in the channel. */
  readonly key: string;
  /** Key of its conversation; null when its caller waits for the answer itself. */
  readonly conversation: string | null;
  /** Of the session. */
  readonly user: string;
  readonly session: string;
  readonly text: string;
  /** Shown to the model behind the text. Forgotten when the message has ended. */
  readonly images: readonly InboxImage[];
  /** Name of the command that the text is; null for a message to the model. */
  readonly command: string | null;
  readonly state: InboxState;
  /** Of a message that was begun: its turn; of `/undo`: the turn to take back. */
  readonly turn: string | null;
  /** How often a turn was begun for it. */
  readonly attempts: number;
  readonly result: Json | null;
  /** Milliseconds since the epoch. */
  readonly acceptedAt: number;
  readonly endedAt: number | null;
}

export interface InboxImage {
  readonly name: string;
  readonly mediaType: string;
  readonly base64: string;
}

export type NewInboxMessage = Pick<
  InboxMessage,
  'channel' | 'key' | 'conversation' | 'user' | 'session' | 'text' | 'images' | 'command'
>;

/** What people wrote, from its acceptance to its end. Synchronous, as the whole store. */
export interface InboxStore {
  /** The key must be new in its channel: look first, in the same transaction. */
  add(message: NewInboxMessage): InboxMessage;
  find(channel: string, key: string): InboxMessage | undefined;
  get(seq: number): InboxMessage | undefined;
  /** The first message of a conversation to the model in this session that has not ended. */
  next(user: string, session: string): InboxMessage | undefined;
  /** How many of these have not ended; of those that are older, when a message is named. */
  countOpen(user: string, session: string, before?: number): number;
  /** All that have not ended, commands too, in order. */
  open(): readonly InboxMessage[];
  /** Its turn, or what its command is about to do, is begun. */
  begin(seq: number, turn: string | null): void;
  /** It waits again, for another session where one is named: its turn has left no trace. */
  putBack(seq: number, session?: string): void;
  end(seq: number, state: 'done' | 'failed' | 'cancelled', result?: Json): void;
  /** Ends all messages to the model of this session that wait and are older; gives their number. */
  cancelWaiting(user: string, session: string, before: number): number;
  /** Forgets what ended before a time; gives the number. */
  prune(before: number): number;
}
