import { ClayError, type Clock, type Migration, type SqlRow, type Store } from '@clay/sdk';
import { createSecret } from './signature.ts';

export const hookMigrations: readonly Migration[] = [
  {
    id: '001_webhooks',
    sql: `
      CREATE TABLE webhooks (
        name TEXT PRIMARY KEY,
        path TEXT NOT NULL UNIQUE,
        secret TEXT NOT NULL
      ) STRICT;
      CREATE TABLE webhook_deliveries (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        hook TEXT NOT NULL REFERENCES webhooks (name) ON DELETE CASCADE,
        id TEXT NOT NULL,
        event TEXT NOT NULL,
        body TEXT NOT NULL,
        received_at INTEGER NOT NULL,
        UNIQUE (hook, id)
      ) STRICT;
    `,
  },
];

export interface Hook {
  readonly name: string;
  /** The part of its URL that only the sender knows. */
  readonly path: string;
  /** The key of its signatures. */
  readonly secret: string;
}

/** What a service has sent. */
export interface Delivery {
  /** The same when the service sends it again. */
  readonly id: string;
  readonly event: string;
  readonly body: string;
}

export interface KeptDelivery extends Delivery {
  /** Rises with each delivery. */
  readonly number: number;
  readonly hook: string;
  readonly receivedAt: string;
}

/** The hooks and what they have received, in the plugin's tables. */
export class HookList {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #keptPerHook: number;

  constructor(store: Store, clock: Clock, keptPerHook: number) {
    this.#store = store;
    this.#clock = clock;
    this.#keptPerHook = keptPerHook;
  }

  async list(): Promise<readonly { readonly name: string; readonly deliveries: number }[]> {
    const { rows } = await this.#store.sql(
      `SELECT name, count(hook) AS deliveries FROM webhooks LEFT JOIN webhook_deliveries ON hook = name
       GROUP BY name ORDER BY name`,
    );
    return rows.map(({ name, deliveries }) => ({ name: String(name), deliveries: Number(deliveries) }));
  }

  async add(name: string): Promise<void> {
    const { changes } = await this.#store.sql(
      'INSERT INTO webhooks (name, path, secret) VALUES (?, ?, ?) ON CONFLICT (name) DO NOTHING',
      [name, createSecret(), createSecret()],
    );
    if (changes === 0)
      throw new ClayError('CONFLICT', `There is a webhook "${name}" already. Remove it, or choose another name.`);
  }

  async remove(name: string): Promise<void> {
    const { changes } = await this.#store.sql('DELETE FROM webhooks WHERE name = ?', [name]);
    if (changes === 0) throw new ClayError('NOT_FOUND', `There is no webhook "${name}". webhook_list tells which are.`);
  }

  async find(by: 'name' | 'path', value: string): Promise<Hook | null> {
    const { rows } = await this.#store.sql(`SELECT name, path, secret FROM webhooks WHERE ${by} = ?`, [value]);
    const [row] = rows;
    return row === undefined ? null : { name: String(row.name), path: String(row.path), secret: String(row.secret) };
  }

  /** False when the delivery is known: a sender that heard no answer sends again. */
  async keep(hook: string, { id, event, body }: Delivery): Promise<boolean> {
    const [inserted] = await this.#store.transaction([
      {
        sql: `INSERT INTO webhook_deliveries (hook, id, event, body, received_at) VALUES (?, ?, ?, ?, ?)
              ON CONFLICT (hook, id) DO NOTHING`,
        parameters: [hook, id, event, body, this.#clock.now()],
      },
      {
        sql: `DELETE FROM webhook_deliveries WHERE hook = ? AND number NOT IN (
                SELECT number FROM webhook_deliveries WHERE hook = ? ORDER BY number DESC LIMIT ?)`,
        parameters: [hook, hook, this.#keptPerHook],
      },
    ]);
    return inserted!.changes > 0;
  }

  /** The latest first. */
  async recent(hook: string | undefined, limit: number): Promise<readonly KeptDelivery[]> {
    const { rows } = await this.#store.sql(
      'SELECT * FROM webhook_deliveries WHERE hook = coalesce(?, hook) ORDER BY number DESC LIMIT ?',
      [hook ?? null, limit],
    );
    return rows.map(toDelivery);
  }
}

function toDelivery(row: SqlRow): KeptDelivery {
  return {
    number: Number(row.number),
    hook: String(row.hook),
    id: String(row.id),
    event: String(row.event),
    body: String(row.body),
    receivedAt: new Date(Number(row.received_at)).toISOString(),
  };
}
