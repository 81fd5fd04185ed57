import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Migration } from '@clay/sdk';
import type { PluginStore } from './plugin-storage.ts';
import { temporaryFolder, temporaryStore } from './testing/temporary-store.ts';

const notes: Migration = {
  id: '001_notes',
  sql: `CREATE TABLE notes (id INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT NOT NULL UNIQUE);
        CREATE VIRTUAL TABLE notes_fts USING fts5(text, content='notes', content_rowid='id');
        CREATE TRIGGER notes_ai AFTER INSERT ON notes BEGIN
          INSERT INTO notes_fts (rowid, text) VALUES (new.id, CASE WHEN new.text = '' THEN 'empty' ELSE new.text END);
        END;`,
};

function notesStore(store: ReturnType<typeof temporaryStore>): PluginStore {
  const plugin = store.plugins.for('notes', ['notes', 'notes_fts', 'notes_view', 'notes_vocab']);
  plugin.migrate([notes]);
  return plugin;
}

const refused = { code: 'REFUSED' };

test('values are kept by key, and no plugin sees those of another', (t) => {
  const { plugins } = temporaryStore(t);
  const [a, b] = [plugins.for('a', []), plugins.for('b', [])];
  a.set('user:1', { deep: [1, null, 'é'] });
  a.set('user:2', 2);
  a.set('us%r', 3);
  a.set('🙂x', 4);
  assert.deepEqual(a.get('user:1'), { deep: [1, null, 'é'] });
  assert.deepEqual(a.list('user:'), ['user:1', 'user:2']);
  assert.deepEqual(a.list('us%'), ['us%r']);
  assert.deepEqual(a.list('🙂'), ['🙂x']);
  assert.equal(a.list().length, 4);
  assert.equal(b.get('user:1'), undefined);
  assert.deepEqual(b.list(), []);
  assert.equal(b.delete('user:1'), false);
  assert.equal(a.delete('user:1'), true);
});

test('a plugin reads and writes its own tables, virtual ones and triggers included', (t) => {
  const plugin = notesStore(temporaryStore(t));
  const inserted = plugin.sql('INSERT INTO notes (text) VALUES (?) RETURNING id, text', ['hello world']);
  assert.deepEqual(
    [inserted.rows, inserted.changes, inserted.lastInsertRowid],
    [[{ id: 1, text: 'hello world' }], 1, 1],
  );
  assert.deepEqual(plugin.sql("SELECT rowid FROM notes_fts WHERE notes_fts MATCH 'hello'").rows, [{ rowid: 1 }]);
  assert.deepEqual(plugin.sql('WITH c AS (SELECT text FROM notes) SELECT count(*) AS n FROM c').rows, [{ n: 1 }]);
  assert.deepEqual(plugin.sql('SELECT value FROM json_each(?)', ['[7]']).rows, [{ value: 7 }]);
  assert.deepEqual(plugin.sql('VALUES (1)').rows.length, 1);
  assert.equal(plugin.sql("UPDATE notes SET text = 'x'").changes, 1);
  assert.equal(plugin.sql('DELETE FROM notes').changes, 1);
  assert.deepEqual(plugin.sql('SELECT name FROM (SELECT ? AS name)', [null]).rows, [{ name: null }]);
});

test('a table of the host or of another plugin is refused, however it is reached', (t) => {
  const store = temporaryStore(t);
  const plugin = notesStore(store);
  const other = store.plugins.for('tasks', ['tasks', 'tasks_fts']);
  other.migrate([
    {
      id: '1',
      sql: 'CREATE TABLE tasks (id INTEGER PRIMARY KEY, title UNIQUE); CREATE VIRTUAL TABLE tasks_fts USING fts5(title)',
    },
  ]);
  for (const sql of [
    'SELECT * FROM tasks',
    'SELECT * FROM "tasks"',
    'SELECT * FROM main.tasks',
    "SELECT * FROM 'tasks'",
    'SELECT (SELECT count(*) FROM tasks)',
    'SELECT title FROM tasks WHERE title = 1',
    'SELECT * FROM notes WHERE EXISTS (SELECT 1 FROM tasks)',
    'SELECT * FROM notes UNION SELECT id, title FROM tasks',
    'WITH c AS (SELECT * FROM tasks) SELECT * FROM c',
    'SELECT * FROM notes JOIN tasks USING (id)',
    'INSERT INTO notes (text) SELECT title FROM tasks',
    "INSERT INTO tasks (title) VALUES ('x')",
    'UPDATE notes SET text = (SELECT title FROM tasks)',
    'DELETE FROM tasks',
    'DELETE FROM tasks WHERE 1 RETURNING *',
    "SELECT * FROM tasks_fts WHERE tasks_fts MATCH 'x'",
    "INSERT INTO tasks_fts (tasks_fts) VALUES ('delete-all')",
    'SELECT * FROM tasks_fts_data',
    'SELECT * FROM sessions',
    'SELECT * FROM plugin_values',
    'SELECT * FROM sqlite_schema',
    'SELECT * FROM sqlite_master',
    'SELECT * FROM "sqlite_sequence"',
    "UPDATE 'sqlite_sequence' SET seq = 0",
    "SELECT * FROM pragma_table_info('tasks')",
    'SELECT * FROM pragma_table_list',
    'SELECT * FROM dbstat',
  ]) {
    assert.throws(() => plugin.sql(sql), refused, sql);
  }
});

