import type { Migration } from '@clay/sdk';

/**
 * `memories` has the columns of the original's databases, and its rows stay. The full-text index is made anew from them: the
 * original could leave rows out of it, and SQLite calls the database damaged when such a row is deleted. The trigram index
 * finds parts of names. A vector of no dimensions stands for a memory that the embeddings endpoint refuses; a vector has a
 * revision, so that whoever holds vectors in memory reads only what is new.
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
  {
    id: '002_vectors',
    sql: `
      CREATE TABLE memory_vectors (
        revision INTEGER PRIMARY KEY AUTOINCREMENT,
        memory_id INTEGER NOT NULL UNIQUE,
        space TEXT NOT NULL,
        dimensions INTEGER NOT NULL,
        vector BLOB NOT NULL
      );
      CREATE INDEX memory_vectors_by_space ON memory_vectors (space, dimensions, revision, memory_id);

      CREATE TRIGGER memory_vectors_forgotten AFTER DELETE ON memories BEGIN
        DELETE FROM memory_vectors WHERE memory_id = old.id;
      END;
      CREATE TRIGGER memory_vectors_changed AFTER UPDATE OF id, content, tags ON memories
      WHEN old.id IS NOT new.id OR old.content IS NOT new.content OR old.tags IS NOT new.tags BEGIN
        DELETE FROM memory_vectors WHERE memory_id = old.id;
      END;
    `,
  },
];
