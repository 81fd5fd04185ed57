import type { JsonObject } from '@clay/sdk';

/** Names one session. All three parts are non-empty. */
export interface SessionKey {
  readonly app: string;
  readonly user: string;
  readonly session: string;
}

/**
 * An event of a conversation as plain JSON. The store reads only the fields named here and keeps all others as they are.
 * It knows nothing of the engine that made the event.
 */
export interface EventJson {
  readonly id: string;
  /** The turn that the event belongs to. */
  readonly invocationId: string;
  readonly author: string;
  /** Milliseconds since the epoch. Never used for order. */
  readonly timestamp: number;
  /** A partial event is never stored. */
  readonly partial?: boolean | undefined;
  readonly actions?: EventActionsJson | undefined;
  readonly [field: string]: unknown;
}

export interface EventActionsJson {
  readonly stateDelta?: JsonObject | undefined;
  readonly [field: string]: unknown;
}

export interface StoredEvent {
  /** Grows with every append in the whole database: the only order of events. */
  readonly seq: number;
  readonly event: EventJson;
}

export interface SessionHeader extends SessionKey {
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** The greatest of the creation time, the time of every append and the timestamps of its events. */
  readonly updatedAt: number;
}

/** A session as a turn needs it. State keys carry their scope: `app:theme`, `user:name`, or bare for the session's own. */
export interface SessionRecord extends SessionHeader {
  readonly state: JsonObject;
  readonly events: readonly StoredEvent[];
}

/**
 * Which events to read:
 * `all`, `none`, the last n, those with a greater `seq`, those with a timestamp (ms) at or after a time, or those behind the
 * newest compaction's boundary (all, when there is none).
 */
export type EventSelection =
  | 'all'
  | 'none'
  | 'afterCompaction'
  | { readonly last: number }
  | { readonly afterSeq: number }
  | { readonly sinceTimestamp: number };

export interface NewSession extends SessionKey {
  /** `app:` and `user:` keys go to their scopes, `temp:` keys are dropped. */
  readonly state?: JsonObject | undefined;
}

export interface SessionFilter {
  readonly app: string;
  /** Default: every user. */
  readonly user?: string | undefined;
  /** Default: all. */
  readonly limit?: number | undefined;
  readonly offset?: number | undefined;
  /** By last update. Default `newest`. */
  readonly order?: 'newest' | 'oldest' | undefined;
}

export interface SessionPage {
  /** With merged state, without events. */
  readonly sessions: readonly SessionRecord[];
  readonly total: number;
}

/** A summary that stands for all events up to and including `lastEventId`. The events themselves stay. */
export interface Compaction {
  readonly id: number;
  readonly firstEventId: string;
  readonly lastEventId: string;
  /** `seq` of the event with `lastEventId`. */
  readonly boundarySeq: number;
  readonly summary: string;
  readonly details: JsonObject;
  readonly createdAt: number;
}

export interface NewCompaction {
  readonly firstEventId: string;
  readonly lastEventId: string;
  readonly summary: string;
  readonly details?: JsonObject | undefined;
}

/** Where to rewind to: before a turn, or back by a number of turns. */
export type RewindTarget = { readonly beforeInvocation: string } | { readonly turns: number };

export interface Rewound {
  readonly removedEvents: number;
  /** The turns that were taken back, oldest first. */
  readonly removedInvocations: readonly string[];
  /** Merged state after the rewind. */
  readonly state: JsonObject;
}

/**
 * Conversations in SQLite. Synchronous: one call is one transaction. The caller serialises the turns of a session.
 * Every method that names a missing session throws `ClayError` `NOT_FOUND`, except {@link get} and {@link delete}.
 */
export interface SessionStore {
  /** Throws `CONFLICT` when the session exists. */
  create(session: NewSession): SessionRecord;
  /** Default selection: `all`. */
  get(key: SessionKey, events?: EventSelection): SessionRecord | undefined;
  list(filter: SessionFilter): SessionPage;
  /** Removes the session with its events, its own state, its compactions and its artifacts. False when there was none. */
  delete(key: SessionKey): boolean;
  /**
   * Appends one event and applies its `actions.stateDelta`, in constant time. An event whose id the session has already is
   * replaced in its place. A partial event is not stored: `undefined`. `full` makes the commit survive a power loss.
   */
  append(key: SessionKey, event: EventJson, options?: { readonly full?: boolean }): StoredEvent | undefined;
  /** Reads events only. */
  events(key: SessionKey, selection?: EventSelection): readonly StoredEvent[];
  countEvents(key: SessionKey): number;
  /** Merged state of all three scopes. */
  state(key: SessionKey): JsonObject;
  /** Applies a delta without an event. */
  patchState(key: SessionKey, delta: JsonObject): JsonObject;
  /**
   * Removes whole turns from the end, and the compactions that covered them, and recomputes the session's own state.
   * State of scopes `app:` and `user:` is shared with other sessions and stays.
   */
  rewind(key: SessionKey, target: RewindTarget): Rewound;
  /** Throws `NOT_FOUND` when either event is not in the session. */
  addCompaction(key: SessionKey, compaction: NewCompaction): Compaction;
  /** The newest, or undefined. */
  compaction(key: SessionKey): Compaction | undefined;
}