test('only statements over rows are run outside of migrations', (t) => {
  const plugin = notesStore(temporaryStore(t));
  for (const sql of [
    'PRAGMA user_version = 3',
    'ATTACH DATABASE ? AS other',
    'VACUUM',
    "VACUUM INTO '/tmp/x.db'",
    'BEGIN',
    'COMMIT',
    'CREATE TABLE notes_view (a)',
    'DROP TABLE notes',
    'EXPLAIN SELECT 1',
    'REINDEX',
    'ANALYZE',
    '/* SELECT */ PRAGMA user_version',
    '',
  ]) {
    assert.throws(() => plugin.sql(sql), refused, sql);
  }
  assert.throws(() => plugin.sql('SELECT 1; DELETE FROM notes'), { code: 'BAD_ARGUMENTS' });
});

test('errors of a statement name it and the plugin', (t) => {
  const plugin = notesStore(temporaryStore(t));
  assert.throws(() => plugin.sql('SELEC 1'), { code: 'REFUSED', message: /SELEC/ });
  assert.throws(() => plugin.sql('SELECT nope FROM notes'), {
    code: 'BAD_ARGUMENTS',
    message: /no such column: nope.*/,
  });
  assert.throws(() => plugin.sql('SELECT ?', []), { code: 'BAD_ARGUMENTS' });
  assert.throws(() => plugin.sql("SELECT 'open"), { code: 'BAD_ARGUMENTS' });
  plugin.sql("INSERT INTO notes (text) VALUES ('a')");
  assert.throws(() => plugin.sql("INSERT INTO notes (text) VALUES ('a')"), { code: 'CONFLICT', message: /UNIQUE/ });
});

test('a transaction keeps all of its statements or none', (t) => {
  const plugin = notesStore(temporaryStore(t));
  const insert = 'INSERT INTO notes (text) VALUES (?)';
  assert.throws(
    () =>
      plugin.transaction([
        { sql: insert, parameters: ['a'] },
        { sql: insert, parameters: ['a'] },
      ]),
    {
      code: 'CONFLICT',
    },
  );
  assert.deepEqual(plugin.sql('SELECT * FROM notes').rows, []);
  const results = plugin.transaction([{ sql: insert, parameters: ['a'] }, { sql: 'SELECT count(*) AS n FROM notes' }]);
  assert.deepEqual(results[1]?.rows, [{ n: 1 }]);
});

test('a result without end is cut off by an error that says how to read in parts', (t) => {
  const plugin = notesStore(temporaryStore(t));
  const many = 'WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c';
  assert.throws(() => plugin.sql(many), { code: 'TOO_LARGE', message: /LIMIT/ });
  assert.throws(() => plugin.sql('SELECT zeroblob(20000000)'), { code: 'TOO_LARGE' });
  assert.equal(plugin.sql(`${many} LIMIT 10000`).rows.length, 10_000);
});

test('a migration runs once, and a changed or misplaced one is told', (t) => {
  const folder = temporaryFolder(t);
  const first = folder.open();
  const plugin = first.plugins.for('notes', ['notes', 'notes_fts']);
  plugin.migrate([notes]);
  plugin.sql("INSERT INTO notes (text) VALUES ('kept')");
  first.close();
  const again = folder.open().plugins.for('notes', ['notes', 'notes_fts']);
  again.migrate([notes, { id: '002_more', sql: 'ALTER TABLE notes ADD COLUMN more TEXT' }]);
  assert.deepEqual(again.sql('SELECT * FROM notes').rows, [{ id: 1, text: 'kept', more: null }]);
  assert.throws(() => again.migrate([{ ...notes, sql: `${notes.sql} SELECT 1` }]), {
    code: 'BAD_ARGUMENTS',
    message: /001_notes/,
  });
  assert.throws(() => again.migrate([{ id: '000_early', sql: 'SELECT 1' }, notes]), { message: /000_early/ });
});

test('a failed migration leaves nothing of its step', (t) => {
  const { plugins } = temporaryStore(t);
  const plugin = plugins.for('notes', ['notes']);
  const step = { id: '1', sql: 'CREATE TABLE notes (a); INSERT INTO notes VALUES (1); INSERT INTO nope VALUES (1)' };
  assert.throws(() => plugin.migrate([step]), { code: 'BAD_ARGUMENTS', message: /"1" of the plugin "notes".*nope/ });
  assert.throws(() => plugin.sql('SELECT * FROM notes'), { message: /no such table/ });
  plugin.migrate([{ id: '1', sql: 'CREATE TABLE notes (a)' }]);
  assert.deepEqual(plugin.sql('SELECT * FROM notes').rows, []);
});

