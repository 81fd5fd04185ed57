import type { SqlValue } from '@clay/sdk';
import { type Compilable, DummyDriver, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely';
import type { Connection, RunResult, Statement } from './connection.ts';
import type { HostTables } from './tables.ts';

export { type Compilable, sql } from 'kysely';

/**
 * The typed query builder. It only builds: SQLite is in this process, so that its queries are prepared once and run
 * synchronously, which keeps a turn's reads and writes inside one transaction without awaiting. The only module that knows kysely.
 */
export const queries = new Kysely<HostTables>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (database) => new SqliteIntrospector(database),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
});

class Parameter {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** Stands in a query for a value that each run gives by name. */
export function param<T>(name: string): T {
  return new Parameter(name) as unknown as T;
}

export type Bindings = Readonly<Record<string, SqlValue>>;

/** A typed query, compiled and prepared once. */
export class Query<R> {
  readonly #statement: Statement;
  readonly #slots: readonly unknown[];

  constructor(connection: Connection, query: Compilable<R>) {
    const { sql, parameters } = query.compile();
    this.#statement = connection.prepare(sql);
    this.#slots = parameters;
  }

  get(bindings: Bindings = {}): R | undefined {
    return this.#statement.get(this.#bind(bindings)) as R | undefined;
  }

  all(bindings: Bindings = {}): readonly R[] {
    return this.#statement.all(this.#bind(bindings)) as readonly R[];
  }

  run(bindings: Bindings = {}): RunResult {
    return this.#statement.run(this.#bind(bindings));
  }

  #bind(bindings: Bindings): SqlValue[] {
    return this.#slots.map((slot) => {
      if (!(slot instanceof Parameter)) return slot as SqlValue;
      const value = bindings[slot.name];
      if (value === undefined) throw new TypeError(`The query needs a value for "${slot.name}".`);
      return value;
    });
  }
}
