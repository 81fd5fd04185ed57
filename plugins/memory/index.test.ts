import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import type { JsonObject } from '@clay/sdk';
import { createTestHost, type TestHost } from '@clay/sdk/testing';
import memory from './index.ts';
import type { Memory } from './memory.ts';
import manifest from './plugin.json' with { type: 'json' };

const plugin = { ...memory, tables: manifest.tables };
const host = (database?: string) => createTestHost(plugin, database === undefined ? {} : { database });
const dayMs = 24 * 3600_000;

interface Found {
  readonly memories: readonly Memory[];
  readonly count: number;
}

async function remember(claw: TestHost, content: string, more: JsonObject = {}): Promise<number> {
  return ((await claw.tool('memory', { action: 'store', content, ...more })) as { id: number }).id;
}

async function search(claw: TestHost, query: string, limit = 20): Promise<readonly string[]> {
  const found = (await claw.tool('memory', { action: 'search', query, limit })) as unknown as Found;
  assert.equal(found.count, found.memories.length);
  return found.memories.map(({ content }) => content);
}

/** A database as the original leaves it: the rows up to `unindexed` were never put into the full-text index. */
function originalDatabase(t: TestContext, unindexed: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'clay-memory-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'messages.db');
  const original = new DatabaseSync(file);
  original.exec(`CREATE TABLE memories (id INTEGER PRIMARY KEY AUTOINCREMENT, content TEXT NOT NULL, type TEXT DEFAULT 'general',
    tags TEXT, importance INTEGER DEFAULT 3, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP)`);
  const insert = original.prepare('INSERT INTO memories (content, tags) VALUES (?, ?)');
  for (let n = 1; n <= unindexed; n += 1) insert.run(`forgotten fact number${n}`, n % 2 === 0 ? 'old' : null);
  original.exec(`
    CREATE VIRTUAL TABLE memories_fts USING fts5(content, tags, content='memories', content_rowid='id');
    CREATE TRIGGER memories_ai AFTER INSERT ON memories BEGIN
      INSERT INTO memories_fts(rowid, content, tags) VALUES (new.id, new.content, new.tags); END;
    CREATE TRIGGER memories_ad AFTER DELETE ON memories BEGIN
      INSERT INTO memories_fts(memories_fts, rowid, content, tags) VALUES ('delete', old.id, old.content, old.tags); END;
    CREATE TRIGGER memories_au AFTER UPDATE ON memories BEGIN
      INSERT INTO memories_fts(memories_fts, rowid, content, tags) VALUES ('delete', old.id, old.content, old.tags);
      INSERT INTO memories_fts(rowid, content, tags) VALUES (new.id, new.content, new.tags); END;`);
  insert.run('indexed fact', 'new');
  original.close();
  return file;
}

test('what was stored is found by its words, its tags and parts of its names', async () => {
  await using claw = await host();
  await remember(claw, 'Annabelle Lindqvist lives in Göteborg', { tags: 'people,sweden', importance: 4 });
  await remember(claw, 'The deploy key is rotated every Monday', { tags: 'ops' });
  await remember(claw, 'Tea is better than coffee');
  for (const query of ['annabelle', 'GOTEBORG', 'sweden', 'Lindq', 'bell', 'lindqvst', 'Anabelle', 'lives where?']) {
    assert.deepEqual(await search(claw, query), ['Annabelle Lindqvist lives in Göteborg'], query);
  }
  assert.deepEqual(await search(claw, 'te'), ['Tea is better than coffee']);
  assert.deepEqual(await search(claw, 'zebra'), []);
  assert.deepEqual(await search(claw, '?!'), []);
});

test('the memory that answers best comes first', async () => {
  await using claw = await host();
  await remember(claw, 'The printer in the office is out of paper');
  await remember(claw, 'The office printer password is hunter2');
  await remember(claw, 'Password rules: at least twelve characters');
  assert.equal((await search(claw, 'printer password'))[0], 'The office printer password is hunter2');
  await remember(claw, 'Anna likes red', { importance: 1 });
  await remember(claw, 'Anna likes tea', { importance: 5 });
  assert.deepEqual(await search(claw, 'anna', 1), ['Anna likes tea']);
});