test('a migration cannot make, alter, drop, fill or read what is not the plugin’s', (t) => {
  const store = temporaryStore(t);
  const other = store.plugins.for('tasks', ['tasks', 'tasks_fts']);
  other.migrate([
    {
      id: '1',
      sql: 'CREATE TABLE tasks (id INTEGER PRIMARY KEY, title); CREATE VIRTUAL TABLE tasks_fts USING fts5(title)',
    },
  ]);
  other.sql("INSERT INTO tasks (title) VALUES ('mine')");
  const plugin = notesStore(store);
  const before = store.sessions.list({ app: 'x' });
  for (const sql of [
    'CREATE TABLE foreign_name (a)',
    'CREATE TABLE notes_view AS SELECT * FROM tasks',
    'CREATE TABLE notes_view (a REFERENCES tasks (id))',
    'CREATE VIEW notes_view AS SELECT * FROM tasks',
    'CREATE VIEW notes_view AS SELECT * FROM no_table_yet',
    'CREATE VIEW other_view AS SELECT 1',
    'CREATE INDEX i ON tasks (title)',
    'CREATE TRIGGER tr AFTER INSERT ON tasks BEGIN DELETE FROM notes; END',
    'CREATE TEMP TRIGGER tr AFTER INSERT ON main.tasks BEGIN SELECT 1; END',
    'CREATE TEMPORARY TABLE notes_view (a)',
    'CREATE VIRTUAL TABLE notes_view USING fts5(title, content=tasks)',
    "CREATE VIRTUAL TABLE notes_view USING fts5(title, conten = 'tasks')",
    'CREATE VIRTUAL TABLE notes_view USING fts5(title, "content"=tasks)',
    'CREATE VIRTUAL TABLE notes_vocab USING fts5vocab(tasks_fts, row)',
    "CREATE VIRTUAL TABLE notes_vocab USING fts5vocab('main', 'tasks_fts', 'row')",
    'CREATE VIRTUAL TABLE notes_view USING dbstat',
    'DROP TABLE tasks',
    'DROP TABLE tasks_fts',
    'DROP TABLE sessions',
    'DROP TABLE sqlite_sequence',
    'ALTER TABLE tasks RENAME TO notes_view',
    'ALTER TABLE notes RENAME TO stolen',
    'ALTER TABLE tasks ADD COLUMN x',
    'DELETE FROM tasks',
    "INSERT INTO tasks (title) VALUES ('x')",
    'INSERT INTO notes (text) SELECT title FROM tasks',
    'PRAGMA writable_schema = ON',
    'ATTACH DATABASE ":memory:" AS other',
    'COMMIT',
    'ANALYZE',
    'CREATE TABLE notes_view (a); DELETE FROM events',
  ]) {
    const code = /no_table_yet/.test(sql) ? { code: 'BAD_ARGUMENTS' } : refused;
    assert.throws(() => plugin.migrate([notes, { id: '002', sql }]), code, sql);
  }
  assert.deepEqual(other.sql('SELECT title FROM tasks').rows, [{ title: 'mine' }]);
  assert.deepEqual(store.sessions.list({ app: 'x' }), before);
  plugin.migrate([
    notes,
    {
      id: '002',
      sql: `CREATE VIEW notes_view AS SELECT text FROM notes;
            CREATE VIRTUAL TABLE notes_vocab USING fts5vocab(notes_fts, row);
            DROP TRIGGER notes_ai; DROP TABLE notes_fts; DROP TABLE notes_vocab`,
    },
  ]);
  assert.deepEqual(plugin.sql('SELECT * FROM notes_view').rows, []);
});

test('a trigger that reaches a foreign table fails at the first use', (t) => {
  const store = temporaryStore(t);
  const plugin = notesStore(store);
  plugin.migrate([
    notes,
    { id: '002', sql: 'CREATE TRIGGER evil AFTER DELETE ON notes BEGIN DELETE FROM sessions; END' },
  ]);
  assert.throws(() => plugin.sql('DELETE FROM notes'), { code: 'REFUSED', message: /"sessions"/ });
});

test('two owners of one table are refused, naming both', (t) => {
  const { plugins } = temporaryStore(t);
  plugins.for('notes', ['notes']);
  assert.throws(() => plugins.for('other', ['other', 'Notes']), {
    code: 'REFUSED',
    message: /"other".*"Notes".*"notes"/,
  });
  assert.throws(() => plugins.for('other', ['Sessions']), { code: 'REFUSED', message: /host/ });
  for (const name of ['sqlite_x', 'a b', '', '1a', 'a"b']) {
    assert.throws(() => plugins.for('other', [name]), { code: 'BAD_ARGUMENTS' }, name);
  }
  plugins.for('other', ['other']);
});

test('dropping a plugin removes all of its data and frees its names', (t) => {
  const store = temporaryStore(t);
  const plugin = notesStore(store);
  plugin.set('k', 1);
  plugin.sql("INSERT INTO notes (text) VALUES ('a')");
  store.plugins.drop('notes');
  const next = store.plugins.for('next', ['notes', 'notes_fts']);
  next.migrate([notes]);
  assert.deepEqual(next.sql('SELECT * FROM notes').rows, []);
  assert.equal(store.plugins.for('notes', []).get('k'), undefined);
});
