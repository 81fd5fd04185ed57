import type { TestHost } from '../test-host.ts';
import type { TestInbox } from './test-inbox.ts';

/** A file in a chat. */
export interface ChatFile {
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

/** What somebody does in a chat. */
export interface Saying {
  /** `friend` may talk to the claw, the two others may not. */
  readonly who: 'friend' | 'stranger' | 'other';
  /** What they are called there. Default: a name of their own. */
  readonly name?: string;
  readonly text?: string;
  /** Whether it is an earlier message as it reads now. */
  readonly isEdit?: boolean;
  /** The message that it answers. */
  readonly quote?: { readonly name: string; readonly text: string };
  /** The text stands below it. */
  readonly file?: ChatFile;
}

/** A message of the claw as people see it. */
export interface ShownMessage {
  readonly text: string;
  readonly file: Pick<ChatFile, 'name' | 'bytes'> | null;
}

/** How a {@link ConnectorWorld} begins. */
export interface WorldOptions {
  /** Then nobody may talk to the claw yet, the friend neither. Default false. */
  readonly isNobodyNamed?: boolean;
  /** Largest file that is taken from a chat. Default 1,000,000. */
  readonly attachmentBytes?: number;
}

/** What a connector's tests put around it: a chat service, faked or real, and people in it. */
export interface ConnectorWorld extends AsyncDisposable {
  /** The connector's channel. */
  readonly channel: string;
  /** Of the generation that runs now. */
  readonly host: TestHost;
  readonly inbox: TestInbox;
  /** The friend's chat, as the host names it. */
  readonly chat: string;
  say(saying: Saying): Promise<void>;
  /** The chat service brings what was said last once more. */
  repeat(): Promise<void>;
  /** The claw says this where others could bring it back, and one of them does. */
  echo(text: string): Promise<void>;
  /** All that stands in the chat where somebody writes. */
  shown(who: Saying['who']): Promise<readonly ShownMessage[]>;
  /** Turns the host's clock until the condition holds. */
  until(condition: () => boolean | Promise<boolean>): Promise<void>;
  /** The chat service answers the next sending so. */
  refuse(status: 429 | 500): void;
  /** The friend says this, and the line breaks in the middle of it. */
  cut(text: string): Promise<void>;
  /** The line breaks, or whoever the connector reads from dies; what is said meanwhile waits where it can. */
  fall(): Promise<void>;
  rise(): Promise<void>;
  /** The generation ends: drained, its leases given up. */
  halt(): Promise<void>;
  /** The next generation begins, on the same volume. */
  start(): Promise<void>;
  /** How many read the messages of people now. */
  readonly readers: number;
  /** How often two have read at once. */
  readonly clashes: number;
}

/** One sentence that every connector has to fulfil. */
export interface ConnectorSentence {
  readonly name: string;
  /** What a world has to be able to do beside saying and showing. Default: nothing; a world with a real process may share it. */
  readonly needs?: 'options' | 'faults' | 'repeat' | 'echo';
  readonly run: (create: (options?: WorldOptions) => Promise<ConnectorWorld>) => Promise<void>;
}
