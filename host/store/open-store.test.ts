import assert from 'node:assert/strict';
import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { Connection } from './connection.ts';
import { migrateHost } from './migrate.ts';
import { openStore } from './open-store.ts';
import { SqliteSessionStore } from './sqlite-session-store.ts';
import { StoreError } from './store-error.ts';
import { createEvent, createHandClock, temporaryFolder } from './testing/temporary-store.ts';

const key = { app: 'clay', user: 'ann', session: 's1' };

interface HostProcess {
  readonly child: ChildProcessWithoutNullStreams;
  /** Its first line, or its error text when it ended before. */
  readonly said: string;
}

async function startHost(
  t: TestContext,
  folder: string,
  { uid, append = false }: { readonly uid?: number | undefined; readonly append?: boolean } = {},
): Promise<HostProcess> {
  const script = join(import.meta.dirname, 'testing', 'host-process.ts');
  const child = spawn(process.execPath, [script, folder, ...(append ? ['append'] : [])], {
    stdio: 'pipe',
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  t.after(() => child.kill('SIGKILL'));
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  const line = once(createInterface(child.stdout), 'line').then(([text]) => String(text));
  const said = await Promise.race([line, once(child, 'close').then(() => errors)]);
  return { child, said };
}

async function end(child: ChildProcess, signal: 'SIGKILL' | 'eof'): Promise<void> {
  const closed = once(child, 'close');
  if (signal === 'eof') child.stdin?.end();
  else child.kill(signal);
  await closed;
}

test('a second host on the volume is refused, told who holds it, and may have it after a SIGKILL', async (t) => {
  const { folder } = temporaryFolder(t);
  const first = await startHost(t, folder);
  assert.match(first.said, /"ready"/);

  const second = await startHost(t, folder);
  assert.match(second.said, new RegExp(`Another Clay host holds ${folder}: process ${first.child.pid}`));
  assert.match(second.said, /kill \d+.*CLAY_ROOT/);
  assert.throws(
    () =>
      openStore({
        database: join(folder, 'other.db'),
        data: folder,
        backups: folder,
        keepBackups: 1,
        clock: createHandClock(),
      }),
    {
      fault: 'VOLUME_IN_USE',
    },
  );

  await end(first.child, 'SIGKILL');
  assert.ok(existsSync(join(folder, 'host.running.json')), 'the killed host left its note');
  const third = await startHost(t, folder);
  assert.match(third.said, /"ready"/);
  await end(third.child, 'eof');
  assert.ok(!existsSync(join(folder, 'host.running.json')), 'a clean stop takes the note away');
});

test('a store is closed once and may be closed again', (t) => {
  const { open } = temporaryFolder(t);
  const store = open();
  store.check();
  store.close();
  store.close();
  assert.throws(() => store.check());
  open().check();
});

test('a database full of rubbish is set aside unchanged, and the notice says how to go back', async (t) => {
  const { open, options, clock } = temporaryFolder(t);
  const first = open();
  first.sessions.create(key);
  const backup = await first.backup();
  first.close();
  const rubbish = Buffer.alloc(8192, 'not a database ');
  writeFileSync(options.database, rubbish);
  clock.advance(1000);

  const store = open();
  assert.equal(store.notices.length, 1);
  const aside = readdirSync(options.data).filter((name) => name.includes('.damaged-'));
  assert.equal(aside.length, 1);
  assert.deepEqual(readFileSync(join(options.data, aside[0] ?? '')), rubbish);
  const notice = store.notices[0] ?? '';
  for (const part of [options.database, aside[0] ?? '', `clay restore ${backup.file}`, '.recover'])
    assert.ok(notice.includes(part), part);
  store.sessions.create(key);
});

test('pages damaged while a host was killed are found at the next start', (t) => {
  const { open, options } = temporaryFolder(t);
  const first = open();
  first.sessions.create(key);
  for (let n = 0; n < 200; n += 1) first.sessions.append(key, createEvent(`e${n}`, { text: 'x'.repeat(500) }));
  first.close();
  const file = openSync(options.database, 'r+');
  for (let page = 8; page < 20; page += 1) writeSync(file, Buffer.alloc(4096, 0xa5), 0, 4096, page * 4096);
  closeSync(file);
  // What a killed host leaves behind.
  writeFileSync(join(options.data, 'host.running.json'), '{"pid":4711,"since":"2026-03-10T00:00:00.000Z"}');
  const store = open();
  assert.match(store.notices[0] ?? '', /integrity check/);
  assert.equal(store.sessions.get(key), undefined);
  assert.ok(readdirSync(options.data).some((name) => name.startsWith('messages.db.damaged-')));
});

test('pages damaged while a host was stopped are set aside at the start after the one that met them', (t) => {
  const { open, options } = temporaryFolder(t);
  const first = open();
  first.sessions.create(key);
  for (let n = 0; n < 200; n += 1) first.sessions.append(key, createEvent(`e${n}`, { text: 'x'.repeat(500) }));
  first.close();
  const file = openSync(options.database, 'r+');
  // A page of events, which come last in the file.
  writeSync(file, Buffer.alloc(4096, 0xa5), 0, 4096, 65 * 4096);
  closeSync(file);
  const second = open();
  assert.throws(() => second.sessions.events(key), { fault: 'DATABASE_DAMAGED', message: /start it again: it checks/ });
  second.close();

  const third = open();
  assert.match(third.notices[0] ?? '', /is damaged: database disk image is malformed\. It was set aside, unchanged/);
  third.sessions.create(key);
  third.close();
  const fourth = open();
  assert.deepEqual(fourth.notices, []);
  assert.ok(fourth.sessions.get(key));
});

test('what the claw remembers can be read by its owner only, also in a backup', async (t) => {
  const { open, options } = temporaryFolder(t);
  const store = open();
  store.sessions.create(key);
  const { file } = await store.backup();
  for (const path of [options.database, `${options.database}-wal`, `${options.database}-shm`, file]) {
    assert.equal((statSync(path).mode & 0o777).toString(8), '600', path);
  }
});

test('a sound database passes the check after a kill, and keeps its rows', (t) => {
  const { open, options } = temporaryFolder(t);
  const first = open();
  first.sessions.create(key);
  first.close();
  writeFileSync(join(options.data, 'host.running.json'), '');
  const store = open();
  assert.deepEqual(store.notices, []);
  assert.ok(store.sessions.get(key));
});

test('a database of the original is no damaged one, although rows stand outside of its index', (t) => {
  const { open, options } = temporaryFolder(t);
  mkdirSync(options.data, { recursive: true });
  const original = new Connection(options.database);
  original.exec(`
    CREATE TABLE memories (id INTEGER PRIMARY KEY AUTOINCREMENT, content TEXT NOT NULL, tags TEXT);
    INSERT INTO memories (content) VALUES ('never indexed');
    CREATE VIRTUAL TABLE memories_fts USING fts5(content, tags, content='memories', content_rowid='id');
    CREATE TRIGGER memories_ad AFTER DELETE ON memories BEGIN
      INSERT INTO memories_fts (memories_fts, rowid, content, tags) VALUES ('delete', old.id, old.content, old.tags);
    END;
    CREATE TABLE foreign_table (a);`);
  original.close();
  writeFileSync(join(options.data, 'host.running.json'), '');

  const store = open();
  assert.deepEqual(store.notices, []);
  const plugin = store.plugins.for('memory', ['memories', 'memories_fts']);
  assert.throws(() => plugin.sql('DELETE FROM memories'), { fault: 'DATABASE_DAMAGED' });
  plugin.migrate([
    {
      id: '001',
      sql: `DROP TRIGGER memories_ad; DROP TABLE memories_fts;
            CREATE VIRTUAL TABLE memories_fts USING fts5(content, tags, content='memories', content_rowid='id');
            INSERT INTO memories_fts (memories_fts) VALUES ('rebuild');`,
    },
  ]);
  assert.deepEqual(plugin.sql("SELECT rowid FROM memories_fts WHERE memories_fts MATCH 'indexed'").rows, [
    { rowid: 1 },
  ]);
  assert.throws(() => plugin.sql('SELECT * FROM foreign_table'), { code: 'REFUSED' });
});

test('every event that was acknowledged before a SIGKILL is there afterwards, in its order', async (t) => {
  const { folder } = temporaryFolder(t);
  const writer = await startHost(t, folder, { append: true });
  let last = 0;
  const enough = new Promise<void>((resolve) => {
    createInterface(writer.child.stdout).on('line', (line) => {
      last = Number(line);
      if (last === 200) resolve();
    });
  });
  await enough;
  await end(writer.child, 'SIGKILL');
  const store = openStore({
    database: join(folder, 'messages.db'),
    data: folder,
    backups: folder,
    keepBackups: 1,
    clock: createHandClock(),
  });
  t.after(() => store.close());
  assert.deepEqual(store.notices, []);
  const ids = store.sessions.events(key).map(({ event }) => Number(event.id));
  assert.ok(ids.length >= last, `${ids.length} events of ${last}`);
  assert.deepEqual(
    ids,
    ids.map((_, index) => index + 1),
  );
});

test('a database of a newer Clay is left alone', (t) => {
  const { open, options } = temporaryFolder(t);
  open().close();
  const connection = new Connection(options.database);
  connection.exec("INSERT INTO host_migrations VALUES ('999_future', 'x', 1)");
  connection.close();
  assert.throws(open, { fault: 'DATABASE_NEWER', message: /999_future/ });
  rmSync(options.database);
  open();
});

test('a full volume is told as such, and what was there stays readable', (t) => {
  const { options } = temporaryFolder(t);
  mkdirSync(options.data, { recursive: true });
  const connection = new Connection(options.database);
  t.after(() => connection.close());
  migrateHost(connection, options.clock);
  const sessions = new SqliteSessionStore(connection, options.clock);
  sessions.create(key);
  sessions.append(key, createEvent('kept'));
  // SQLite answers to its own limit as it does to a full disk.
  connection.pragma(`max_page_count = ${Number(connection.pragma('page_count')) + 2}`);
  const fill = () => {
    for (let n = 0; n < 100; n += 1) sessions.append(key, createEvent(`e${n}`, { text: 'x'.repeat(4000) }));
  };
  assert.throws(
    fill,
    (error) => error instanceof StoreError && error.fault === 'VOLUME_FULL' && error.message.includes(options.database),
  );
  const count = sessions.countEvents(key);
  assert.equal(sessions.events(key).length, count);
  connection.pragma('max_page_count = 100000');
  sessions.append(key, createEvent('after'));
  assert.equal(sessions.countEvents(key), count + 1);
});

test('a volume that cannot be written is told with its path and the remedy', async (t) => {
  const { folder } = temporaryFolder(t);
  const data = join(folder, 'read-only');
  mkdirSync(data);
  const isRoot = process.getuid?.() === 0;
  // Root writes everywhere, so the host runs as nobody.
  const uid = isRoot ? 65534 : undefined;
  chmodSync(folder, 0o755);
  chmodSync(data, 0o555);
  const { said } = await startHost(t, data, { uid });
  assert.match(said, /cannot be opened for writing/);
  assert.ok(said.includes(data));
  chmodSync(data, 0o755);
  if (isRoot) chownSync(data, 65534, 65534);
  const second = await startHost(t, data, { uid });
  assert.match(second.said, /"ready"/);
  await end(second.child, 'eof');
});
