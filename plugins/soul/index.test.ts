import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { JsonObject } from '@clay/sdk';
import { createTestHost, type TestHost } from '@clay/sdk/testing';
import soul from './index.ts';
import manifest from './plugin.json' with { type: 'json' };

const plugin = { ...soul, tables: manifest.tables };

function temporaryRoot(t: TestContext): string {
  const root = mkdtempSync(join(tmpdir(), 'clay-soul-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  return root;
}

const use = (claw: TestHost, action: string, filename: string, more: JsonObject = {}) =>
  claw.tool('soul', { action, filename, ...more });

interface History {
  readonly versions: readonly { readonly version: number; readonly preview: string }[];
}

const previews = async (claw: TestHost, filename: string) =>
  ((await use(claw, 'history', filename)) as unknown as History).versions.map(({ preview }) => preview);

test('a new claw begins with its files, and what is there already stays', async (t) => {
  const root = temporaryRoot(t);
  mkdirSync(join(root, 'soul'));
  writeFileSync(join(root, 'soul', 'SOUL.md'), 'I was here before.');
  await using first = await createTestHost(plugin, { root });
  assert.deepEqual(readdirSync(join(root, 'soul')).sort(), [
    'BOOTSTRAP.md',
    'HEARTBEAT.md',
    'IDENTITY.md',
    'SOUL.md',
    'USER.md',
  ]);
  assert.deepEqual(await use(first, 'read', 'SOUL.md'), { content: 'I was here before.' });
  assert.deepEqual(
    first.logs.map(({ event }) => event),
    ['soul.laid-out'],
  );
});

test('what the agent writes is in the system instruction of the next turn, and so is what a person edits', async () => {
  await using claw = await createTestHost(plugin);
  assert.match(
    (await claw.prompt('soul')) ?? '',
    /^--- SOUL.md ---\n# Soul[\s\S]*--- IDENTITY.md ---[\s\S]*--- USER.md ---/,
  );
  assert.deepEqual(await use(claw, 'write', 'USER.md', { content: 'The person is called Ann.' }), {
    message: 'Updated USER.md',
  });
  assert.match((await claw.prompt('soul')) ?? '', /--- USER.md ---\nThe person is called Ann\.$/);
  writeFileSync(join(claw.paths.soul, 'USER.md'), 'Ann likes tea.\n');
  assert.match((await claw.prompt('soul')) ?? '', /--- USER.md ---\nAnn likes tea\.$/);
  rmSync(join(claw.paths.soul, 'USER.md'));
  assert.doesNotMatch((await claw.prompt('soul')) ?? '', /USER/);
  await assert.rejects(use(claw, 'read', 'USER.md'), { code: 'NOT_FOUND', message: 'USER.md does not exist yet' });
  assert.deepEqual(await claw.call('service:soul.read', { filename: 'USER.md' }), { content: null });
});

test('every former text can be restored, also one that a person had edited', async () => {
  await using claw = await createTestHost(plugin);
  await use(claw, 'write', 'SOUL.md', { content: 'one' });
  writeFileSync(join(claw.paths.soul, 'SOUL.md'), 'by hand');
  await use(claw, 'write', 'SOUL.md', { content: 'two' });
  assert.deepEqual((await previews(claw, 'SOUL.md')).slice(0, 3), ['two', 'by hand', 'one']);
  const { versions } = (await use(claw, 'history', 'SOUL.md')) as unknown as History;
  const version = versions.find(({ preview }) => preview === 'by hand')?.version ?? 0;
  assert.deepEqual(await use(claw, 'restore', 'SOUL.md', { version }), {
    message: `Restored SOUL.md to version ${version}`,
  });
  assert.equal(readFileSync(join(claw.paths.soul, 'SOUL.md'), 'utf8'), 'by hand');
  assert.deepEqual((await previews(claw, 'SOUL.md')).slice(0, 2), ['by hand', 'two']);
  await assert.rejects(use(claw, 'restore', 'SOUL.md', { version: 999 }), { code: 'NOT_FOUND' });
  await assert.rejects(use(claw, 'restore', 'IDENTITY.md', { version }), { code: 'NOT_FOUND' });
});

test('writes at the same time leave one of the texts whole, and all of them in the history', async () => {
  await using claw = await createTestHost(plugin);
  const texts = Array.from({ length: 8 }, (_, index) => `text ${index}`);
  await Promise.all(texts.map((content) => use(claw, 'write', 'IDENTITY.md', { content })));
  assert.ok(texts.includes(readFileSync(join(claw.paths.soul, 'IDENTITY.md'), 'utf8')));
  assert.deepEqual((await previews(claw, 'IDENTITY.md')).slice(0, 8).sort(), texts);
  assert.ok(readdirSync(claw.paths.soul).every((name) => !name.endsWith('.tmp')));
});

test('what is not the agent’s to write is refused', async () => {
  await using claw = await createTestHost(plugin);
  await assert.rejects(use(claw, 'write', 'BOOTSTRAP.md', { content: 'x' }), { code: 'REFUSED', message: /read-only/ });
  await assert.rejects(use(claw, 'restore', 'BOOTSTRAP.md', { version: 1 }), { code: 'REFUSED' });
  assert.match(((await use(claw, 'read', 'BOOTSTRAP.md')) as { content: string }).content, /new claw/);
  for (const filename of ['../clay.json', 'NOTES.md', '__proto__', '']) {
    await assert.rejects(use(claw, 'read', filename), { code: 'BAD_ARGUMENTS' }, filename);
  }
  await assert.rejects(use(claw, 'write', 'SOUL.md', { content: ' \n' }), { code: 'BAD_ARGUMENTS', message: /empty/ });
  await assert.rejects(use(claw, 'write', 'SOUL.md'), { code: 'BAD_ARGUMENTS' });
  await assert.rejects(use(claw, 'write', 'SOUL.md', { content: 'x'.repeat(100_001) }), { code: 'TOO_LARGE' });
});

test('a failed write leaves the old text and no half file', async () => {
  await using claw = await createTestHost(plugin);
  const file = join(claw.paths.soul, 'SOUL.md');
  const before = readFileSync(file, 'utf8');
  const temporary = join(claw.paths.soul, `.SOUL.md.${process.pid}.tmp`);
  mkdirSync(join(temporary, 'in the way'), { recursive: true });
  await assert.rejects(use(claw, 'write', 'SOUL.md', { content: 'new' }));
  assert.equal(readFileSync(file, 'utf8'), before);
  rmSync(temporary, { recursive: true });
  await use(claw, 'write', 'SOUL.md', { content: 'new' });
  assert.equal(readFileSync(file, 'utf8'), 'new');
});

test('a file that is none, or is huge, is told and does not block', async () => {
  await using claw = await createTestHost(plugin);
  const file = join(claw.paths.soul, 'USER.md');
  rmSync(file);
  symlinkSync('/dev/zero', file);
  await assert.rejects(use(claw, 'read', 'USER.md'), { code: 'CONFLICT', message: /no regular file/ });
  assert.match(
    (await claw.prompt('soul')) ?? '',
    /--- SOUL.md ---\n# Soul[\s\S]*--- USER.md ---\n\[cannot be read: .*no regular file/,
  );
  rmSync(file);
  writeFileSync(file, 'x'.repeat(2 * 1024 * 1024));
  await assert.rejects(use(claw, 'read', 'USER.md'), { code: 'TOO_LARGE' });
  assert.ok(existsSync(file));
  chmodSync(file, 0o644);
});

test('a long file is inlined in part, with a hint at the rest', async () => {
  await using claw = await createTestHost(plugin);
  await use(claw, 'write', 'SOUL.md', { content: `begin ${'é'.repeat(30_000)}` });
  const section = (await claw.prompt('soul')) ?? '';
  assert.ok(section.length < 25_000);
  assert.match(section, /\[10006 more characters: read SOUL.md with the soul tool\]/);
});

test('the heartbeat notes ride with heartbeats only', async () => {
  await using claw = await createTestHost(plugin);
  assert.match(
    (await claw.prompt('heartbeat', { user: 'heartbeat', text: '[HEARTBEAT]' })) ?? '',
    /^--- HEARTBEAT NOTES \(HEARTBEAT.md\) ---\n/,
  );
  assert.equal(await claw.prompt('heartbeat', { user: 'heartbeat', text: 'hello' }), null);
  assert.equal(await claw.prompt('heartbeat', { user: 'ada', text: '[HEARTBEAT]' }), null);
});
