import { ClayError, type Clock, type Json, type JsonObject } from '@clay/sdk';
import type { Connection } from './connection.ts';
import { Query, queries } from './queries.ts';
import { prepareSessionQueries, type SessionQueries } from './session-queries.ts';
import { rewindSession } from './session-rewind.ts';
import { partDelta, type StateScope, stateKey, withoutTemporary } from './session-state.ts';
import type {
  Compaction,
  EventJson,
  EventSelection,
  NewCompaction,
  NewSession,
  RewindTarget,
  Rewound,
  SessionFilter,
  SessionKey,
  SessionPage,
  SessionRecord,
  SessionStore,
  StoredEvent,
} from './session-store.ts';
import type { CompactionRow } from './tables.ts';

type Header = NonNullable<ReturnType<SessionQueries['find']['get']>>;

export class SqliteSessionStore implements SessionStore {
  readonly #connection: Connection;
  readonly #clock: Clock;
  readonly #queries: SessionQueries;

  constructor(connection: Connection, clock: Clock) {
    this.#connection = connection;
    this.#clock = clock;
    this.#queries = prepareSessionQueries(connection);
  }

  create(session: NewSession): SessionRecord {
    const { app, user, session: id } = parseKey(session);
    const parts = partDelta(session.state ?? {});
    return this.#connection.transaction(() => {
      if (this.#queries.find.get({ app, user, session: id }) !== undefined) {
        throw new ClayError(
          'CONFLICT',
          `The session "${id}" of user "${user}" exists already: choose another id or use it.`,
        );
      }
      const at = this.#clock.now();
      this.#queries.insertSession.run({ app, user, session: id, state: JSON.stringify(parts.session), at });
      this.#applyState({ app, user, session: id }, parts);
      return this.#record(this.#require({ app, user, session: id }), 'none');
    });
  }

  get(key: SessionKey, events: EventSelection = 'all'): SessionRecord | undefined {
    const header = this.#find(key);
    return header === undefined ? undefined : this.#record(header, events);
  }

  list(filter: SessionFilter): SessionPage {
    let matching = queries.selectFrom('sessions').where('app', '=', filter.app);
    if (filter.user !== undefined) matching = matching.where('user', '=', filter.user);
    const direction = filter.order === 'oldest' ? 'asc' : 'desc';
    const page = matching
      .select(['key', 'app', 'user', 'session', 'created_at', 'updated_at'])
      .orderBy('updated_at', direction)
      .orderBy('key', direction)
      .limit(filter.limit ?? -1)
      .offset(filter.offset ?? 0);
    const count = matching.select((e) => e.fn.countAll<number>().as('count'));
    return {
      sessions: new Query(this.#connection, page).all().map((header) => this.#record(header, 'none')),
      total: new Query(this.#connection, count).get()?.count ?? 0,
    };
  }

  delete(key: SessionKey): boolean {
    return this.#connection.transaction(() => {
      const header = this.#find(key);
      if (header === undefined) return false;
      const { app, user, session } = header;
      this.#queries.clearState.run({ app, user, session });
      this.#queries.deleteArtifacts.run({ app, user, session });
      this.#queries.deleteSession.run({ key: header.key });
      return true;
    });
  }

  append(key: SessionKey, given: EventJson, options: { readonly full?: boolean } = {}): StoredEvent | undefined {
    if (given.partial === true) return undefined;
    const event = withoutTemporary(given);
    const delta = event.actions?.stateDelta;
    const parts = delta === undefined ? undefined : partDelta(delta);
    return this.#connection.transaction(() => {
      const header = this.#require(key);
      const ownDelta =
        parts !== undefined && Object.keys(parts.session).length > 0 ? JSON.stringify(parts.session) : null;
      const timestamp = Math.trunc(event.timestamp);
      const row = this.#queries.upsertEvent.get({
        key: header.key,
        id: event.id,
        invocation: event.invocationId,
        timestamp,
        delta: ownDelta,
        body: JSON.stringify(event),
      });
      if (row === undefined) throw new Error(`SQLite gave no row back for the event ${event.id}.`);
      if (parts !== undefined) this.#applyState(header, parts);
      this.#queries.touch.run({ key: header.key, at: timestamp });
      return { seq: row.seq, event };
    }, options);
  }

  events(key: SessionKey, selection: EventSelection = 'all'): readonly StoredEvent[] {
    return this.#select(this.#require(key).key, selection);
  }

  countEvents(key: SessionKey): number {
    return this.#queries.countEvents.get({ key: this.#require(key).key })?.count ?? 0;
  }

  state(key: SessionKey): JsonObject {
    return this.#readState(this.#require(key));
  }

  patchState(key: SessionKey, delta: JsonObject): JsonObject {
    const parts = partDelta(delta);
    return this.#connection.transaction(() => {
      const header = this.#require(key);
      if (Object.keys(parts.session).length > 0) {
        const seq = this.#queries.lastSeq.get({ key: header.key })?.seq ?? 0;
        this.#queries.insertPatch.run({ key: header.key, seq, delta: JSON.stringify(parts.session) });
      }
      this.#applyState(header, parts);
      this.#queries.touch.run({ key: header.key, at: this.#clock.now() });
      return this.#readState(header);
    });
  }

  rewind(key: SessionKey, target: RewindTarget): Rewound {
    return this.#connection.transaction(() => {
      const header = this.#require(key);
      const { sessionState, ...removed } = rewindSession(this.#queries, header.key, target);
      const { app, user, session } = header;
      this.#queries.clearState.run({ app, user, session });
      this.#applyState(header, { app: {}, user: {}, session: sessionState });
      return { ...removed, state: this.#readState(header) };
    });
  }

  addCompaction(key: SessionKey, compaction: NewCompaction): Compaction {
    return this.#connection.transaction(() => {
      const header = this.#require(key);
      const seq = this.#requireEvent(header, compaction.lastEventId);
      if (this.#requireEvent(header, compaction.firstEventId) > seq) {
        throw new ClayError(
          'BAD_ARGUMENTS',
          `A compaction cannot begin at the event "${compaction.firstEventId}", which is behind its end "${compaction.lastEventId}".`,
        );
      }
      const row = this.#queries.insertCompaction.get({
        key: header.key,
        first: compaction.firstEventId,
        last: compaction.lastEventId,
        seq,
        summary: compaction.summary,
        details: JSON.stringify(compaction.details ?? {}),
        at: this.#clock.now(),
      });
      if (row === undefined) throw new Error('SQLite gave no row back for the compaction.');
      return toCompaction(row);
    });
  }

  compaction(key: SessionKey): Compaction | undefined {
    const row = this.#queries.newestCompaction.get({ key: this.#require(key).key });
    return row === undefined ? undefined : toCompaction(row);
  }

  #find(key: SessionKey): Header | undefined {
    return this.#queries.find.get({ app: key.app, user: key.user, session: key.session });
  }

  #require(key: SessionKey): Header {
    const header = this.#find(key);
    if (header === undefined) {
      throw new ClayError(
        'NOT_FOUND',
        `There is no session "${key.session}" of user "${key.user}" in app "${key.app}".`,
      );
    }
    return header;
  }

  #requireEvent(header: Header, id: string): number {
    const row = this.#queries.eventSeq.get({ key: header.key, id });
    if (row === undefined) throw new ClayError('NOT_FOUND', `The session "${header.session}" has no event "${id}".`);
    return row.seq;
  }

  #record(header: Header, events: EventSelection): SessionRecord {
    return {
      app: header.app,
      user: header.user,
      session: header.session,
      createdAt: header.created_at,
      updatedAt: header.updated_at,
      state: this.#readState(header),
      events: this.#select(header.key, events),
    };
  }

  #select(key: number, selection: EventSelection): readonly StoredEvent[] {
    if (selection === 'none') return [];
    if (selection === 'all') return toEvents(this.#queries.eventsAfter.all({ key, seq: 0 }));
    if (selection === 'afterCompaction') {
      const seq = this.#queries.newestCompaction.get({ key })?.boundary_seq ?? 0;
      return toEvents(this.#queries.eventsAfter.all({ key, seq }));
    }
    if ('afterSeq' in selection) return toEvents(this.#queries.eventsAfter.all({ key, seq: selection.afterSeq }));
    if ('last' in selection)
      return toEvents(this.#queries.lastEvents.all({ key, limit: Math.max(0, selection.last) })).reverse();
    return toEvents(this.#queries.eventsSince.all({ key, timestamp: selection.sinceTimestamp }));
  }

  #readState(header: SessionKey): JsonObject {
    const { app, user, session } = header;
    const state: Record<string, Json> = {};
    for (const row of this.#queries.state.all({ app, user, session })) {
      const scope: StateScope = row.session !== '' ? 'session' : row.user !== '' ? 'user' : 'app';
      state[stateKey(scope, row.name)] = JSON.parse(row.value);
    }
    return state;
  }

  #applyState(header: SessionKey, parts: ReturnType<typeof partDelta>): void {
    const { app, user, session } = header;
    const write = (owner: { user: string; session: string }, delta: JsonObject) => {
      for (const [name, value] of Object.entries(delta)) {
        this.#queries.setState.run({ app, ...owner, name, value: JSON.stringify(value) });
      }
    };
    write({ user: '', session: '' }, parts.app);
    write({ user, session: '' }, parts.user);
    write({ user, session }, parts.session);
  }
}

function parseKey(key: SessionKey): SessionKey {
  for (const part of ['app', 'user', 'session'] as const) {
    if (typeof key[part] !== 'string' || key[part] === '' || key[part].length > 512) {
      throw new ClayError('BAD_ARGUMENTS', `The ${part} of a session must be a text of 1 to 512 characters.`);
    }
  }
  return key;
}

function toEvents(rows: readonly { readonly seq: number; readonly body: string }[]): StoredEvent[] {
  return rows.map(({ seq, body }) => ({ seq, event: JSON.parse(body) as EventJson }));
}

function toCompaction(row: Omit<CompactionRow, 'id'> & { readonly id: number }): Compaction {
  return {
    id: row.id,
    firstEventId: row.first_event,
    lastEventId: row.last_event,
    boundarySeq: row.boundary_seq,
    summary: row.summary,
    details: JSON.parse(row.details) as JsonObject,
    createdAt: row.created_at,
  };
}
