import type { Json } from '@clay/sdk';
import type { TurnOutcome } from '../../agent/turns/turn.ts';
import type { Conversation } from '../../store/delivery/conversation-store.ts';
import type { InboxMessage } from '../../store/delivery/inbox-store.ts';
import type { DeliveryParts } from '../delivery-parts.ts';
import { explainOutcome } from '../friendly-error.ts';
import { answerLifeMs, type Outbox } from '../outbox/outbox.ts';
import { workingPrefix } from './turn-watch.ts';

/** Of a message that was begun too often. */
export const givenUp: TurnOutcome = {
  status: 'failed',
  text: '',
  events: [],
  error: {
    code: 'INTERNAL',
    message:
      'I was restarted several times while I worked on this, so I have stopped trying. Please say it differently.',
  },
};

/** Keeps what became of messages, and says it. */
export class MessageEnd {
  readonly #parts: DeliveryParts;
  readonly #outbox: Outbox;
  /** Turns whose end is told by the command that ended them. */
  readonly #silenced = new Set<string>();

  constructor(parts: DeliveryParts, outbox: Outbox) {
    this.#parts = parts;
    this.#outbox = outbox;
  }

  /** The end of this turn is told by somebody else. */
  silence(turnId: string): void {
    this.#silenced.add(turnId);
  }

  /** Keeps the answer and the end of the message in one transaction: it is said once, whatever happens in between. */
  tell(message: InboxMessage, conversation: Conversation, turnId: string | null, outcome: TurnOutcome): void {
    const { store, clock, log } = this.#parts;
    const { channel, chat } = conversation;
    const failure = explainOutcome(outcome);
    if (failure !== null) {
      const details = outcome.error?.details ?? outcome.error?.message ?? '';
      log.error('message.failed', { message: message.seq, channel, chat, turn: turnId, code: failure.code, details });
    }
    const isSilenced = turnId !== null && this.#silenced.delete(turnId);
    store.transaction(() => {
      if (turnId !== null) store.outbox.withdraw(channel, chat, workingPrefix(turnId));
      if (!isSilenced) {
        const expiresAt = clock.now() + answerLifeMs;
        this.#outbox.add({
          key: `answer:${message.seq}`,
          channel,
          chat,
          kind: 'answer',
          text: wordsOf(outcome),
          expiresAt,
        });
      }
      store.inbox.end(message.seq, outcome.status, resultOf(outcome));
    });
    this.#outbox.wake(channel, chat);
  }

  /** For a caller that asks again under the same key. */
  keepResult({ seq }: InboxMessage, outcome: TurnOutcome): void {
    this.#parts.store.inbox.end(seq, outcome.status, resultOf(outcome));
  }
}

/** What the person reads: the answer, or what there is of it and why it ended. */
function wordsOf(outcome: TurnOutcome): string {
  const failure = explainOutcome(outcome);
  if (failure === null) return outcome.text.trim() || 'Done. I have nothing to add.';
  return outcome.status === 'failed' && outcome.text.trim() !== '' && !outcome.text.includes(failure.text)
    ? `${outcome.text.trim()}\n\n${failure.text}`
    : failure.text;
}

function resultOf(outcome: TurnOutcome): Json {
  const failure = explainOutcome(outcome);
  return failure === null ? { text: outcome.text } : { text: failure.text, error: failure.code };
}
