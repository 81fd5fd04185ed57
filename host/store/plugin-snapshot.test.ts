import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Migration, SqlRow } from '@clay/sdk';
import type { PluginStore } from './plugin-storage.ts';
import { temporaryFolder, temporaryStore } from './testing/temporary-store.ts';

const tables = ['books', 'pages', 'odd', 'bare', 'pages_fts', 'words', 'places', 'latest'];

/** Every kind of table, column and value that SQLite has. */
const schema: Migration = {
  id: '001_books',
  sql: `
    CREATE TABLE books (id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT NOT NULL UNIQUE, score REAL);
    CREATE TABLE pages (
      number INTEGER NOT NULL, book INTEGER NOT NULL REFERENCES books (id) ON DELETE CASCADE, text TEXT,
      length INTEGER GENERATED ALWAYS AS (length(text)) VIRTUAL, PRIMARY KEY (book, number)
    );
    CREATE TABLE odd (rowid TEXT, "a ""name""" ANY, body BLOB) STRICT;
    CREATE TABLE bare (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
    CREATE INDEX pages_by_length ON pages (length) WHERE length > 1;
    CREATE VIRTUAL TABLE pages_fts USING fts5(text, content='pages');
    CREATE VIRTUAL TABLE words USING fts5(word, content='', contentless_delete=1);
    CREATE VIRTUAL TABLE places USING rtree(id, minx, maxx, +name);
    CREATE VIEW latest AS SELECT title, max(number) AS last FROM books JOIN pages ON book = id GROUP BY id;
    CREATE TRIGGER pages_ai AFTER INSERT ON pages BEGIN
      INSERT INTO pages_fts (rowid, text) VALUES (new.rowid, upper(new.text) || ' indexed');
      UPDATE books SET score = coalesce(score, 0) + 0.5 WHERE id = new.book;
    END;`,
};

function fill(plugin: PluginStore): void {
  plugin.migrate([schema]);
  for (const title of ['gone', 'one', 'two']) plugin.sql('INSERT INTO books (title) VALUES (?)', [title]);
  plugin.sql("DELETE FROM books WHERE title = 'gone'");
  for (let number = 1; number <= 20; number++) {
    plugin.sql('INSERT INTO pages (book, number, text) VALUES (2, ?, ?)', [number, `page${number} of one`]);
    plugin.sql('INSERT INTO words (rowid, word) VALUES (?, ?)', [number * 7, `word${number}`]);
    plugin.sql('INSERT INTO places VALUES (?, ?, ?, ?)', [number, number, number + 1, `place ${number}`]);
  }
  plugin.sql('DELETE FROM pages WHERE number = 3');
  plugin.sql('INSERT INTO odd VALUES (?, ?, ?)', ['r', 1.5, new Uint8Array([0, 255])]);
  plugin.sql('INSERT INTO odd VALUES (?, ?, ?)', [null, '2', null]);
  plugin.sql('INSERT INTO bare VALUES (?, ?)', ['big', 2 ** 53 - 1]);
  plugin.set('mood', { now: ['good', null] });
}

/** All that can be read of the plugin's data. */
function readAll(plugin: PluginStore): Record<string, readonly SqlRow[] | unknown> {
  const rows = (sql: string) => plugin.sql(sql).rows;
  return {
    books: rows('SELECT id, title, score, typeof(score) AS t FROM books ORDER BY id'),
    pages: rows('SELECT rowid AS row, * FROM pages ORDER BY book, number'),
    odd: rows('SELECT _rowid_ AS row, *, typeof("a ""name""") AS t FROM odd ORDER BY row'),
    bare: rows('SELECT * FROM bare'),
    fts: rows("SELECT rowid FROM pages_fts WHERE pages_fts MATCH 'indexed' ORDER BY rowid"),
    words: rows("SELECT rowid FROM words WHERE words MATCH 'word5 OR word9'"),
    places: rows('SELECT id, name FROM places WHERE minx >= 4 AND maxx <= 8'),
    latest: rows('SELECT * FROM latest'),
    plan: rows('SELECT count(*) AS n FROM pages INDEXED BY pages_by_length WHERE length > 1'),
    keys: plugin.list().map((key) => [key, plugin.get(key)]),
  };
}

