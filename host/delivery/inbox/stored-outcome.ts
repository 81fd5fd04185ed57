import type { EventJson } from '../../agent/event-json.ts';
import { endsTurn, finalText } from '../../agent/turns/outcome.ts';
import type { TurnOutcome } from '../../agent/turns/turn.ts';

/** What an earlier host knew of a turn. */
export type StoredTurn =
  | { readonly kind: 'unbegun' }
  | { readonly kind: 'unfinished' }
  | { readonly kind: 'ended'; readonly outcome: TurnOutcome };

/** Reads a turn's state from its stored events. */
export function readStoredTurn(events: readonly EventJson[], mainAgent: string): StoredTurn {
  if (events.length === 0) return { kind: 'unbegun' };
  const last = events.at(-1);
  if (last === undefined || !endsTurn(last, mainAgent)) return { kind: 'unfinished' };
  const text = finalText(events.filter(({ isolationScope }) => isolationScope === undefined));
  if (last.errorCode === undefined) return { kind: 'ended', outcome: { status: 'done', text, events } };
  const error = { code: last.errorCode, message: last.errorMessage ?? last.errorCode };
  const status = last.errorCode === 'CANCELLED' ? 'cancelled' : 'failed';
  return { kind: 'ended', outcome: { status, text, events, error } };
}
