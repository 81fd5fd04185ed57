import type { Clock, Json } from '@clay/sdk';
import type { Connection } from '../connection.ts';
import { param, Query, queries } from '../queries.ts';
import type { InboxImage, InboxMessage, InboxState, InboxStore, NewInboxMessage } from './inbox-store.ts';

type Queries = ReturnType<typeof prepareQueries>;
type Row = NonNullable<ReturnType<Queries['bySeq']['get']>>;

function prepareQueries(connection: Connection) {
  const seq = param<number>('seq');
  const at = param<number>('at');
  const rows = queries.selectFrom('inbox').selectAll();
  const user = param<string>('user');
  const session = param<string>('session');
  const update = queries.updateTable('inbox').where('seq', '=', seq);
  return {
    insert: new Query(
      connection,
      queries.insertInto('inbox').values({
        channel: param('channel'),
        key: param('key'),
        conversation: param('conversation'),
        user,
        session,
        text: param('text'),
        images: param('images'),
        command: param('command'),
        state: 'waiting',
        turn: null,
        attempts: 0,
        result: null,
        accepted_at: at,
        ended_at: null,
      }),
    ),
    bySeq: new Query(connection, rows.where('seq', '=', seq)),
    byKey: new Query(
      connection,
      rows.where('channel', '=', param<string>('channel')).where('key', '=', param<string>('key')),
    ),
    next: new Query(
      connection,
      rows
        .where('user', '=', user)
        .where('session', '=', session)
        .where('ended_at', 'is', null)
        .where('command', 'is', null)
        .where('conversation', 'is not', null)
        .orderBy('seq')
        .limit(1),
    ),
    countOpen: new Query(
      connection,
      queries
        .selectFrom('inbox')
        .select((e) => e.fn.countAll<number>().as('count'))
        .where('user', '=', user)
        .where('session', '=', session)
        .where('ended_at', 'is', null)
        .where('command', 'is', null)
        .where('seq', '<', seq),
    ),
    open: new Query(connection, rows.where('ended_at', 'is', null).orderBy('seq')),
    begin: new Query(
      connection,
      update.set((e) => ({ state: 'open', turn: param<string | null>('turn'), attempts: e('attempts', '+', 1) })),
    ),
    putBack: new Query(connection, update.set({ state: 'waiting', turn: null, session })),
    end: new Query(
      connection,
      update.set({ state: param('state'), result: param('result'), images: '[]', ended_at: at }),
    ),
    cancelWaiting: new Query(
      connection,
      queries
        .updateTable('inbox')
        .set({ state: 'cancelled', images: '[]', ended_at: at })
        .where('user', '=', user)
        .where('session', '=', session)
        .where('ended_at', 'is', null)
        .where('command', 'is', null)
        .where('conversation', 'is not', null)
        .where('state', '=', 'waiting')
        .where('seq', '<', seq),
    ),
    prune: new Query(connection, queries.deleteFrom('inbox').where('ended_at', '<', at)),
  };
}

export class SqliteInboxStore implements InboxStore {
  readonly #clock: Clock;
  readonly #queries: Queries;

  constructor(connection: Connection, clock: Clock) {
    this.#clock = clock;
    this.#queries = prepareQueries(connection);
  }

  add({ images, ...rest }: NewInboxMessage): InboxMessage {
    const at = this.#clock.now();
    const { lastInsertRowid } = this.#queries.insert.run({ ...rest, images: JSON.stringify(images), at });
    return {
      ...rest,
      images,
      seq: lastInsertRowid,
      state: 'waiting',
      turn: null,
      attempts: 0,
      result: null,
      acceptedAt: at,
      endedAt: null,
    };
  }

  find(channel: string, key: string): InboxMessage | undefined {
    return parse(this.#queries.byKey.get({ channel, key }));
  }

  get(seq: number): InboxMessage | undefined {
    return parse(this.#queries.bySeq.get({ seq }));
  }

  next(user: string, session: string): InboxMessage | undefined {
    return parse(this.#queries.next.get({ user, session }));
  }

  countOpen(user: string, session: string, before: number = Number.MAX_SAFE_INTEGER): number {
    return this.#queries.countOpen.get({ user, session, seq: before })?.count ?? 0;
  }

  open(): readonly InboxMessage[] {
    return this.#queries.open.all().flatMap((row) => parse(row) ?? []);
  }

  begin(seq: number, turn: string | null): void {
    this.#queries.begin.run({ seq, turn });
  }

  putBack(seq: number, session?: string): void {
    const row = this.#queries.bySeq.get({ seq });
    if (row !== undefined) this.#queries.putBack.run({ seq, session: session ?? row.session });
  }

  end(seq: number, state: 'done' | 'failed' | 'cancelled', result?: Json): void {
    const text = result === undefined ? null : JSON.stringify(result);
    this.#queries.end.run({ seq, state, result: text, at: this.#clock.now() });
  }

  cancelWaiting(user: string, session: string, before: number): number {
    return this.#queries.cancelWaiting.run({ user, session, seq: before, at: this.#clock.now() }).changes;
  }

  prune(before: number): number {
    return this.#queries.prune.run({ at: before }).changes;
  }
}

function parse(row: Row | undefined): InboxMessage | undefined {
  if (row === undefined) return undefined;
  const { accepted_at, ended_at, images, state, result, ...rest } = row;
  return {
    ...rest,
    images: JSON.parse(images) as InboxImage[],
    state: state as InboxState,
    result: result === null ? null : (JSON.parse(result) as Json),
    acceptedAt: accepted_at,
    endedAt: ended_at,
  };
}
