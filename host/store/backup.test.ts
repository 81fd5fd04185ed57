import assert from 'node:assert/strict';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { restoreBackup, scheduleBackups } from './backup.ts';
import type { Backup } from './store.ts';
import { createEvent, createHandClock, temporaryFolder } from './testing/temporary-store.ts';

const key = { app: 'clay', user: 'ann', session: 's1' };

test('a backup of the running database is restored with all that it held', async (t) => {
  const { open, options } = temporaryFolder(t);
  const store = open();
  store.sessions.create(key);
  store.sessions.append(key, createEvent('before'));
  const backup = await store.backup();
  store.sessions.append(key, createEvent('after'));
  assert.throws(() => restoreBackup(backup.file, options), { fault: 'VOLUME_IN_USE' });
  store.close();

  const { former } = restoreBackup(backup.file, options);
  const restored = open();
  assert.deepEqual(
    restored.sessions.events(key).map(({ event }) => event.id),
    ['before'],
  );
  assert.ok(former !== null && existsSync(former), 'the former database is kept');
  assert.deepEqual(restored.notices, []);
});

test('only the newest backups are kept, and foreign files stay', async (t) => {
  const { open, options, clock } = temporaryFolder(t);
  const store = open();
  const made: Backup[] = [];
  for (let n = 0; n < 5; n += 1) {
    made.push(await store.backup());
    clock.advance(1000);
  }
  writeFileSync(join(options.backups, 'messages-mine.db'), 'x');
  writeFileSync(join(options.backups, 'messages-20260101T000000000Z.db.unfinished'), 'half');
  made.push(await store.backup());
  assert.deepEqual(
    store.backups().map((backup) => backup.file),
    made
      .slice(-3)
      .reverse()
      .map((backup) => backup.file),
  );
  assert.deepEqual(
    readdirSync(options.backups).filter((name) => !/^messages-\d/.test(name)),
    ['messages-mine.db'],
  );
  assert.equal(readdirSync(options.backups).length, 4);
});

test('what is no sound backup is not restored', (t) => {
  const { options, folder, open } = temporaryFolder(t);
  open().close();
  const file = join(folder, 'broken.db');
  writeFileSync(file, 'rubbish that is long enough to be looked at as a database file'.repeat(100));
  assert.throws(() => restoreBackup(file, options));
  assert.throws(() => restoreBackup(join(folder, 'none.db'), options), { code: 'NOT_FOUND' });
  open().check();
});

test('a backup is made when the newest is a day old, and a failure is told and tried again', async () => {
  const clock = createHandClock();
  const made: Backup[] = [];
  let fail = true;
  const results: string[] = [];
  const tell: (() => void)[] = [];
  const stop = scheduleBackups(
    {
      backups: () => made.toReversed(),
      async backup() {
        if (fail) throw new Error('no space');
        const backup = { file: 'f', sizeBytes: 1, createdAt: clock.now() };
        made.push(backup);
        return backup;
      },
    },
    clock,
    (result) => {
      results.push('error' in result ? String(result.error) : 'made');
      tell.shift()?.();
    },
  );
  const told = () => new Promise<void>((resolve) => tell.push(resolve));
  const hour = 3600_000;
  let next = told();
  clock.advance(hour);
  await next;
  fail = false;
  await Promise.resolve();
  next = told();
  clock.advance(hour);
  await next;
  await Promise.resolve();
  assert.deepEqual(results, ['Error: no space', 'made']);
  for (let n = 0; n < 23; n += 1) {
    clock.advance(hour);
    await Promise.resolve();
  }
  assert.equal(made.length, 1);
  next = told();
  clock.advance(hour);
  await next;
  assert.equal(made.length, 2);
  stop();
  clock.advance(100 * hour);
  assert.equal(made.length, 2);
});
