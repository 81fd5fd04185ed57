import type { Content, EventJson } from '../event-json.ts';

/** The turns of all sessions: one at a time per session, in the order of `start`; sessions side by side. */
export interface Turns {
  /** Throws `NOT_FOUND` for an unknown session, `BAD_ARGUMENTS` for an empty message, `UNAVAILABLE` while stopping. */
  start(request: TurnRequest): Turn;
  /** Also for a while after its end. */
  get(turnId: string): Turn | undefined;
  /** The running turn of a session, if any. */
  running(app: string, user: string, session: string): Turn | undefined;
  /** Cancels the running turn and those that wait behind it; false when there was none. */
  cancel(app: string, user: string, session: string): boolean;
  /** Turns that run or wait. */
  active(): number;
}

export interface TurnRequest {
  readonly app: string;
  readonly user: string;
  readonly session: string;
  readonly message: Content;
  readonly stateDelta?: Record<string, unknown>;
  /** Whether partial events are wanted. */
  readonly streaming: boolean;
  /** `http`, `channel:telegram`, `schedule`, … */
  readonly caller: string;
  /** The schedule that was due, for its budget. */
  readonly schedule?: string | undefined;
}

export interface Turn {
  /** Also the `invocationId` of its events. */
  readonly id: string;
  readonly app: string;
  readonly user: string;
  readonly session: string;
  /**
   * The events after the one numbered `afterId` (default: from the first), then the coming ones, until the turn ends.
   * Ends early, without harm to the turn, when `signal` is aborted. Partial events that fell out of the buffer are skipped;
   * whole events never are.
   */
  events(afterId?: number, signal?: AbortSignal): AsyncIterable<TurnEvent>;
  /** Never rejects. */
  readonly done: Promise<TurnOutcome>;
  cancel(reason: string): void;
}

export interface TurnEvent {
  /** Grows within the turn; for `Last-Event-ID`. */
  readonly id: number;
  readonly event: EventJson;
}

export interface TurnOutcome {
  readonly status: 'done' | 'failed' | 'cancelled';
  /** The whole answer: every text of the last speaker since its last tool call, joined. */
  readonly text: string;
  readonly events: readonly EventJson[];
  /** Of a failed turn: a message for the person, and a stable code. */
  readonly error?: TurnError;
  /** The host stops in the middle of it, and the next one goes on: nobody is told that it has ended, as it has not. */
  readonly isParked?: boolean;
}

export interface TurnError {
  /** Such as `MODEL_AUTH`, `MODEL_RATE_LIMIT`, `MODEL_OVERLOADED`, `CANCELLED`. */
  readonly code: string;
  /** In plain words, for the person. */
  readonly message: string;
  /** For the operator. */
  readonly details?: string;
}
