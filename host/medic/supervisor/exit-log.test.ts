import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { appendExit, type EndRecord, exitLogFile, readExits, type StartRecord } from './exit-log.ts';

const root = mkdtempSync(join(tmpdir(), 'clay-exits-'));
after(() => rmSync(root, { recursive: true }));

function started(pid: number): StartRecord {
  return { event: 'start', pid, ticks: pid * 10, machineRun: 'run', startedAt: 1_000 + pid };
}

function ended(pid: number, lastWords = ''): EndRecord {
  return {
    ...started(pid),
    event: 'end',
    endedAt: 5_000 + pid,
    upMs: 4_000,
    readyMs: 3_000,
    code: 1,
    signal: null,
    requested: false,
    reason: 'exited',
    message: 'It ended.',
    stack: [],
    lastWords,
  };
}

test('what was written is read, one line each, for the owner’s eyes', () => {
  const folder = join(root, 'plain');
  const records = [started(1), ended(1, 'two\nlines "quoted"'), started(2)];
  for (const record of records) appendExit(folder, record);
  assert.deepEqual(readExits(folder), records);
  assert.equal(readFileSync(exitLogFile(folder), 'utf8').split('\n').length, 4);
  assert.equal(statSync(exitLogFile(folder)).mode & 0o077, 0);
});

test('there is no log before the first host', () => {
  assert.deepEqual(readExits(join(root, 'nothing')), []);
});

test('a line that a lost machine has cut spoils neither those before nor those after', () => {
  const folder = join(root, 'cut');
  appendExit(folder, started(1));
  appendFileSync(exitLogFile(folder), '{"event":"end","pid":1,"star');
  appendExit(folder, ended(2));
  appendFileSync(exitLogFile(folder), 'null\n[]\n{"event":"other","pid":1,"startedAt":1}\n\u0000\u0000\n');
  assert.deepEqual(readExits(folder), [started(1), ended(2)]);
});

test('the log stays small, and keeps the newest', () => {
  const folder = join(root, 'small');
  const words = 'x'.repeat(4_000);
  for (let pid = 1; pid <= 200; pid++) appendExit(folder, ended(pid, words));
  assert.ok(statSync(exitLogFile(folder)).size < 300 * 1024);
  const pids = readExits(folder).map(({ pid }) => pid);
  assert.equal(pids.at(-1), 200);
  assert.deepEqual(
    pids,
    Array.from(pids, (_, index) => 201 - pids.length + index),
  );
});

test('a folder that cannot be written is an error that names it', () => {
  const file = join(root, 'a-file');
  writeFileSync(file, '');
  assert.throws(() => appendExit(file, started(1)), /a-file/);
});
