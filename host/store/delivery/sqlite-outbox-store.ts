import type { Clock, Failure } from '@clay/sdk';
import type { Connection } from '../connection.ts';
import { param, Query, queries, sql } from '../queries.ts';
import type { OutboxPartRow } from '../tables.ts';
import type {
  NewOutgoingMessage,
  OutboxCounts,
  OutboxStore,
  OutgoingFile,
  OutgoingKind,
  OutgoingMessage,
  OutgoingProgress,
  OutgoingState,
  PartKind,
  PartState,
  RenderedPart,
  StoredPart,
} from './outbox-store.ts';

type Queries = ReturnType<typeof prepareQueries>;
type Row = NonNullable<ReturnType<Queries['next']['get']>>;

function prepareQueries(connection: Connection) {
  const seq = param<number>('seq');
  const number = param<number>('number');
  const channel = param<string>('channel');
  const chat = param<string>('chat');
  const at = param<number>('at');
  const open = queries.selectFrom('outbox').where('ended_at', 'is', null);
  const part = queries.updateTable('outbox_parts').where('message', '=', seq).where('number', '=', number);
  const parts = queries.selectFrom('outbox_parts').selectAll().where('message', '=', seq).orderBy('number');
  return {
    insert: new Query(
      connection,
      queries
        .insertInto('outbox')
        .values({
          key: param('key'),
          channel,
          chat,
          kind: param('kind'),
          text: param('text'),
          state: 'waiting',
          created_at: at,
          expires_at: param('expiresAt'),
          ended_at: null,
          question: param('question'),
        })
        .onConflict((conflict) => conflict.column('key').doNothing()),
    ),
    next: new Query(
      connection,
      open.selectAll().where('channel', '=', channel).where('chat', '=', chat).orderBy('seq').limit(1),
    ),
    chats: new Query(connection, open.select(['channel', 'chat']).distinct()),
    countOpen: new Query(
      connection,
      open.select((e) => e.fn.countAll<number>().as('count')),
    ),
    countDoubtful: new Query(
      connection,
      queries
        .selectFrom('outbox_parts')
        .select((e) => e.fn.countAll<number>().as('count'))
        .where('is_doubtful', '=', 1),
    ),
    setState: new Query(
      connection,
      queries
        .updateTable('outbox')
        .set({ state: param('state'), ended_at: param<number | null>('endedAt') })
        .where('seq', '=', seq),
    ),
    insertFile: new Query(
      connection,
      queries.insertInto('outbox_files').values({
        message: seq,
        number,
        name: param('name'),
        media_type: param('mediaType'),
        caption: param('caption'),
        body: param('bytes'),
      }),
    ),
    dropFiles: new Query(connection, queries.deleteFrom('outbox_files').where('message', '=', seq)),
    fileNames: new Query(
      connection,
      queries.selectFrom('outbox_files').select('name').where('message', '=', seq).orderBy('number'),
    ),
    file: new Query(
      connection,
      queries.selectFrom('outbox_files').selectAll().where('message', '=', seq).where('number', '=', number),
    ),
    progress: new Query(
      connection,
      queries
        .selectFrom('outbox')
        .innerJoin('outbox_parts', 'outbox_parts.message', 'outbox.seq')
        .select(['outbox.state'])
        .where('key', '=', param<string>('key'))
        .where('tried_at', 'is not', null)
        .limit(1),
    ),
    questionReceipt: new Query(
      connection,
      queries
        .selectFrom('outbox')
        .innerJoin('outbox_parts', 'outbox_parts.message', 'outbox.seq')
        .select(['receipt'])
        .where('key', '=', param<string>('key'))
        .where('outbox_parts.kind', '=', 'question')
        .where('outbox_parts.state', '=', 'sent'),
    ),
    dropParts: new Query(connection, queries.deleteFrom('outbox_parts').where('message', '=', seq)),
    insertPart: new Query(
      connection,
      queries.insertInto('outbox_parts').values({
        message: seq,
        number,
        kind: param('kind'),
        text: param('text'),
        format: param('format'),
        file: param('file'),
        state: 'waiting',
        attempts: 0,
        due_at: 0,
        tried_at: null,
        is_doubtful: 0,
        receipt: null,
        failure: null,
      }),
    ),
    parts: new Query(connection, parts),
    nextPart: new Query(connection, parts.where('state', 'in', ['waiting', 'open']).limit(1)),
    openPart: new Query(
      connection,
      part.set({ state: 'open', attempts: param('attempts'), tried_at: at, is_doubtful: param('isDoubtful') }),
    ),
    sentPart: new Query(connection, part.set({ state: 'sent', receipt: param('receipt') })),
    delayPart: new Query(
      connection,
      part.set({
        state: 'waiting',
        due_at: param('dueAt'),
        is_doubtful: param('isDoubtful'),
        failure: param('failure'),
      }),
    ),
    failedPart: new Query(connection, part.set({ state: 'failed', failure: param('failure') })),
    withdraw: new Query(
      connection,
      queries
        .updateTable('outbox')
        .set({ state: 'expired', ended_at: at })
        .where('channel', '=', channel)
        .where('chat', '=', chat)
        .where('ended_at', 'is', null)
        .where('kind', '=', 'notice')
        .where(sql<boolean>`substr(key, 1, length(${param('prefix')})) = ${param('prefix')}`)
        .where((e) =>
          e.not(
            e.exists(
              e
                .selectFrom('outbox_parts')
                .select('number')
                .whereRef('message', '=', 'outbox.seq')
                .where('tried_at', 'is not', null),
            ),
          ),
        ),
    ),
    tries: new Query(
      connection,
      queries
        .selectFrom('outbox_parts')
        .innerJoin('outbox', 'outbox.seq', 'outbox_parts.message')
        .select('tried_at')
        .where('tried_at', '>', at)
        .where('channel', '=', channel)
        .where('chat', '=', chat)
        .orderBy('tried_at', 'desc')
        .limit(param<number>('limit')),
    ),
    prune: new Query(connection, queries.deleteFrom('outbox').where('ended_at', '<', at)),
  };
}

