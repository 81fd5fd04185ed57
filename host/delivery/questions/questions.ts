import { randomBytes } from 'node:crypto';
import { type CallSession, ClayError, toFailure } from '@clay/sdk';
import type { Question } from '../../store/delivery/question-store.ts';
import type { DeliveryParts } from '../delivery-parts.ts';
import type { Outbox } from '../outbox/outbox.ts';
import { findRecipient, type Recipient } from '../recipient.ts';
import type { AskRequest } from './ask-request.ts';
import { endText, questionMessageKey } from './question-text.ts';
import { settleButtons } from './settle-buttons.ts';
import { findTypedReply } from './typed-reply.ts';

export interface Asking extends AskRequest {
  /** Who asks, such as `plugin:files`. */
  readonly asker: string;
  /** Of its call. Asked again under it, after a death, it is the same question. */
  readonly key: string;
  /** The conversation that the asker serves. */
  readonly session: CallSession | null;
  /** Its abort withdraws the question. */
  readonly signal?: AbortSignal | undefined;
}

/** What a person chose; null and why when nobody did. */
export interface Answer {
  readonly choice: string | null;
  /** `channel:user`, or `console`. */
  readonly by?: string;
  readonly reason?: 'timeout' | 'unreachable';
}

/** What became of somebody's choice; the text is for that person. */
export interface Choosing {
  readonly state: 'answered' | 'ended' | 'unknown';
  readonly text: string;
}

/** Questions to people that calls wait for. They are kept: a restart loses neither a question, its time nor its answer. */
export class Questions {
  readonly #parts: DeliveryParts;
  readonly #outbox: Outbox;
  /** Of each question: those who wait for its end, told in turn. */
  readonly #waiting = new Map<string, Set<(question: Question) => void>>();
  readonly #timers = new Map<string, () => void>();
  #isStopping = false;

  constructor(parts: DeliveryParts, outbox: Outbox) {
    this.#parts = parts;
    this.#outbox = outbox;
  }

  /** Goes on with the times of what an earlier host asked. */
  start(): void {
    for (const question of this.open()) this.#watchTime(question);
  }

  /** Those who wait wait no more; their questions stay open for the next host. */
  stop(): void {
    this.#isStopping = true;
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
  }

  open(): readonly Question[] {
    return this.#parts.store.questions.open();
  }

  /** Resolves when somebody has chosen or the time is over; throws what the signal was aborted with. */
  async ask(asking: Asking): Promise<Answer> {
    asking.signal?.throwIfAborted();
    const { store } = this.#parts;
    const question = store.questions.find(keyOf(asking)) ?? this.#adopt(asking) ?? this.#put(asking);
    const ended = question.state === 'open' ? await this.#untilEnd(question.id, asking.signal) : question;
    return this.#answerOf(ended);
  }

  /** A person's choice, by a button or from the console. */
  answer(id: string, choice: string, by: string): Choosing {
    const { questions } = this.#parts.store;
    const question = questions.get(id);
    if (question === undefined) return { state: 'unknown', text: 'I do not know this question any more.' };
    if (!question.choices.some((one) => one.id === choice)) {
      const known = question.choices.map((one) => JSON.stringify(one.id)).join(', ');
      throw new ClayError('BAD_ARGUMENTS', `The question has no choice ${JSON.stringify(choice)}; it has ${known}.`);
    }
    const isFirst = questions.answer(id, choice, by);
    if (isFirst) this.tellEnd(id, { isShown: by !== 'console' });
    return { state: isFirst ? 'answered' : 'ended', text: endText(questions.get(id) ?? question) };
  }

  /**
   * Keeps the choice that a text in a chat names, where a question that was shown there is open; gives its question. For the
   * transaction that accepts the text: {@link tellEnd} follows when that is committed.
   */
  keepReply({ channel, chat }: Recipient, user: string, text: string): string | null {
    const { questions, outbox } = this.#parts.store;
    const shown = questions
      .openIn(channel, chat)
      .filter(({ id }) => outbox.progress(questionMessageKey(id)) !== 'unseen');
    const reply = findTypedReply(shown, text);
    if (reply === null) return null;
    questions.answer(reply.question.id, reply.choice.id, `${channel}:${user}`);
    return reply.question.id;
  }