test('operators and quotes of the query language are plain words', async () => {
  await using claw = await host();
  await remember(claw, 'say "hello" AND (wave) NEAR the door * content:x ^start');
  for (const query of [
    '"hello',
    'hello" OR "x',
    'NEAR(',
    'content:x',
    'a* AND',
    "'; DROP TABLE memories; --",
    '-wave',
    '^start',
  ]) {
    await search(claw, query);
  }
  assert.equal((await search(claw, '"hello" wave')).length, 1);
});

test('a memory is updated and forgotten, and the search knows at once', async () => {
  await using claw = await host();
  const id = await remember(claw, 'Bob works at Initech', { tags: 'job' });
  assert.deepEqual(await claw.tool('memory', { action: 'update', id, content: 'Bob works at Globex' }), {
    message: `Updated memory #${id}: Bob works at Globex`,
    id,
  });
  assert.deepEqual(await search(claw, 'initech'), []);
  assert.deepEqual(await search(claw, 'globex job'), ['Bob works at Globex']);
  await claw.tool('memory', { action: 'update', id, tags: 'career' });
  assert.deepEqual(await search(claw, 'career'), ['Bob works at Globex']);
  assert.deepEqual(await claw.tool('memory', { action: 'forget', id }), {
    message: `Forgot memory #${id}: Bob works at Globex`,
  });
  assert.deepEqual(await search(claw, 'globex'), []);
});

test('recall gives the last days, important ones first', async () => {
  await using claw = await host();
  await remember(claw, 'long ago');
  await claw.advance(10 * dayMs);
  await remember(claw, 'usual');
  await remember(claw, 'grave', { importance: 5, type: 'incident' });
  await remember(claw, 'newest');
  const recall = async (args: JsonObject) =>
    ((await claw.tool('memory', { action: 'recall', ...args })) as unknown as Found).memories;
  assert.deepEqual(
    (await recall({})).map(({ content }) => content),
    ['grave', 'newest', 'usual'],
  );
  assert.equal((await recall({ days: 30 })).length, 4);
  assert.deepEqual(await recall({ type: 'incident' }), [
    { id: 3, content: 'grave', type: 'incident', importance: 5, created_at: '2026-01-11 00:00:00' },
  ]);
  assert.equal((await recall({ limit: 2, days: -1 })).length, 2);
});

