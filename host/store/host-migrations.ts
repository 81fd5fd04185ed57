import type { Migration } from '@clay/sdk';

/** The host's schema, step by step. A released step never changes; a new one only expands. */
export const hostMigrations: readonly Migration[] = [
  {
    id: '001_sessions',
    sql: `
      CREATE TABLE sessions (
        key INTEGER PRIMARY KEY AUTOINCREMENT,
        app TEXT NOT NULL, user TEXT NOT NULL, session TEXT NOT NULL,
        initial_state TEXT NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
        UNIQUE (app, user, session)
      ) STRICT;
      CREATE INDEX sessions_by_update ON sessions (app, updated_at);

      CREATE TABLE events (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        session INTEGER NOT NULL REFERENCES sessions (key) ON DELETE CASCADE,
        id TEXT NOT NULL, invocation TEXT NOT NULL, timestamp INTEGER NOT NULL, state_delta TEXT, body TEXT NOT NULL,
        UNIQUE (session, id)
      ) STRICT;
      CREATE INDEX events_in_order ON events (session, seq, invocation);

      CREATE TABLE state (
        app TEXT NOT NULL, user TEXT NOT NULL, session TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,
        PRIMARY KEY (app, user, session, name)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE state_patches (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        session INTEGER NOT NULL REFERENCES sessions (key) ON DELETE CASCADE,
        after_seq INTEGER NOT NULL, delta TEXT NOT NULL
      ) STRICT;
      CREATE INDEX state_patches_of_session ON state_patches (session, after_seq);

      CREATE TABLE compactions (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        session INTEGER NOT NULL REFERENCES sessions (key) ON DELETE CASCADE,
        first_event TEXT NOT NULL, last_event TEXT NOT NULL, boundary_seq INTEGER NOT NULL,
        summary TEXT NOT NULL, details TEXT NOT NULL, created_at INTEGER NOT NULL
      ) STRICT;
      CREATE INDEX compactions_of_session ON compactions (session, boundary_seq);

      CREATE TABLE artifacts (
        app TEXT NOT NULL, user TEXT NOT NULL, session TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL,
        mime_type TEXT NOT NULL, is_text INTEGER NOT NULL, size_bytes INTEGER NOT NULL, metadata TEXT NOT NULL,
        created_at INTEGER NOT NULL, body ANY NOT NULL,
        PRIMARY KEY (app, user, session, name, version)
      ) STRICT;

      CREATE TABLE usage (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        at INTEGER NOT NULL, app TEXT NOT NULL, user TEXT NOT NULL, session TEXT NOT NULL, turn TEXT NOT NULL,
        plugin TEXT NOT NULL, agent TEXT NOT NULL, model TEXT NOT NULL,
        input_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL,
        cache_read_tokens INTEGER NOT NULL, cache_write_tokens INTEGER NOT NULL,
        cost_usd REAL, duration_ms INTEGER NOT NULL
      ) STRICT;
      CREATE INDEX usage_by_session ON usage (app, user, session);
      CREATE INDEX usage_by_time ON usage (at);

      CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

      CREATE TABLE plugin_values (
        plugin TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (plugin, key)
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE plugin_tables (name TEXT PRIMARY KEY COLLATE NOCASE, plugin TEXT NOT NULL) STRICT, WITHOUT ROWID;
      CREATE TABLE plugin_migrations (
        plugin TEXT NOT NULL, id TEXT NOT NULL, sha256 TEXT NOT NULL, applied_at INTEGER NOT NULL, PRIMARY KEY (plugin, id)
      ) STRICT, WITHOUT ROWID;
    `,
  },
  {
    id: '002_delivery',
    sql: `
      CREATE TABLE conversations (
        key TEXT PRIMARY KEY, channel TEXT NOT NULL, chat TEXT NOT NULL, user TEXT NOT NULL, is_group INTEGER NOT NULL,
        session TEXT NOT NULL, heard_at INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX conversations_by_chat ON conversations (channel, chat);

      CREATE TABLE inbox (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        channel TEXT NOT NULL, key TEXT NOT NULL, conversation TEXT, user TEXT NOT NULL, session TEXT NOT NULL,
        text TEXT NOT NULL, images TEXT NOT NULL, command TEXT, state TEXT NOT NULL, turn TEXT, attempts INTEGER NOT NULL,
        result TEXT, accepted_at INTEGER NOT NULL, ended_at INTEGER,
        UNIQUE (channel, key)
      ) STRICT;
      CREATE INDEX inbox_open ON inbox (user, session, seq) WHERE ended_at IS NULL;
      CREATE INDEX inbox_by_end ON inbox (ended_at);

      CREATE TABLE outbox (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        key TEXT NOT NULL UNIQUE, channel TEXT NOT NULL, chat TEXT NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL,
        state TEXT NOT NULL, created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, ended_at INTEGER
      ) STRICT;
      CREATE INDEX outbox_open ON outbox (channel, chat, seq) WHERE ended_at IS NULL;
      CREATE INDEX outbox_by_end ON outbox (ended_at);

      CREATE TABLE outbox_parts (
        message INTEGER NOT NULL REFERENCES outbox (seq) ON DELETE CASCADE, number INTEGER NOT NULL,
        text TEXT NOT NULL, format TEXT NOT NULL, state TEXT NOT NULL, attempts INTEGER NOT NULL, due_at INTEGER NOT NULL,
        tried_at INTEGER, is_doubtful INTEGER NOT NULL, receipt TEXT, failure TEXT,
        PRIMARY KEY (message, number)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX outbox_parts_by_try ON outbox_parts (tried_at);
    `,
  },
  {
    id: '003_questions_and_files',
    sql: `
      CREATE TABLE questions (
        id TEXT PRIMARY KEY, key TEXT NOT NULL UNIQUE, channel TEXT, chat TEXT, text TEXT NOT NULL, choices TEXT NOT NULL,
        first_number INTEGER NOT NULL, state TEXT NOT NULL, choice TEXT, answered_by TEXT,
        asked_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, ended_at INTEGER
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX questions_open ON questions (channel, chat) WHERE ended_at IS NULL;
      CREATE INDEX questions_by_end ON questions (ended_at);

      CREATE TABLE outbox_files (
        message INTEGER NOT NULL REFERENCES outbox (seq) ON DELETE CASCADE, number INTEGER NOT NULL,
        name TEXT NOT NULL, media_type TEXT NOT NULL, caption TEXT NOT NULL, body BLOB NOT NULL,
        PRIMARY KEY (message, number)
      ) STRICT;

      ALTER TABLE outbox ADD COLUMN question TEXT;
      ALTER TABLE outbox_parts ADD COLUMN kind TEXT NOT NULL DEFAULT 'text';
      ALTER TABLE outbox_parts ADD COLUMN file INTEGER;
    `,
  },
  {
    id: '004_usage_of_schedules',
    sql: `
      ALTER TABLE usage ADD COLUMN started_by TEXT NOT NULL DEFAULT '';
      ALTER TABLE usage ADD COLUMN schedule TEXT NOT NULL DEFAULT '';
    `,
  },
];

/** Names that no plugin may own, whatever it declares. */
export const hostTables: readonly string[] = [
  'host_migrations',
  'sessions',
  'events',
  'state',
  'state_patches',
  'compactions',
  'artifacts',
  'usage',
  'settings',
  'plugin_values',
  'plugin_tables',
  'plugin_migrations',
  'conversations',
  'inbox',
  'outbox',
  'outbox_parts',
  'outbox_files',
  'questions',
];
