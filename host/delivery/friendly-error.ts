import type { TurnOutcome } from '../agent/turns/turn.ts';

export interface FriendlyError {
  /** For the person who wrote. */
  readonly text: string;
  readonly code: string;
}

/** Why a turn gave no answer, in words for the person; null when it did. */
export function explainOutcome(outcome: TurnOutcome): FriendlyError | null {
  switch (outcome.status) {
    case 'done':
      return null;
    case 'cancelled':
      return { text: outcome.error?.message ?? 'I stopped, as asked.', code: outcome.error?.code ?? 'CANCELLED' };
    case 'failed': {
      const { code = 'INTERNAL', message = unknownFault } = outcome.error ?? {};
      const advice = Object.hasOwn(advices, code) ? ` ${advices[code]}` : '';
      return { text: `${message}${advice}`, code };
    }
  }
}

const unknownFault = 'Something went wrong on my side, and I could not find out what. Please try again.';

/** What a person can do, where the message of the failure does not say it. */
const advices: Readonly<Record<string, string>> = {
  MODEL_FORBIDDEN: 'Ask the operator to look at the account.',
  MODEL_BILLING: 'When it has been topped up, send your message again.',
  MODEL_NOT_FOUND: 'Ask the operator to check its name and address.',
  MODEL_CONTEXT_TOO_LONG: 'Send /new to begin a fresh one; what I remember of you stays.',
  MODEL_BAD_REQUEST: 'Say it differently, or send /new to begin a fresh conversation.',
  MODEL_UNREACHABLE: 'Your message is kept in our conversation; send it again when the connection is back.',
  MODEL_CUT: 'Please send your message again.',
  MODEL_TIMEOUT: 'Please try again, or ask for less at once.',
  MODEL_BAD_ANSWER: 'Please try again.',
  MODEL_EMPTY: 'Please try again.',
  MODEL_CALL_LIMIT: 'Say “go on” if I shall.',
  MODEL_FAILED: 'Please try again.',
};