function create(t: Parameters<typeof temporaryStore>[0]) {
  const { open, folder, options } = temporaryFolder(t);
  const store = open();
  const plugin = store.plugins.for('books', tables);
  fill(plugin);
  return { store, plugin, file: join(folder, 'books.db'), data: options.data };
}

test('all that a plugin stored comes back as it was, whatever was changed since', (t) => {
  const { store, plugin, file } = create(t);
  const before = readAll(plugin);
  const { rows, sizeBytes } = store.plugins.snapshot('books', tables, file);
  assert.equal(rows, 2 + 19 + 2 + 1);
  assert.equal(sizeBytes, statSync(file).size);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  for (const table of ['books', 'odd', 'bare', 'words', 'places']) plugin.sql(`DELETE FROM ${table}`);
  plugin.sql("INSERT INTO books (title) VALUES ('three')");
  plugin.sql("INSERT INTO words (rowid, word) VALUES (1, 'word5')");
  plugin.set('mood', 'bad');
  plugin.set('more', 1);
  assert.notDeepEqual(readAll(plugin), before);
  store.plugins.restore('books', tables, file);
  assert.deepEqual(readAll(plugin), before);
});

test('after a restore triggers, counters and full-text search go on where they were', (t) => {
  const { store, plugin, file } = create(t);
  store.plugins.snapshot('books', tables, file);
  plugin.sql('DELETE FROM books WHERE id = 3');
  store.plugins.restore('books', tables, file);
  // 1 was given to a book that is gone, and 4 has not been given yet.
  assert.equal(plugin.sql("INSERT INTO books (title) VALUES ('four')").lastInsertRowid, 4);
  plugin.sql('INSERT INTO pages (book, number, text) VALUES (4, 1, ?)', ['fresh']);
  assert.equal(plugin.sql("SELECT rowid FROM pages_fts WHERE pages_fts MATCH 'fresh'").rows.length, 1);
  plugin.sql('DELETE FROM words WHERE rowid = 35');
  plugin.sql("INSERT INTO words (rowid, word) VALUES (2, 'word5')");
  assert.deepEqual(plugin.sql("SELECT rowid FROM words WHERE words MATCH 'word5'").rows, [{ rowid: 2 }]);
  for (const index of ['words', 'pages_fts']) plugin.sql(`INSERT INTO ${index} (${index}) VALUES ('integrity-check')`);
  plugin.sql('DELETE FROM books WHERE id = 2');
  assert.deepEqual(plugin.sql('SELECT book FROM pages').rows, [{ book: 4 }], 'references still cascade');
});

test('tables that a later generation dropped or changed come back, and those that it made go', (t) => {
  const { store, plugin, file } = create(t);
  const before = readAll(plugin);
  store.plugins.snapshot('books', tables, file);
  const later = store.plugins.for('books', [...tables, 'shelves']);
  const change = {
    id: '002_change',
    sql: `DROP TRIGGER pages_ai; DROP VIEW latest; DROP TABLE pages_fts; DROP TABLE words; DROP TABLE pages;
          ALTER TABLE books RENAME COLUMN title TO name; ALTER TABLE books ADD COLUMN isbn TEXT;
          DROP TABLE bare; CREATE TABLE bare (wholly INTEGER, other TEXT);
          CREATE TABLE shelves (book INTEGER REFERENCES books (id)); INSERT INTO shelves VALUES (2);`,
  };
  later.migrate([schema, change]);
  store.plugins.restore('books', tables, file);
  assert.deepEqual(readAll(plugin), before);
  assert.throws(() => later.sql('SELECT * FROM shelves'), /no such table: shelves/);
  assert.doesNotThrow(() => store.plugins.for('another', ['shelves']), 'its name is free again');
  // The step that was undone has not run any more, and can run again.
  plugin.migrate([schema, { id: '002_change', sql: 'ALTER TABLE books ADD COLUMN year INTEGER' }]);
});

test('a plugin that was removed comes back whole', (t) => {
  const { store, plugin, file } = create(t);
  const before = readAll(plugin);
  store.plugins.snapshot('books', tables, file);
  store.plugins.drop('books');
  store.plugins.restore('books', tables, file);
  assert.deepEqual(readAll(plugin), before);
});

