import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { createTestHost } from '@clay/sdk/testing';
import tasks from './index.ts';
import manifest from './plugin.json' with { type: 'json' };
import { ago } from './task-report.ts';

const plugin = { ...tasks, tables: manifest.tables };
const host = (database?: string) => createTestHost(plugin, database === undefined ? {} : { database });

test('a task is added, started, completed and removed, and each message names it', async () => {
  await using claw = await host();
  const run = (args: Record<string, string | number>) => claw.tool('tasks', args);
  assert.deepEqual(await run({ action: 'add', title: ' Write the report ', priority: 2 }), {
    message: 'Added task #1: Write the report (P2)',
  });
  assert.deepEqual(await run({ action: 'start', id: 1 }), { message: 'Started task #1: Write the report (P2)' });
  assert.deepEqual(await run({ action: 'complete', id: 1 }), { message: 'Completed task #1: Write the report (P2)' });
  assert.deepEqual(await run({ action: 'list' }), { message: 'No active tasks.' });
  assert.deepEqual(await run({ action: 'remove', id: 1 }), { message: 'Removed task #1: Write the report (P2)' });
  assert.deepEqual(await run({ action: 'list', status: 'completed' }), { message: 'No completed tasks.' });
});

test('tasks are listed by priority and age, with all that is known of them', async () => {
  await using claw = await host();
  await claw.tool('tasks', { action: 'add', title: 'later', priority: 5 });
  await claw.tool('tasks', { action: 'add', title: 'usual', description: 'with details' });
  await claw.tool('tasks', { action: 'add', title: 'odd', priority: 77 });
  await claw.tool('tasks', { action: 'start', id: 2 });
  assert.deepEqual(await claw.tool('tasks', { action: 'list', status: '' }), {
    message: '3 active tasks',
    tasks: [
      {
        id: 2,
        title: 'usual',
        description: 'with details',
        status: 'in_progress',
        priority: 3,
        created_at: '2026-01-01 00:00:00',
        started_at: '2026-01-01 00:00:00',
      },
      { id: 3, title: 'odd', status: 'pending', priority: 3, created_at: '2026-01-01 00:00:00' },
      { id: 1, title: 'later', status: 'pending', priority: 5, created_at: '2026-01-01 00:00:00' },
    ],
  });
  const running = (await claw.call('service:tasks.list', { status: 'in_progress' })) as { total: number };
  assert.equal(running.total, 1);
});

test('what cannot be done is refused, naming the task and its state', async () => {
  await using claw = await host();
  await claw.tool('tasks', { action: 'add', title: 'one' });
  await claw.tool('tasks', { action: 'complete', id: 1 });
  await assert.rejects(claw.tool('tasks', { action: 'start', id: 1 }), {
    code: 'CONFLICT',
    message: /#1 "one".*is completed/,
  });
  await assert.rejects(claw.tool('tasks', { action: 'complete', id: 1 }), { code: 'CONFLICT' });
  await assert.rejects(claw.tool('tasks', { action: 'remove', id: 9 }), { code: 'NOT_FOUND', message: /#9/ });
  await assert.rejects(claw.tool('tasks', { action: 'start' }), { code: 'BAD_ARGUMENTS', message: /needs the id/ });
  await assert.rejects(claw.tool('tasks', { action: 'add', title: '  ' }), { code: 'BAD_ARGUMENTS', message: /title/ });
  await assert.rejects(claw.tool('tasks', { action: 'add', title: 'x'.repeat(501) }), { code: 'TOO_LARGE' });
  await assert.rejects(claw.tool('tasks', { action: 'explode' }), { code: 'BAD_ARGUMENTS' });
  await assert.rejects(claw.tool('tasks', { action: 'list', extra: 1 }), { code: 'BAD_ARGUMENTS' });
});

test('a heartbeat sees what runs, what waits and what was done', async () => {
  await using claw = await host();
  assert.match((await claw.call('service:tasks.report', {})) as string, /^DEFAULT DIRECTIVE/);
  for (const title of ['run', 'wait', 'done']) await claw.tool('tasks', { action: 'add', title });
  await claw.tool('tasks', { action: 'start', id: 1 });
  await claw.advance(65 * 60_000);
  await claw.tool('tasks', { action: 'complete', id: 3 });
  assert.equal(
    await claw.prompt('tasks', { user: 'heartbeat', text: '[HEARTBEAT] go' }),
    `--- YOUR TASKS ---
IN PROGRESS:
1. [#1 P3] run (started 1h ago)

PENDING:
[#2 P3] wait

RECENTLY COMPLETED:
[#3 P3] done (completed just now)`,
  );
  assert.equal(await claw.prompt('tasks', { user: 'heartbeat', text: 'hello' }), null);
  assert.equal(await claw.prompt('tasks', { user: 'ada', text: '[HEARTBEAT] go' }), null);
  await claw.advance(25 * 3600_000);
  assert.doesNotMatch((await claw.call('service:tasks.report', {})) as string, /RECENTLY/);
});

test('a database of the original opens and keeps its rows', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'clay-tasks-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'messages.db');
  const original = new DatabaseSync(file);
  original.exec(`
    CREATE TABLE tasks (id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT NOT NULL, description TEXT, status TEXT DEFAULT 'pending',
      priority INTEGER DEFAULT 3, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, started_at TIMESTAMP, completed_at TIMESTAMP);
    INSERT INTO tasks (title, description, priority) VALUES ('foreign', NULL, NULL);
    INSERT INTO tasks (title, description, status, started_at) VALUES ('old', 'text', 'in_progress', '2025-12-31 23:00:00 +0000 UTC');`);
  original.close();
  await using claw = await host(file);
  const listed = (await claw.tool('tasks', { action: 'list' })) as { tasks: { title: string }[] };
  assert.deepEqual(listed.tasks.map((task) => task.title).sort(), ['foreign', 'old']);
  assert.match((await claw.call('service:tasks.report', {})) as string, /\[#2 P3\] old \(started 1h ago\)/);
  assert.deepEqual(await claw.tool('tasks', { action: 'add', title: 'new' }), { message: 'Added task #3: new (P3)' });
});

test('times are told in words, and an unreadable one as recently', () => {
  const now = Date.UTC(2026, 0, 3);
  assert.equal(ago('2026-01-02 23:59:50', now), 'just now');
  assert.equal(ago('2026-01-02 23:48:00', now), '12m ago');
  assert.equal(ago('2026-01-01 00:00:00', now), '2d ago');
  assert.equal(ago('soon', now), 'recently');
  assert.equal(ago(undefined, now), 'recently');
});

test('the open tasks are listed for a person who types /tasks', async () => {
  await using claw = await host();
  assert.equal(await claw.command('tasks'), 'There is no open task.');
  await claw.tool('tasks', { action: 'add', title: 'Write the report', priority: 2 });
  await claw.tool('tasks', { action: 'add', title: 'Rest' });
  await claw.tool('tasks', { action: 'start', id: 2 });
  const lines = (await claw.command('tasks')).split('\n').toSorted();
  assert.deepEqual(lines, ['- #1: Write the report (P2)', '- #2: Rest (P3) – begun']);
});
