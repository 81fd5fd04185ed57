import { ClayError } from '@clay/sdk';
import type { Turn, Turns } from '../agent/turns/turn.ts';

/** `Last-Event-ID` names the turn too, so that it alone is enough to come back: `<turn>:<number>`. */
export function formatEventId(turnId: string, number: number): string {
  return `${turnId}:${number}`;
}

export interface ResumePoint {
  readonly turn: Turn;
  readonly afterId: number;
}

/** Finds the turn that a client wants to come back to. */
export function findResumePoint(turns: Turns, lastEventId: string): ResumePoint {
  const colon = lastEventId.lastIndexOf(':');
  const turnId = lastEventId.slice(0, Math.max(colon, 0));
  const number = lastEventId.slice(colon + 1);
  if (turnId === '' || !/^\d{1,15}$/.test(number)) {
    throw new ClayError(
      'BAD_ARGUMENTS',
      `Last-Event-ID is ${JSON.stringify(lastEventId.slice(0, 200))}; it must be an id that an event stream of this claw sent, TURN:NUMBER.`,
    );
  }
  const turn = turns.get(turnId);
  if (turn === undefined) {
    throw new ClayError(
      'NOT_FOUND',
      `The turn ${turnId} is unknown, or ended too long ago to be resumed. Its events are in its session: GET /api/apps/clay/users/USER/sessions/SESSION.`,
    );
  }
  return { turn, afterId: Number(number) };
}
