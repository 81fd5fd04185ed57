import { randomUUID } from 'node:crypto';
import type { JsonObject } from '@clay/sdk';
import type { SessionRecord } from '../../store/session-store.ts';
import type { Store } from '../../store/store.ts';
import {
  BaseSessionService,
  type CreateSessionRequest,
  type DeleteSessionRequest,
  type Event,
  type GetSessionRequest,
  type ListSessionsRequest,
  type ListSessionsResponse,
  type Session,
} from '../adk.ts';
import type { EventJson } from '../event-json.ts';
import type { LiveSession } from '../sessions/live-session.ts';
import { storeEvent } from '../sessions/stored-event.ts';

/**
 * The engine's session service for one turn. The engine gets a session that holds the events of this turn only: what the model
 * sees is made from the live window, and an engine that knows no older event cannot scan, copy or stringify ten thousand of
 * them, nor hand the turn to the agent that happened to speak last.
 */
export class TurnSessions extends BaseSessionService {
  readonly #store: Store['sessions'];
  readonly #live: LiveSession;
  readonly #isResumed: boolean;
  readonly #onCommitted: (event: EventJson) => void;

  constructor(
    store: Store['sessions'],
    live: LiveSession,
    isResumed: boolean,
    onCommitted: (event: EventJson) => void,
  ) {
    super();
    this.#store = store;
    this.#live = live;
    this.#isResumed = isResumed;
    this.#onCommitted = onCommitted;
  }

  override async getSession({ appName, userId, sessionId }: GetSessionRequest): Promise<Session | undefined> {
    const { key, state } = this.#live;
    if (key.app !== appName || key.user !== userId || key.session !== sessionId) return undefined;
    return { id: sessionId, appName, userId, state, events: [], lastUpdateTime: 0 };
  }

  override async appendEvent({ session, event }: { session: Session; event: Event }): Promise<Event> {
    if (event.partial) return event;
    dropTemporaryState(event.actions.stateDelta);
    session.events.push(event);
    // The engine begins every run with the person's message; a turn that goes on after a crash has stored it already.
    if (event.author === 'user' && this.#isResumed) return event;
    storeEvent(this.#store, this.#live, event);
    this.#onCommitted(event);
    return event;
  }

  override async createSession({ appName, userId, sessionId, state }: CreateSessionRequest): Promise<Session> {
    const session = sessionId ?? randomUUID();
    return toSession(this.#store.create({ app: appName, user: userId, session, state: (state ?? {}) as JsonObject }));
  }

  override async listSessions({
    appName,
    userId,
    limit,
    offset = 0,
    page,
    order,
  }: ListSessionsRequest): Promise<ListSessionsResponse> {
    const start = page && limit ? (page - 1) * limit : offset;
    const { sessions, total } = this.#store.list({
      app: appName,
      user: userId,
      limit,
      offset: start,
      order: order === 'asc' ? 'oldest' : 'newest',
    });
    const size = limit ?? total;
    const pages = size === 0 ? 1 : Math.max(1, Math.ceil(total / size));
    return { sessions: sessions.map(toSession), page: page ?? 1, limit: size, totalItems: total, totalPages: pages };
  }

  override async deleteSession({ appName, userId, sessionId }: DeleteSessionRequest): Promise<void> {
    this.#store.delete({ app: appName, user: userId, session: sessionId });
  }
}

function toSession({ app, user, session, state, updatedAt }: SessionRecord): Session {
  return { id: session, appName: app, userId: user, state: { ...state }, events: [], lastUpdateTime: updatedAt };
}

function dropTemporaryState(delta: Record<string, unknown>): void {
  for (const name of Object.keys(delta)) if (name.startsWith('temp:')) delete delta[name];
}
