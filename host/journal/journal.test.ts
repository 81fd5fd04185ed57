import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createFakeClock } from '@clay/sdk/testing';
import type { BegunCall } from './journal.ts';
import { openJournal } from './open-journal.ts';

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'clay-journal-'));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

const call = (id: string, more: Partial<BegunCall> = {}): BegunCall => ({
  id,
  key: null,
  capability: 'tool:do',
  plugin: 'p',
  generation: 0,
  caller: 'http',
  session: null,
  args: '{}',
  ...more,
});

test('a call keeps its session, its value and its times', (t) => {
  const clock = createFakeClock(1000);
  const journal = openJournal({ file: join(folder(t), 'journal.db'), clock });
  const session = { app: 'clay', user: 'u', id: 's', turn: 't' };
  journal.calls.begin(call('a', { key: 'k', session }));
  journal.calls.done('a', { deep: [1] });
  assert.deepEqual(journal.calls.byKey('tool:do', 'k'), {
    ...call('a', { key: 'k', session }),
    attempt: 1,
    state: 'done',
    value: { deep: [1] },
    failure: null,
    begunAt: 1000,
    endedAt: 1000,
  });
  assert.equal(journal.calls.byKey('tool:other', 'k'), undefined);
  journal.close();
});

test('calls that were open when the process died are unknown at the next opening', (t) => {
  const file = join(folder(t), 'journal.db');
  const clock = createFakeClock();
  const first = openJournal({ file, clock });
  first.calls.begin(call('open'));
  first.calls.begin(call('ended'));
  first.calls.done('ended', undefined);
  first.close();
  const second = openJournal({ file, clock });
  assert.deepEqual([second.calls.get('open')?.state, second.calls.get('ended')?.state], ['unknown', 'done']);
  second.close();
});

test('a process killed at any moment leaves every call ended or unknown, and none is lost', async (t) => {
  const file = join(folder(t), 'journal.db');
  const script = `
    import { openJournal } from ${JSON.stringify(join(import.meta.dirname, 'open-journal.ts'))};
    const clock = { now: () => Date.now(), after: () => () => {}, sleep: async () => {} };
    const journal = openJournal({ file: ${JSON.stringify(file)}, clock });
    const call = ${JSON.stringify(call('x'))};
    for (let n = 0; ; n++) {
      journal.calls.begin({ ...call, id: 'c' + n, key: 'k' + n });
      process.stdout.write(n + '\\n');
      journal.calls.done('c' + n, n);
    }`;
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  await new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk) => {
      output += chunk;
      if (output.length > 2000) child.kill('SIGKILL');
    });
    child.on('close', () => resolve());
  });
  const begun = output.split('\n').length - 1;
  const journal = openJournal({ file, clock: createFakeClock() });
  for (let n = 0; n < begun; n++) {
    const row = journal.calls.get(`c${n}`);
    assert.ok(row?.state === 'done' || (row?.state === 'unknown' && n >= begun - 1), `call ${n} is ${row?.state}`);
    if (row.state === 'done') assert.equal(row.value, n);
  }
  journal.close();
});

test('what is older than the retention is pruned, open calls are not', async (t) => {
  const clock = createFakeClock();
  const journal = openJournal({ file: join(folder(t), 'journal.db'), clock, retentionMs: 1000, maxCalls: 2 });
  for (const id of ['old', 'open']) journal.calls.begin(call(id));
  journal.calls.done('old', undefined);
  await clock.advance(2000);
  for (const id of ['a', 'b', 'c']) {
    journal.calls.begin(call(id));
    journal.calls.done(id, undefined);
  }
  assert.equal(journal.prune(), 2);
  assert.deepEqual(
    journal.calls.recent(9).map((row) => row.id),
    ['c', 'b', 'open'],
  );
  journal.close();
});

test('a transition and its pointer are one', (t) => {
  const journal = openJournal({ file: join(folder(t), 'journal.db'), clock: createFakeClock() });
  const move = { plugin: 'p', generation: 3, hash: 'h', reason: 'r' };
  journal.generations.move({ ...move, state: 'staged' });
  assert.equal(journal.generations.current('p'), undefined);
  journal.generations.move({ ...move, state: 'probation', current: 3 });
  assert.equal(journal.generations.current('p'), 3);
  journal.generations.move({ ...move, state: 'crashed', current: null });
  assert.equal(journal.generations.current('p'), undefined);
  assert.deepEqual(
    journal.generations.history('p', 2).map((row) => row.state),
    ['crashed', 'probation'],
  );
  journal.close();
});

test('crashes are found by plugin and time', async (t) => {
  const clock = createFakeClock(1000);
  const journal = openJournal({ file: join(folder(t), 'journal.db'), clock });
  const crash = { plugin: 'p', generation: 1, hash: 'h', phase: 'run', signature: 's', message: 'm' };
  journal.generations.crash(crash);
  await clock.advance(5000);
  journal.generations.crash({ ...crash, generation: 2 });
  assert.deepEqual(
    journal.generations.crashes('p', 2000).map((row) => row.generation),
    [2],
  );
  assert.deepEqual(journal.generations.crashes('q', 0), []);
  journal.close();
});

test('a damaged journal is set aside, unchanged, and told', (t) => {
  const path = folder(t);
  const file = join(path, 'journal.db');
  const garbage = Buffer.from('This is not a database. '.repeat(500));
  writeFileSync(file, garbage);
  const journal = openJournal({ file, clock: createFakeClock() });
  assert.match(journal.notices[0] ?? '', /is damaged .* set aside as .*journal\.db\.damaged-2026/);
  const aside = readdirSync(path).find((name) => name.includes('damaged'));
  assert.deepEqual(readFileSync(join(path, aside!)), garbage);
  journal.calls.begin(call('works'));
  journal.close();
});

test('a journal in which damage was met is checked and set aside at the next opening', (t) => {
  const path = folder(t);
  const file = join(path, 'journal.db');
  const clock = createFakeClock();
  const first = openJournal({ file, clock });
  for (let n = 0; n < 300; n += 1) first.calls.begin(call(`c${n}`, { args: 'x'.repeat(500) }));
  first.close();
  const bytes = readFileSync(file);
  writeFileSync(file, bytes.fill(0xa5, 4096 * 6));
  assert.throws(() => {
    const second = openJournal({ file, clock });
    try {
      for (let n = 0; n < 300; n += 1) second.calls.begin(call(`d${n}`));
    } finally {
      second.close();
    }
  }, /is damaged/);
  const third = openJournal({ file, clock });
  assert.match(third.notices[0] ?? '', /is damaged .* set aside/);
  third.calls.begin(call('works'));
  third.close();
  assert.deepEqual(openJournal({ file, clock }).notices, []);
});

test('a journal of a newer Clay is left alone', (t) => {
  const file = join(folder(t), 'journal.db');
  const sql = 'PRAGMA user_version = 99';
  execFileSync(process.execPath, [
    '-e',
    `new (require('node:sqlite').DatabaseSync)(${JSON.stringify(file)}).exec(${JSON.stringify(sql)})`,
  ]);
  assert.throws(
    () => openJournal({ file, clock: createFakeClock() }),
    /written by a newer Clay \(schema 99, this one knows 2\)/,
  );
});