export class SqliteOutboxStore implements OutboxStore {
  readonly #connection: Connection;
  readonly #clock: Clock;
  readonly #queries: Queries;

  constructor(connection: Connection, clock: Clock) {
    this.#connection = connection;
    this.#clock = clock;
    this.#queries = prepareQueries(connection);
  }

  add({ files = [], question = null, ...message }: NewOutgoingMessage): boolean {
    return this.#connection.transaction(() => {
      const at = this.#clock.now();
      const { changes, lastInsertRowid: seq } = this.#queries.insert.run({ ...message, question, at });
      if (changes === 0) return false;
      for (const [index, file] of files.entries()) this.#queries.insertFile.run({ ...file, seq, number: index + 1 });
      return true;
    });
  }

  next(channel: string, chat: string): OutgoingMessage | undefined {
    return parseMessage(this.#queries.next.get({ channel, chat }));
  }

  chats(): readonly { readonly channel: string; readonly chat: string }[] {
    return this.#queries.chats.all();
  }

  render(seq: number, parts: readonly RenderedPart[]): void {
    this.#connection.transaction(() => {
      this.#queries.dropParts.run({ seq });
      for (const [index, part] of parts.entries()) this.#queries.insertPart.run({ ...part, seq, number: index + 1 });
      this.#queries.setState.run({ seq, state: 'rendered', endedAt: null });
    });
  }

  fileNames(message: number): readonly string[] {
    return this.#queries.fileNames.all({ seq: message }).map(({ name }) => name);
  }

  file(message: number, number: number): OutgoingFile | undefined {
    const row = this.#queries.file.get({ seq: message, number });
    return row && { name: row.name, mediaType: row.media_type, caption: row.caption, bytes: row.body };
  }

  progress(key: string): OutgoingProgress {
    const row = this.#queries.progress.get({ key });
    if (row === undefined) return 'unseen';
    return row.state === 'sent' ? 'sent' : 'begun';
  }

  questionReceipt(key: string): string | null | undefined {
    return this.#queries.questionReceipt.get({ key })?.receipt;
  }

  nextPart(message: number): StoredPart | undefined {
    const row = this.#queries.nextPart.get({ seq: message });
    return row && parsePart(row);
  }

  parts(message: number): readonly StoredPart[] {
    return this.#queries.parts.all({ seq: message }).map(parsePart);
  }

  open({ message, number }: StoredPart, attempts: number, isDoubtful: boolean): void {
    const at = this.#clock.now();
    this.#queries.openPart.run({ seq: message, number, attempts, at, isDoubtful: Number(isDoubtful) });
  }

  sent({ message, number }: StoredPart, receipt: string | null): void {
    this.#queries.sentPart.run({ seq: message, number, receipt });
  }

  delay({ message, number }: StoredPart, dueAt: number, isDoubtful: boolean, failure: Failure): void {
    const told = JSON.stringify(failure);
    this.#queries.delayPart.run({ seq: message, number, dueAt, isDoubtful: Number(isDoubtful), failure: told });
  }

  giveUp({ message, number }: StoredPart, failure: Failure): void {
    this.#queries.failedPart.run({ seq: message, number, failure: JSON.stringify(failure) });
  }

  end(seq: number, state: 'sent' | 'failed' | 'expired'): void {
    this.#connection.transaction(() => {
      this.#queries.setState.run({ seq, state, endedAt: this.#clock.now() });
      this.#queries.dropFiles.run({ seq });
    });
  }

  withdraw(channel: string, chat: string, prefix: string): number {
    return this.#queries.withdraw.run({ channel, chat, prefix, at: this.#clock.now() }).changes;
  }

  tries(channel: string, chat: string, since: number, limit: number): readonly number[] {
    return this.#queries.tries.all({ channel, chat, at: since, limit }).flatMap(({ tried_at }) => tried_at ?? []);
  }

  counts(): OutboxCounts {
    return {
      waiting: this.#queries.countOpen.get()?.count ?? 0,
      doubtful: this.#queries.countDoubtful.get()?.count ?? 0,
    };
  }

  prune(before: number): number {
    return this.#queries.prune.run({ at: before }).changes;
  }
}

function parseMessage(row: Row | undefined): OutgoingMessage | undefined {
  if (row === undefined) return undefined;
  const { created_at, expires_at, ended_at: _, kind, state, ...rest } = row;
  return {
    ...rest,
    kind: kind as OutgoingKind,
    state: state as OutgoingState,
    createdAt: created_at,
    expiresAt: expires_at,
  };
}

function parsePart(row: OutboxPartRow): StoredPart {
  return {
    message: row.message,
    number: row.number,
    kind: row.kind as PartKind,
    text: row.text,
    format: row.format,
    file: row.file,
    state: row.state as PartState,
    attempts: row.attempts,
    dueAt: row.due_at,
    triedAt: row.tried_at,
    isDoubtful: row.is_doubtful === 1,
  };
}
