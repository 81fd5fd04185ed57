/** The schema of `journal.db`; the columns are part of `sdk/wire.md`. A number per step: they run once, in order. */
export const journalSteps: readonly string[] = [
  `
  CREATE TABLE generations (
    seq INTEGER PRIMARY KEY,
    plugin TEXT NOT NULL,
    generation INTEGER NOT NULL,
    hash TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX generations_plugin ON generations (plugin, seq);

  CREATE TABLE pointers (
    plugin TEXT PRIMARY KEY,
    generation INTEGER
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE calls (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    key TEXT,
    capability TEXT NOT NULL,
    plugin TEXT NOT NULL,
    generation INTEGER NOT NULL,
    attempt INTEGER NOT NULL DEFAULT 1,
    caller TEXT NOT NULL,
    app TEXT,
    user TEXT,
    session TEXT,
    turn TEXT,
    state TEXT NOT NULL DEFAULT 'begun' CHECK (state IN ('begun', 'done', 'failed', 'unknown')),
    args TEXT NOT NULL,
    value TEXT,
    failure TEXT,
    begun_at INTEGER NOT NULL,
    ended_at INTEGER
  ) STRICT;
  CREATE INDEX calls_key ON calls (key, capability) WHERE key IS NOT NULL;
  CREATE INDEX calls_open ON calls (seq) WHERE state = 'begun';

  CREATE TABLE crashes (
    seq INTEGER PRIMARY KEY,
    plugin TEXT NOT NULL,
    generation INTEGER NOT NULL,
    hash TEXT NOT NULL,
    phase TEXT NOT NULL,
    signature TEXT NOT NULL,
    message TEXT NOT NULL,
    at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX crashes_plugin ON crashes (plugin, at);

  CREATE TABLE leases (
    lease TEXT PRIMARY KEY,
    plugin TEXT NOT NULL,
    generation INTEGER NOT NULL,
    at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE histories (
    plugin TEXT PRIMARY KEY,
    history TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
];
