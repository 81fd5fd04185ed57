import type { Clock } from '@clay/sdk';
import type { Connection } from '../connection.ts';
import { param, Query, queries } from '../queries.ts';
import type { QuestionRow } from '../tables.ts';
import type { Choice, NewQuestion, Question, QuestionState, QuestionStore } from './question-store.ts';

type Queries = ReturnType<typeof prepareQueries>;

function prepareQueries(connection: Connection) {
  const id = param<string>('id');
  const at = param<number>('at');
  const rows = queries.selectFrom('questions').selectAll();
  const open = rows.where('ended_at', 'is', null).orderBy('asked_at').orderBy('id');
  return {
    insert: new Query(
      connection,
      queries.insertInto('questions').values({
        id,
        key: param('key'),
        channel: param('channel'),
        chat: param('chat'),
        text: param('text'),
        choices: param('choices'),
        first_number: param('firstNumber'),
        state: 'open',
        choice: null,
        answered_by: null,
        asked_at: at,
        expires_at: param('expiresAt'),
        ended_at: null,
      }),
    ),
    byId: new Query(connection, rows.where('id', '=', id)),
    byKey: new Query(connection, rows.where('key', '=', param<string>('key'))),
    open: new Query(connection, open),
    openIn: new Query(
      connection,
      open.where('channel', '=', param<string>('channel')).where('chat', '=', param<string>('chat')),
    ),
    end: new Query(
      connection,
      queries
        .updateTable('questions')
        .set({ state: param('state'), choice: param('choice'), answered_by: param('answeredBy'), ended_at: at })
        .where('id', '=', id)
        .where('ended_at', 'is', null),
    ),
    prune: new Query(connection, queries.deleteFrom('questions').where('ended_at', '<', at)),
  };
}

export class SqliteQuestionStore implements QuestionStore {
  readonly #clock: Clock;
  readonly #queries: Queries;

  constructor(connection: Connection, clock: Clock) {
    this.#clock = clock;
    this.#queries = prepareQueries(connection);
  }

  add(question: NewQuestion): Question {
    const at = this.#clock.now();
    this.#queries.insert.run({ ...question, choices: JSON.stringify(question.choices), at });
    return { ...question, state: 'open', choice: null, answeredBy: null, askedAt: at };
  }

  get(id: string): Question | undefined {
    return parse(this.#queries.byId.get({ id }));
  }

  find(key: string): Question | undefined {
    return parse(this.#queries.byKey.get({ key }));
  }

  open(): readonly Question[] {
    return this.#queries.open.all().flatMap((row) => parse(row) ?? []);
  }

  openIn(channel: string, chat: string): readonly Question[] {
    return this.#queries.openIn.all({ channel, chat }).flatMap((row) => parse(row) ?? []);
  }

  answer(id: string, choice: string, answeredBy: string): boolean {
    return this.#end(id, 'answered', choice, answeredBy);
  }

  end(id: string, state: 'expired' | 'withdrawn'): boolean {
    return this.#end(id, state, null, null);
  }

  prune(before: number): number {
    return this.#queries.prune.run({ at: before }).changes;
  }

  #end(id: string, state: QuestionState, choice: string | null, answeredBy: string | null): boolean {
    return this.#queries.end.run({ id, state, choice, answeredBy, at: this.#clock.now() }).changes > 0;
  }
}

function parse(row: QuestionRow | undefined): Question | undefined {
  if (row === undefined) return undefined;
  const { choices, first_number, answered_by, asked_at, expires_at, ended_at: _, state, ...rest } = row;
  return {
    ...rest,
    choices: JSON.parse(choices) as Choice[],
    firstNumber: first_number,
    state: state as QuestionState,
    answeredBy: answered_by,
    askedAt: asked_at,
    expiresAt: expires_at,
  };
}
