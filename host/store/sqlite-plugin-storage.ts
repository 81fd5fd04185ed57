import { ClayError, type Clock } from '@clay/sdk';
import type { Connection } from './connection.ts';
import { hostTables } from './host-migrations.ts';
import { dropTables } from './plugin-objects.ts';
import { restoreSnapshot, type SnapshotScope, writeSnapshot } from './plugin-snapshot.ts';
import type { PluginSnapshot, PluginStorage, PluginStore } from './plugin-storage.ts';
import { param, Query, queries } from './queries.ts';
import { SchemaCatalog } from './schema-catalog.ts';
import { SqlitePluginStore } from './sqlite-plugin-store.ts';
import { TableGuard } from './table-guard.ts';

export class SqlitePluginStorage implements PluginStorage {
  readonly #connection: Connection;
  readonly #clock: Clock;
  readonly #catalog: SchemaCatalog;
  readonly #owner: Query<{ plugin: string }>;
  readonly #claim: Query<unknown>;

  constructor(connection: Connection, clock: Clock) {
    this.#connection = connection;
    this.#clock = clock;
    this.#catalog = new SchemaCatalog(connection);
    const name = param<string>('name');
    this.#owner = new Query(connection, queries.selectFrom('plugin_tables').select('plugin').where('name', '=', name));
    this.#claim = new Query(connection, queries.insertInto('plugin_tables').values({ name, plugin: param('plugin') }));
  }

  for(plugin: string, tables: readonly string[]): PluginStore {
    this.#connection.transaction(() => {
      for (const table of tables) this.#claimTable(plugin, table);
    });
    const guard = new TableGuard(this.#connection, this.#catalog, plugin, tables);
    return new SqlitePluginStore(this.#connection, this.#catalog, guard, plugin, this.#clock);
  }

  drop(plugin: string): void {
    this.#connection.transaction(() => {
      dropTables(this.#connection, this.#catalog, this.#claimed(plugin));
      for (const table of ['plugin_values', 'plugin_tables', 'plugin_migrations'] as const) {
        new Query(this.#connection, queries.deleteFrom(table).where('plugin', '=', plugin)).run();
      }
    });
    this.#catalog.changed();
  }

  snapshot(plugin: string, tables: readonly string[], file: string): PluginSnapshot {
    return writeSnapshot(this.#scope(plugin, tables), file, this.#clock);
  }

  restore(plugin: string, tables: readonly string[], file: string): void {
    restoreSnapshot(this.#scope(plugin, tables), file);
  }

  #scope(plugin: string, tables: readonly string[]): SnapshotScope {
    this.#connection.transaction(() => {
      for (const table of tables) this.#claimTable(plugin, table);
    });
    return { connection: this.#connection, catalog: this.#catalog, plugin, names: this.#claimed(plugin) };
  }

  /** In lower case. */
  #claimed(plugin: string): ReadonlySet<string> {
    const owned = queries.selectFrom('plugin_tables').select('name').where('plugin', '=', plugin);
    return new Set(new Query(this.#connection, owned).all().map((row) => row.name.toLowerCase()));
  }

  #claimTable(plugin: string, table: string): void {
    if (!/^[a-z_]\w{0,62}$/i.test(table) || /^sqlite_/i.test(table)) {
      throw new ClayError(
        'BAD_ARGUMENTS',
        `The plugin "${plugin}" names a table ${JSON.stringify(table)}: use letters, digits and underscores, not beginning with "sqlite_".`,
      );
    }
    if (hostTables.includes(table.toLowerCase())) {
      throw new ClayError(
        'REFUSED',
        `The plugin "${plugin}" names the table "${table}", which is the host's. Choose another name, such as "${plugin.replaceAll('-', '_')}_${table}".`,
      );
    }
    const owner = this.#owner.get({ name: table })?.plugin;
    if (owner === undefined) this.#claim.run({ name: table, plugin });
    else if (owner !== plugin) {
      throw new ClayError(
        'REFUSED',
        `The plugin "${plugin}" names the table "${table}", which belongs to the plugin "${owner}". Choose another name, or call a service of "${owner}".`,
      );
    }
  }
}
