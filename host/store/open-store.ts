import { backUp, backupsIn } from './backup.ts';
import { SqliteConversationStore } from './delivery/sqlite-conversation-store.ts';
import { SqliteInboxStore } from './delivery/sqlite-inbox-store.ts';
import { SqliteOutboxStore } from './delivery/sqlite-outbox-store.ts';
import { SqliteQuestionStore } from './delivery/sqlite-question-store.ts';
import { openDatabase } from './open-database.ts';
import { SqliteArtifactStore } from './sqlite-artifact-store.ts';
import { SqlitePluginStorage } from './sqlite-plugin-storage.ts';
import { SqliteSessionStore } from './sqlite-session-store.ts';
import { SqliteSettings } from './sqlite-settings.ts';
import { SqliteUsageLedger } from './sqlite-usage-ledger.ts';
import type { Store, StoreOptions } from './store.ts';
import { lockVolume } from './volume-lock.ts';

/**
 * Takes the volume and opens its database.
 *
 * @throws StoreError when another host holds the volume, when it cannot be written, or when a newer Clay wrote the database.
 */
export function openStore(options: StoreOptions): Store {
  const { clock } = options;
  const lock = lockVolume(options.data, clock);
  let opened: ReturnType<typeof openDatabase>;
  try {
    opened = openDatabase(options.database, { check: lock.wasUnclean, backups: options.backups, clock });
  } catch (error) {
    lock.release();
    throw error;
  }
  const { connection, notices } = opened;
  const settings = new SqliteSettings(connection);
  let isOpen = true;
  return {
    sessions: new SqliteSessionStore(connection, clock),
    artifacts: new SqliteArtifactStore(connection, clock),
    usage: new SqliteUsageLedger(connection, clock),
    plugins: new SqlitePluginStorage(connection, clock),
    settings,
    conversations: new SqliteConversationStore(connection),
    inbox: new SqliteInboxStore(connection, clock),
    outbox: new SqliteOutboxStore(connection, clock),
    questions: new SqliteQuestionStore(connection, clock),
    notices,
    transaction: (work, how) => connection.transaction(work, how),
    backup: () => backUp(connection, options.backups, options.keepBackups, clock),
    backups: () => backupsIn(options.backups),
    check: () => settings.set('store.checked', clock.now()),
    close() {
      if (!isOpen) return;
      isOpen = false;
      connection.close();
      lock.release();
    },
  };
}
