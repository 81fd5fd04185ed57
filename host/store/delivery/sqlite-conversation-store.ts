import type { Connection } from '../connection.ts';
import { param, Query, queries } from '../queries.ts';
import type { ConversationRow } from '../tables.ts';
import type { Conversation, ConversationFilter, ConversationStore } from './conversation-store.ts';

export class SqliteConversationStore implements ConversationStore {
  readonly #connection: Connection;
  readonly #get: Query<ConversationRow>;
  readonly #put: Query<unknown>;

  constructor(connection: Connection) {
    this.#connection = connection;
    const key = param<string>('key');
    this.#get = new Query(connection, queries.selectFrom('conversations').selectAll().where('key', '=', key));
    const values = {
      channel: param<string>('channel'),
      chat: param<string>('chat'),
      user: param<string>('user'),
      is_group: param<number>('isGroup'),
      session: param<string>('session'),
      heard_at: param<number>('heardAt'),
    };
    this.#put = new Query(
      connection,
      queries
        .insertInto('conversations')
        .values({ key, ...values })
        .onConflict((conflict) => conflict.column('key').doUpdateSet(values)),
    );
  }

  get(key: string): Conversation | undefined {
    return parse(this.#get.get({ key }));
  }

  newest({ channel, chat, user, isGroup }: ConversationFilter): Conversation | undefined {
    let rows = queries.selectFrom('conversations').selectAll().orderBy('heard_at', 'desc').limit(1);
    if (channel !== undefined) rows = rows.where('channel', '=', channel);
    if (chat !== undefined) rows = rows.where('chat', '=', chat);
    if (user !== undefined) rows = rows.where('user', '=', user);
    if (isGroup !== undefined) rows = rows.where('is_group', '=', Number(isGroup));
    return parse(new Query(this.#connection, rows).get());
  }

  put({ isGroup, ...rest }: Conversation): void {
    this.#put.run({ ...rest, isGroup: Number(isGroup) });
  }
}

function parse(row: ConversationRow | undefined): Conversation | undefined {
  if (row === undefined) return undefined;
  const { is_group, heard_at, ...rest } = row;
  return { ...rest, isGroup: is_group === 1, heardAt: heard_at };
}
