import type { Json } from '@clay/sdk';
import type { Connection } from './connection.ts';
import { param, Query, queries } from './queries.ts';
import type { Settings } from './store.ts';

export class SqliteSettings implements Settings {
  readonly #get: Query<{ value: string }>;
  readonly #set: Query<unknown>;
  readonly #delete: Query<unknown>;

  constructor(connection: Connection) {
    const key = param<string>('key');
    this.#get = new Query(connection, queries.selectFrom('settings').select('value').where('key', '=', key));
    this.#set = new Query(
      connection,
      queries
        .insertInto('settings')
        .values({ key, value: param('value') })
        .onConflict((conflict) => conflict.column('key').doUpdateSet((e) => ({ value: e.ref('excluded.value') }))),
    );
    this.#delete = new Query(connection, queries.deleteFrom('settings').where('key', '=', key));
  }

  get(key: string): Json | undefined {
    const row = this.#get.get({ key });
    return row === undefined ? undefined : (JSON.parse(row.value) as Json);
  }

  set(key: string, value: Json): void {
    this.#set.run({ key, value: JSON.stringify(value) });
  }

  delete(key: string): boolean {
    return this.#delete.run({ key }).changes > 0;
  }
}
