import { ClayError } from '@clay/sdk';
import type { SessionKey, SessionStore } from '../../store/session-store.ts';
import type { EventJson } from '../event-json.ts';
import { LiveSession } from './live-session.ts';

/** Sessions whose live windows are kept. */
const maxSessions = 64;
/** Tokens, as estimated, of all live windows that are kept: about 16 MB. */
const maxTokens = 2_000_000;

/** The live windows of the sessions used last. */
export class LiveSessions {
  readonly #store: SessionStore;
  readonly #sessions = new Map<string, LiveSession>();

  constructor(store: SessionStore) {
    this.#store = store;
  }

  /** Throws `NOT_FOUND`. */
  open(key: SessionKey): LiveSession {
    const name = nameOf(key);
    const live = this.#sessions.get(name) ?? this.#load(key);
    this.#sessions.delete(name);
    this.#sessions.set(name, live);
    this.#evict();
    return live;
  }

  /** Forgets the window: the database was changed beside it. */
  forget(key: SessionKey): void {
    this.#sessions.delete(nameOf(key));
  }

  #load(key: SessionKey): LiveSession {
    const record = this.#store.get(key, 'afterCompaction');
    if (!record) throw sessionNotFound(key);
    const compaction = this.#store.compaction(key);
    const events = record.events.map(({ event }) => event as unknown as EventJson);
    return new LiveSession(key, record.state, compaction?.summary ?? null, events, compaction?.createdAt);
  }

  #evict(): void {
    let tokens = 0;
    for (const live of this.#sessions.values()) tokens += live.tokens;
    for (const [name, live] of this.#sessions) {
      const isWithinBounds = this.#sessions.size <= maxSessions && tokens <= maxTokens;
      if (isWithinBounds || this.#sessions.size === 1) return;
      this.#sessions.delete(name);
      tokens -= live.tokens;
    }
  }
}

export function nameOf({ app, user, session }: SessionKey): string {
  return JSON.stringify([app, user, session]);
}

export function sessionNotFound({ app, user, session }: SessionKey): ClayError {
  return new ClayError('NOT_FOUND', `There is no session "${session}" of user "${user}" in app "${app}".`);
}
