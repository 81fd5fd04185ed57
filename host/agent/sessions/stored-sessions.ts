import { randomUUID } from 'node:crypto';
import { ClayError, type JsonObject } from '@clay/sdk';
import type { EventSelection, SessionRecord, SessionStore, SessionKey as StoreKey } from '../../store/session-store.ts';
import type { CreateSession, SessionKey, Sessions } from '../agent-host.ts';
import type { EventJson, SessionJson } from '../event-json.ts';
import { type LiveSessions, nameOf, sessionNotFound } from './live-sessions.ts';
import type { NamedLock } from './session-lock.ts';
import { toStoreEvent } from './stored-event.ts';

export interface StoredSessionsOptions {
  readonly store: SessionStore;
  readonly live: LiveSessions;
  readonly lock: NamedLock;
  readonly cancelTurns: (key: StoreKey, reason: string) => void;
  /** Summarises a session whose lock is held. */
  readonly compact: (key: StoreKey) => Promise<boolean>;
}

/** The sessions as the ADK API shows them. */
export class StoredSessions implements Sessions {
  readonly #options: StoredSessionsOptions;

  constructor(options: StoredSessionsOptions) {
    this.#options = options;
  }

  create({ app, user, id = randomUUID(), state, events = [] }: CreateSession): SessionJson {
    const key = { app, user, session: id };
    const { store } = this.#options;
    store.create({ ...key, state: state as JsonObject | undefined });
    for (const event of events) {
      if (typeof event.id !== 'string' || typeof event.invocationId !== 'string') {
        store.delete(key);
        throw new ClayError('BAD_ARGUMENTS', 'Every imported event needs an "id" and an "invocationId".');
      }
      store.append(key, toStoreEvent(event));
    }
    return this.get({ app, user, id });
  }

  get(key: SessionKey, options: { readonly lastEvents?: number } = {}): SessionJson {
    const selection: EventSelection = options.lastEvents === undefined ? 'all' : { last: options.lastEvents };
    return toSessionJson(this.#read(key, selection));
  }

  has(key: SessionKey): boolean {
    return this.#options.store.get(storeKey(key), 'none') !== undefined;
  }

  list(app: string, user: string): readonly SessionJson[] {
    return this.#options.store.list({ app, user }).sessions.map(toSessionJson);
  }

  async delete(key: SessionKey): Promise<void> {
    const target = storeKey(key);
    this.#read(key, 'none');
    await this.#exclusively(target, 'its session is being deleted', () => {
      this.#options.store.delete(target);
    });
  }

  patchState(key: SessionKey, stateDelta: Record<string, unknown>): SessionJson {
    const target = storeKey(key);
    this.#read(key, 'none');
    this.#options.store.patchState(target, stateDelta as JsonObject);
    this.#options.live.forget(target);
    return this.get(key);
  }

  async rewind(key: SessionKey, turnId: string): Promise<SessionJson> {
    const target = storeKey(key);
    this.#read(key, 'none');
    await this.#exclusively(target, 'its session is being rewound', () => {
      this.#options.store.rewind(target, { beforeInvocation: turnId });
    });
    return this.get(key);
  }

  event(key: SessionKey, eventId: string): EventJson | undefined {
    return this.get(key).events.find(({ id }) => id === eventId);
  }

  compact(key: SessionKey): Promise<boolean> {
    const target = storeKey(key);
    this.#read(key, 'none');
    return this.#options.lock.run(nameOf(target), () => this.#options.compact(target));
  }

  /** Nothing of the session runs, and no window of it is kept, when `work` changes the database. */
  async #exclusively(key: StoreKey, reason: string, work: () => void): Promise<void> {
    const { cancelTurns, lock, live } = this.#options;
    cancelTurns(key, reason);
    await lock.run(nameOf(key), async () => {
      live.forget(key);
      work();
    });
  }

  #read(key: SessionKey, selection: EventSelection): SessionRecord {
    const record = this.#options.store.get(storeKey(key), selection);
    if (!record) throw sessionNotFound(storeKey(key));
    return record;
  }
}

export function storeKey({ app, user, id }: SessionKey): StoreKey {
  return { app, user, session: id };
}

function toSessionJson({ app, user, session, state, events, updatedAt }: SessionRecord): SessionJson {
  return {
    id: session,
    appName: app,
    userId: user,
    state: { ...state },
    events: events.map(({ event }) => event as unknown as EventJson),
    lastUpdateTime: updatedAt / 1000,
  };
}