test('data of other plugins and of the host stays as it is', (t) => {
  const { store, file } = create(t);
  const other = store.plugins.for('other', ['books_of_others', 'words_too']);
  other.migrate([
    {
      id: '001',
      sql: `CREATE TABLE books_of_others (id INTEGER PRIMARY KEY AUTOINCREMENT);
            CREATE VIRTUAL TABLE words_too USING fts5(word);`,
    },
  ]);
  const write = () => {
    other.sql('INSERT INTO books_of_others DEFAULT VALUES');
    other.sql("INSERT INTO words_too VALUES ('hello')");
    other.set('count', other.sql('SELECT count(*) AS n FROM words_too').rows[0]?.n as number);
    store.settings.set('kept', true);
  };
  write();
  store.plugins.snapshot('books', tables, file);
  assert.doesNotMatch(readFileSync(file, 'latin1'), /books_of_others|words_too|kept/);
  write();
  store.plugins.restore('books', tables, file);
  assert.deepEqual(other.sql('SELECT id FROM books_of_others').rows, [{ id: 1 }, { id: 2 }]);
  assert.equal(other.sql("SELECT * FROM words_too WHERE words_too MATCH 'hello'").rows.length, 2);
  assert.equal(other.get('count'), 2);
  assert.equal(other.sql('INSERT INTO books_of_others DEFAULT VALUES').lastInsertRowid, 3);
  assert.equal(store.settings.get('kept'), true);
});

test('a table that became another plugin’s is not taken from it, and nothing is changed', (t) => {
  const { store, plugin, file } = create(t);
  store.plugins.snapshot('books', tables, file);
  store.plugins.drop('books');
  store.plugins.for('thief', ['odd']).migrate([{ id: '001', sql: 'CREATE TABLE odd (x)' }]);
  plugin.set('new', 1);
  assert.throws(() => store.plugins.restore('books', [], file), {
    code: 'CONFLICT',
    message: /its table "odd" belongs to the plugin "thief"/,
  });
  assert.deepEqual(plugin.list(), ['new']);
  assert.throws(() => store.plugins.snapshot('books', ['odd'], file), { code: 'REFUSED' });
});

test('what is no snapshot of the plugin is refused, and nothing is changed', (t) => {
  const { store, plugin, file, data } = create(t);
  const before = readAll(plugin);
  const restore = (from: string) => () => store.plugins.restore('books', tables, from);
  assert.throws(restore(`${file}.none`), { code: 'NOT_FOUND', message: /no snapshot .*none/ });
  store.plugins.for('other', []).set('a', 1);
  store.plugins.snapshot('other', [], `${file}.other`);
  assert.throws(restore(`${file}.other`), { code: 'BAD_ARGUMENTS', message: /it is of "other", format 1/ });
  writeFileSync(`${file}.empty`, '');
  assert.throws(restore(`${file}.empty`), { code: 'BAD_ARGUMENTS', message: /it is another kind of file/ });
  writeFileSync(`${file}.text`, 'not a database, and long enough to be taken for one'.repeat(100));
  assert.throws(restore(`${file}.text`), /books\.db\.text is damaged/);
  store.plugins.snapshot('books', tables, file);
  truncateSync(file, statSync(file).size / 2);
  assert.throws(restore(file), /books\.db/);
  assert.ok(!existsSync(join(data, 'messages.db.suspect')), 'the claw’s own database is not suspected');
  assert.deepEqual(readAll(plugin), before);
  store.plugins.snapshot('books', tables, file);
  assert.doesNotThrow(restore(file), 'a broken file is replaced, and nothing stays attached');
});

test('a snapshot that cannot be written leaves nothing behind and says where', (t) => {
  const { store } = create(t);
  const file = join(temporaryFolder(t).folder, 'absent', 'books.db');
  assert.throws(() => store.plugins.snapshot('books', tables, file), /ENOENT.*absent/);
  assert.ok(!existsSync(`${file}.unfinished`));
});

test('an empty plugin has a snapshot too', (t) => {
  const { plugins } = temporaryStore(t);
  const file = join(temporaryFolder(t).folder, 'none.db');
  assert.equal(plugins.snapshot('none', [], file).rows, 0);
  const store = plugins.for('none', ['late']);
  store.migrate([{ id: '001', sql: 'CREATE TABLE late (x)' }]);
  store.set('a', 1);
  plugins.restore('none', ['late'], file);
  assert.deepEqual(store.list(), []);
  assert.throws(() => store.sql('SELECT * FROM late'), /no such table/);
});