test('what is missing or too much is refused, naming it', async () => {
  await using claw = await host();
  const refused = (args: JsonObject, error: object) => assert.rejects(claw.tool('memory', args), error);
  await refused({ action: 'store' }, { code: 'BAD_ARGUMENTS', message: /"content"/ });
  await refused({ action: 'store', content: '   ' }, { code: 'BAD_ARGUMENTS' });
  await refused({ action: 'store', content: 'x'.repeat(50_001) }, { code: 'TOO_LARGE' });
  await refused({ action: 'store', content: 'x', importance: 6 }, { code: 'BAD_ARGUMENTS' });
  await refused({ action: 'search', query: '' }, { code: 'BAD_ARGUMENTS', message: /"query"/ });
  await refused({ action: 'forget', id: 7 }, { code: 'NOT_FOUND', message: /#7/ });
  await refused({ action: 'update', id: 1 }, { code: 'BAD_ARGUMENTS', message: /what to change/ });
  await refused({ action: 'dream' }, { code: 'BAD_ARGUMENTS' });
});

test('an echo never cuts an emoji in two', async () => {
  await using claw = await host();
  const family = '👩‍👩‍👧‍👦';
  const { message } = (await claw.tool('memory', {
    action: 'store',
    content: `${'x'.repeat(45)}${family} and more`,
  })) as { message: string };
  assert.equal(message, `Stored: ${'x'.repeat(45)}…`);
  const exact = (await claw.tool('memory', { action: 'store', content: `${'é'.repeat(49)}😀` })) as { message: string };
  assert.equal(exact.message, `Stored: ${'é'.repeat(49)}…`);
});

test('a database of the original keeps its rows, and the rows that it never indexed are found and deleted', async (t) => {
  const file = originalDatabase(t, 20);
  const before = new DatabaseSync(file);
  assert.throws(
    () => before.exec('DELETE FROM memories WHERE id = 3'),
    /malformed/,
    'the sample is damaged as the original damages it',
  );
  before.close();

  await using claw = await host(file);
  assert.deepEqual(await search(claw, 'number7'), ['forgotten fact number7']);
  assert.equal((await search(claw, 'old', 50)).length, 10);
  for (let id = 1; id <= 21; id += 1) await claw.tool('memory', { action: 'forget', id });
  assert.deepEqual(await search(claw, 'fact'), []);
  assert.equal(await remember(claw, 'a new fact'), 22);
});

test('what fits a message comes to mind with its age, and nothing does when nothing fits', async () => {
  await using claw = await host();
  await remember(claw, 'Kubernetes upgrade is planned for spring');
  await claw.advance(dayMs);
  await remember(claw, `The kubernetes cluster is called orca ${'x'.repeat(400)}`);
  await claw.advance(2 * dayMs);
  await remember(claw, 'Kubernetes costs too much');
  const mind = await claw.prompt('memory', { text: 'How is the Kubernetes cluster upgrade going?' });
  assert.match(mind ?? '', /^--- ASSOCIATIVE RECALL ---\n/);
  assert.match(mind ?? '', /- Kubernetes upgrade is planned for spring \(3 days ago\)/);
  assert.match(mind ?? '', /orca x+… \(2 days ago\)/);
  assert.match(mind ?? '', /- Kubernetes costs too much \(today\)/);
  assert.equal(await claw.prompt('memory', { text: 'how are you' }), null);
  assert.equal(await claw.prompt('memory', { text: 'and what about giraffes?' }), null);
  assert.equal(await claw.prompt('memory', { text: 'kube net' }), null);
});

test('the newest build snapshot rides along, and a heartbeat also brings the last session and the newest memories', async () => {
  await using claw = await host();
  await remember(claw, 'v1 built', { type: 'build_snapshot' });
  await remember(claw, 'v2 built', { type: 'build_snapshot' });
  await remember(claw, 'was mending the roof', { type: 'continuation' });
  await claw.emit('session.compacted', { user: 'ann', session: 's', summary: 'they spoke of roofs' });
  for (const content of ['one', 'two', 'three', 'four']) await remember(claw, content);
  assert.equal(await claw.prompt('memory', { text: 'hi' }), '--- BUILD SNAPSHOT ---\nv2 built');
  assert.equal(
    await claw.prompt('memory', { text: '[HEARTBEAT]' }),
    `--- BUILD SNAPSHOT ---
v2 built

--- YOUR LAST SESSION ---
was mending the roof

--- RECENT MEMORIES ---
- four (today)
- three (today)
- two (today)`,
  );
  const { memories } = (await claw.call('service:memory.search', { query: 'roofs compaction' })) as unknown as Found;
  assert.deepEqual([memories[0]?.type, memories[0]?.importance], ['compaction', 5]);
});

test('a person who types /memory sees what was noted of late, or what fits the words', async () => {
  await using claw = await host();
  assert.equal(await claw.command('memory'), 'I have noted nothing in the last days.');
  await remember(claw, 'The cat is called\nMimi.');
  await remember(claw, 'The car is red.');
  assert.match(await claw.command('memory'), /#1 \(\d{4}-\d\d-\d\d\) The cat is called Mimi\./);
  const found = await claw.command('memory', 'car');
  assert.match(found, /^- #2 .*The car is red\.$/);
  assert.equal(await claw.command('memory', 'zebra'), 'I remember nothing of “zebra”.');
});
