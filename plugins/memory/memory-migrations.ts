import type { Migration } from '@clay/sdk';

/**
 * `memories` has the columns of the original's databases, and its rows stay. The full-text index is made anew from them: the
 * original could leave rows out of it, and SQLite calls the database damaged when such a row is deleted. The trigram index
 * finds parts of names.
 */
export const memoryMigrations: readonly Migration[] = [
  {
    id: '001_memories',
    sql: `
      CREATE TABLE IF NOT EXISTS memories (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        content TEXT NOT NULL,
        type TEXT DEFAULT 'general',
        tags TEXT,
        importance INTEGER DEFAULT 3,
        created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
      );
      CREATE INDEX IF NOT EXISTS memories_by_time ON memories (created_at);
      CREATE INDEX IF NOT EXISTS memories_by_type ON memories (type, id);

      DROP TRIGGER IF EXISTS memories_ai;
      DROP TRIGGER IF EXISTS memories_ad;
      DROP TRIGGER IF EXISTS memories_au;
      DROP TABLE IF EXISTS memories_fts;

      CREATE VIRTUAL TABLE memories_fts USING fts5(
        content, tags, content='memories', content_rowid='id', prefix='2'
      );
      CREATE VIRTUAL TABLE memories_trigram USING fts5(
        content, tags, content='memories', content_rowid='id', tokenize='trigram remove_diacritics 1'
      );
      INSERT INTO memories_fts (memories_fts) VALUES ('rebuild');
      INSERT INTO memories_trigram (memories_trigram) VALUES ('rebuild');

      CREATE TRIGGER memories_ai AFTER INSERT ON memories BEGIN
        INSERT INTO memories_fts (rowid, content, tags) VALUES (new.id, new.content, new.tags);
        INSERT INTO memories_trigram (rowid, content, tags) VALUES (new.id, new.content, new.tags);
      END;
      CREATE TRIGGER memories_ad AFTER DELETE ON memories BEGIN
        INSERT INTO memories_fts (memories_fts, rowid, content, tags) VALUES ('delete', old.id, old.content, old.tags);
        INSERT INTO memories_trigram (memories_trigram, rowid, content, tags) VALUES ('delete', old.id, old.content, old.tags);
      END;
      CREATE TRIGGER memories_au AFTER UPDATE OF id, content, tags ON memories BEGIN
        INSERT INTO memories_fts (memories_fts, rowid, content, tags) VALUES ('delete', old.id, old.content, old.tags);
        INSERT INTO memories_fts (rowid, content, tags) VALUES (new.id, new.content, new.tags);
        INSERT INTO memories_trigram (memories_trigram, rowid, content, tags) VALUES ('delete', old.id, old.content, old.tags);
        INSERT INTO memories_trigram (rowid, content, tags) VALUES (new.id, new.content, new.tags);
      END;
    `,
  },
];
