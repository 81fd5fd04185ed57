/** One thing that a person can answer. */
export interface Choice {
  readonly id: string;
  readonly label: string;
}

/** The last three are ends: somebody chose, nobody did in time, the asker does not want to know any more. */
export type QuestionState = 'open' | 'answered' | 'expired' | 'withdrawn';

/** Something that a call waits for a person to decide. */
export interface Question {
  /** Short and random: connectors put it behind their buttons. */
  readonly id: string;
  /** Of the call that asks: asked again under it, it is the same question. */
  readonly key: string;
  /** Null when there was no chat to ask in. */
  readonly channel: string | null;
  readonly chat: string | null;
  /** As Markdown. */
  readonly text: string;
  readonly choices: readonly Choice[];
  /** What the first choice is called in the chat: no two open questions of a chat share a number. */
  readonly firstNumber: number;
  readonly state: QuestionState;
  /** Id of what was chosen. */
  readonly choice: string | null;
  readonly answeredBy: string | null;
  /** Milliseconds since the epoch. */
  readonly askedAt: number;
  readonly expiresAt: number;
}

export type NewQuestion = Pick<
  Question,
  'id' | 'key' | 'channel' | 'chat' | 'text' | 'choices' | 'firstNumber' | 'expiresAt'
>;

/** What people are asked, from the question to its end. Synchronous, as the whole store. */
export interface QuestionStore {
  /** The key must be new: look first, in the same transaction. */
  add(question: NewQuestion): Question;
  get(id: string): Question | undefined;
  find(key: string): Question | undefined;
  /** All that have not ended, oldest first. */
  open(): readonly Question[];
  /** Those of one chat. */
  openIn(channel: string, chat: string): readonly Question[];
  /** Ends an open question; false when it had ended before. */
  answer(id: string, choice: string, answeredBy: string): boolean;
  end(id: string, state: 'expired' | 'withdrawn'): boolean;
  /** Forgets what ended before a time; gives the number. */
  prune(before: number): number;
}