  /** Tells the asker, and the channel unless it shows the end itself. */
  tellEnd(id: string, { isShown }: { readonly isShown: boolean }): void {
    this.#timers.get(id)?.();
    this.#timers.delete(id);
    const question = this.#parts.store.questions.get(id);
    if (question === undefined) return;
    for (const tell of this.#waiting.get(id) ?? []) tell(question);
    this.#waiting.delete(id);
    const { channel, chat } = question;
    if (channel === null || chat === null) return;
    // One that was not said yet is not said any more.
    this.#outbox.wake(channel, chat);
    if (!isShown) void settleButtons(this.#parts, question, channel, chat);
  }

  /**
   * A question that a dead host left open, when its asker asks it anew under another key: its call was told as unknown to
   * the model, which calls again. Nobody is asked twice, and a yes is not left between the two.
   */
  #adopt({ asker, question: text, choices, to, channel, session }: Asking): Question | undefined {
    const recipient = this.#recipient({ to, channel }, session);
    const wanted = JSON.stringify([text, choices, recipient?.channel ?? null, recipient?.chat ?? null]);
    return this.open().find(
      (open) =>
        open.key.startsWith(keyOf({ asker, key: '' })) &&
        !this.#waiting.has(open.id) &&
        JSON.stringify([open.text, open.choices, open.channel, open.chat]) === wanted,
    );
  }

  #put(asking: Asking): Question {
    const { question: text, choices, timeoutMs, to, channel, session } = asking;
    const { store, clock } = this.#parts;
    const recipient = this.#recipient({ to, channel }, session);
    const question = store.transaction(
      () => {
        const added = store.questions.add({
          id: randomBytes(9).toString('base64url'),
          key: keyOf(asking),
          channel: recipient?.channel ?? null,
          chat: recipient?.chat ?? null,
          text,
          choices,
          firstNumber: recipient === null ? 1 : this.#freeNumber(recipient),
          expiresAt: clock.now() + timeoutMs,
        });
        if (recipient !== null)
          this.#outbox.add({
            key: questionMessageKey(added.id),
            ...recipient,
            kind: 'question',
            text,
            expiresAt: added.expiresAt,
            question: added.id,
          });
        return added;
      },
      { full: true },
    );
    this.#watchTime(question);
    if (recipient !== null) this.#outbox.wake(recipient.channel, recipient.chat);
    return question;
  }

  /** Null: nobody has written yet. The console can answer all the same. */
  #recipient(wanted: Pick<AskRequest, 'to' | 'channel'>, session: CallSession | null): Recipient | null {
    try {
      return findRecipient(this.#parts.store, wanted, session);
    } catch (thrown) {
      if (wanted.to === undefined && toFailure(thrown).code === 'NOT_FOUND') return null;
      throw thrown;
    }
  }

  #freeNumber({ channel, chat }: Recipient): number {
    const open = this.#parts.store.questions.openIn(channel, chat);
    return Math.max(1, ...open.map(({ firstNumber, choices }) => firstNumber + choices.length));
  }

  #watchTime({ id, expiresAt }: Question): void {
    const { clock, store } = this.#parts;
    const expire = () => {
      if (store.questions.end(id, 'expired')) this.tellEnd(id, { isShown: false });
    };
    this.#timers.get(id)?.();
    this.#timers.set(id, clock.after(Math.max(0, expiresAt - clock.now()), expire));
  }

  #untilEnd(id: string, signal: AbortSignal | undefined): Promise<Question> {
    return new Promise((resolve, reject) => {
      const waiting = this.#waiting.get(id) ?? new Set();
      this.#waiting.set(id, waiting);
      const onAbort = () => {
        waiting.delete(tell);
        reject(signal?.reason);
        if (!this.#isStopping && waiting.size === 0) this.#withdraw(id);
      };
      const tell = (question: Question) => {
        signal?.removeEventListener('abort', onAbort);
        resolve(question);
      };
      waiting.add(tell);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  #withdraw(id: string): void {
    if (this.#parts.store.questions.end(id, 'withdrawn')) this.tellEnd(id, { isShown: false });
  }

  #answerOf({ id, state, choice, answeredBy }: Question): Answer {
    switch (state) {
      case 'open':
        throw new Error(`The question ${id} is still open.`);
      case 'answered':
        return { choice, ...(answeredBy === null ? {} : { by: answeredBy }) };
      case 'expired': {
        const wasSaid = this.#parts.store.outbox.progress(questionMessageKey(id)) === 'sent';
        return { choice: null, reason: wasSaid ? 'timeout' : 'unreachable' };
      }
      case 'withdrawn':
        throw new ClayError('CANCELLED', 'The question was withdrawn: the call that asked it was cancelled.');
    }
  }
}

function keyOf({ asker, key }: Pick<Asking, 'asker' | 'key'>): string {
  return `${asker}:${key}`;
}
