import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { systemClock } from '../clock.ts';
import { Connection } from '../store/connection.ts';
import { readVolumeHold } from '../store/volume-hold.ts';
import { lockVolume } from '../store/volume-lock.ts';
import { copyDatabase } from './copy-volume.ts';

const folder = mkdtempSync(join(tmpdir(), 'clay-copy-'));
after(() => rmSync(folder, { recursive: true }));

/** A database as a host leaves it while it runs: what was committed last stands in the log beside it. */
function openRunning(name: string) {
  const data = join(folder, name);
  mkdirSync(data);
  const file = join(data, 'messages.db');
  const connection = new Connection(file);
  connection.pragma('journal_mode = WAL');
  connection.exec('CREATE TABLE said (text TEXT)');
  connection.exec("INSERT INTO said VALUES ('first'), ('second')");
  return { data, file, connection };
}

function textsIn(file: string): readonly string[] {
  const connection = new Connection(file);
  try {
    return connection
      .prepare('SELECT text FROM said')
      .all()
      .map((row) => String(row.text));
  } finally {
    connection.close();
  }
}

test('of a database that a host writes to, what is committed is copied, and nothing of an open transaction', async () => {
  const { data, file, connection } = openRunning('running');
  const lock = lockVolume(data, systemClock);
  connection.exec("BEGIN; INSERT INTO said VALUES ('not yet')");
  const target = join(folder, 'running.db');
  assert.match(await copyDatabase(file, target, data), /MB/);
  connection.exec('COMMIT');
  connection.close();
  lock.release();
  assert.deepEqual(textsIn(target), ['first', 'second']);
});

test('what a killed host left in its log is copied with the rest, and not a file of the volume changes', async () => {
  const { file, connection } = openRunning('victim');
  const data = join(folder, 'killed');
  mkdirSync(data);
  for (const part of ['', '-wal']) copyFileSync(file + part, join(data, `messages.db${part}`));
  connection.close();
  const before = readdirSync(data).map((name) => [name, readFileSync(join(data, name))]);
  const target = join(folder, 'killed.db');
  await copyDatabase(join(data, 'messages.db'), target, data);
  assert.deepEqual(
    readdirSync(data).map((name) => [name, readFileSync(join(data, name))]),
    before,
  );
  assert.deepEqual(textsIn(target), ['first', 'second']);
});

test('a volume without a database is no fault', async () => {
  assert.equal(await copyDatabase(join(folder, 'none.db'), join(folder, 'copy.db'), folder), 'there is none yet');
});

test('who holds a volume is read without taking it', () => {
  const data = join(folder, 'lock');
  assert.equal(readVolumeHold(data), 'free');
  const lock = lockVolume(data, systemClock);
  const before = readdirSync(data);
  assert.equal(readVolumeHold(data), 'held');
  assert.deepEqual(readdirSync(data), before);
  lock.release();
  assert.equal(readVolumeHold(data), 'free');
});
