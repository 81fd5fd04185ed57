import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ClayError, type Migration, type SqlStatement } from '@clay/sdk';
import { createFakeClock, createTestStore } from '@clay/sdk/testing';
import { openStore } from '../store/open-store.ts';
import type { PluginStore } from '../store/plugin-storage.ts';

/** What a plugin's tests run against and what it gets from the host have to agree, or the tests prove nothing. */
type Both = Pick<PluginStore, 'get' | 'set' | 'delete' | 'list' | 'migrate' | 'transaction'>;

const tables = ['notes', 'notes_fts'];
const migrations: readonly Migration[] = [
  {
    id: '001',
    sql: 'CREATE TABLE notes (id INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT NOT NULL UNIQUE, raw BLOB, weight REAL)',
  },
  {
    id: '002',
    sql: `CREATE VIRTUAL TABLE notes_fts USING fts5(text, content='notes', content_rowid='id');
      CREATE TRIGGER notes_ai AFTER INSERT ON notes BEGIN INSERT INTO notes_fts (rowid, text) VALUES (new.id, new.text); END;
      CREATE INDEX notes_weight ON notes (weight);`,
  },
];

const sql = (text: string, ...parameters: NonNullable<SqlStatement['parameters']>): ((store: Both) => unknown) => {
  return (store) => store.transaction([{ sql: text, parameters }]);
};

const steps: readonly (readonly [string, (store: Both) => unknown])[] = [
  ['an absent key', (store) => store.get('a')],
  ['a kept value', (store) => [store.set('a/1', { deep: [null, 1.5, 'Grüße'] }), store.get('a/1')]],
  [
    'keys by prefix',
    (store) => [store.set('a/2', null), store.set('b', 1), store.list('a/'), store.list(), store.list('%')],
  ],
  ['null is a value', (store) => store.get('a/2')],
  ['deleting', (store) => [store.delete('b'), store.delete('b'), store.list()]],
  ['an insert', sql('INSERT INTO notes (text, raw, weight) VALUES (?, ?, ?)', 'tea', new Uint8Array([0, 255]), 1.5)],
  ['an insert that returns', sql('INSERT INTO notes (text) VALUES (?) RETURNING id, text', 'coffee')],
  ['a select with bytes and nulls', sql('SELECT * FROM notes ORDER BY id')],
  ['an update', sql('UPDATE notes SET weight = 2 WHERE weight IS NULL')],
  ['a full-text match', sql('SELECT rowid FROM notes_fts WHERE notes_fts MATCH ?', 'tea')],
  ['a unique violation', sql('INSERT INTO notes (text) VALUES (?)', 'tea')],
  [
    'a transaction that fails',
    (store) =>
      store.transaction([
        { sql: "INSERT INTO notes (text) VALUES ('lost')" },
        { sql: "INSERT INTO notes (text) VALUES ('tea')" },
      ]),
  ],
  ['nothing of it is left', sql('SELECT count(*) AS n FROM notes')],
  ['a syntax error', sql('SELEKT 1')],
  ['a table that does not exist', sql('SELECT * FROM nowhere')],
  ['a foreign table', sql('CREATE TABLE other (x)')],
  ['the catalogue of the host', sql('SELECT name FROM sqlite_master WHERE name = ?', 'notes')],
  ['another file', sql("ATTACH DATABASE '/tmp/other.db' AS other")],
  ['too few parameters', sql('SELECT ? AS a, ? AS b', 1)],
  ['a bare value', sql("SELECT 1 AS one, 'x' AS text, NULL AS nothing")],
];

/** One driver gives bytes as Buffers; over the wire both arrive as plain arrays of bytes. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return [...value];
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]));
}

function outcome(store: Both, step: (store: Both) => unknown): unknown {
  try {
    return { value: plain(step(store)) };
  } catch (error) {
    assert.ok(error instanceof ClayError, String(error));
    return { code: error.code };
  }
}

test('the store of the test host does what the store of the host does', async (t) => {
  const data = mkdtempSync(join(tmpdir(), 'clay-parity-'));
  const store = openStore({
    database: join(data, 'messages.db'),
    data,
    backups: join(data, 'backups'),
    keepBackups: 1,
    clock: createFakeClock(),
  });
  t.after(() => {
    store.close();
    rmSync(data, { recursive: true });
  });
  const real = store.plugins.for('notes', tables);
  const fake = createTestStore('notes', tables);
  for (const one of [real, fake]) one.migrate(migrations);
  for (const [name, step] of steps) {
    await t.test(name, () => assert.deepEqual(outcome(fake, step), outcome(real, step)));
  }
});
