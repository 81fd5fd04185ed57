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
    case 'failed':
      return {
        text:
          outcome.error?.message ?? 'Something went wrong on my side, and I could not find out what. Please try again.',
        code: outcome.error?.code ?? 'INTERNAL',
      };
  }
}
