import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { JsonObject } from '@clay/sdk';
import { createTestHost, type TestHost } from '@clay/sdk/testing';
import files from './index.ts';

interface Claw {
  readonly root: string;
  readonly host: TestHost;
  put(path: string, content: string | Uint8Array): string;
  content(path: string): string;
}

async function startClaw(t: TestContext, config: JsonObject = {}): Promise<Claw> {
  const root = mkdtempSync(join(tmpdir(), 'clay-files-'));
  const host = await createTestHost(files, { root, config });
  t.after(async () => {
    await host.stop();
    rmSync(root, { recursive: true, force: true });
  });
  return {
    root,
    host,
    put(path, content) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), content);
      return join(root, path);
    },
    content: (path) => readFileSync(join(root, path), 'utf8'),
  };
}

test('a file is written, read and edited', async (t) => {
  const { host, content } = await startClaw(t);
  assert.deepEqual(await host.tool('write', { path: 'notes/a.txt', content: 'grün\nzwei\n' }), {
    message: 'Wrote 11 bytes to notes/a.txt',
  });
  assert.deepEqual(await host.tool('read', { path: 'notes/a.txt' }), { content: 'grün\nzwei\n' });
  assert.deepEqual(await host.tool('edit', { path: 'notes/a.txt', old_text: 'zwei', new_text: '$& drei' }), {
    message: 'Edited notes/a.txt',
    replaced: 1,
  });
  assert.equal(content('notes/a.txt'), 'grün\n$& drei\n');
});

test('a folder is listed by name', async (t) => {
  const { host, put } = await startClaw(t);
  put('b.txt', '');
  put('a/x', '');
  assert.deepEqual(await host.tool('read', { path: '.' }), { content: '[d] a\n[f] b.txt' });
});

test('a long file comes in parts that join without a gap', async (t) => {
  const { host, put } = await startClaw(t, { readChars: 1000 });
  const text = Array.from({ length: 500 }, (_, n) => `line ${n + 1} é`).join('\n');
  put('long.txt', text);
  let joined = '';
  let offset = 1;
  for (;;) {
    const part = (await host.tool('read', { path: 'long.txt', offset })) as { content: string; next_offset?: number };
    assert.ok(part.content.length <= 1000);
    joined += part.content;
    if (part.next_offset === undefined) break;
    offset = part.next_offset;
  }
  assert.equal(joined, text);
  assert.deepEqual(await host.tool('read', { path: 'long.txt', offset: 3, limit: 2 }), {
    content: 'line 3 é\nline 4 é\n',
    next_offset: 5,
  });
  assert.deepEqual(await host.tool('read', { path: 'long.txt', offset: 900 }), { content: '' });
});

test('a huge file and a line without end cost no more than what is shown', async (t) => {
  const { host, put } = await startClaw(t);
  const sparse = put('huge.log', 'first line\n'.repeat(20_000));
  truncateSync(sparse, 5_000_000_000);
  const { content } = (await host.tool('read', { path: 'huge.log', limit: 2 })) as { content: string };
  assert.equal(content, 'first line\nfirst line\n');
  put('one-line', 'x'.repeat(1_000_000));
  const one = (await host.tool('read', { path: 'one-line' })) as { content: string; next_offset: number };
  assert.ok(one.content.length < 201_000 && one.content.endsWith('[the line goes on]'));
  await assert.rejects(host.tool('edit', { path: 'huge.log', old_text: 'a', new_text: 'b' }), { code: 'TOO_LARGE' });
});

test('what is no text is told, not shown', async (t) => {
  const { host, put, root } = await startClaw(t);
  put('image.png', Uint8Array.of(0x89, 0x50, 0, 1));
  await assert.rejects(host.tool('read', { path: 'image.png' }), {
    code: 'BAD_ARGUMENTS',
    message: /binary file of 4 bytes/,
  });
  await assert.rejects(host.tool('edit', { path: 'image.png', old_text: 'P', new_text: 'Q' }), { message: /binary/ });
  put('latin1.txt', Uint8Array.of(0x67, 0x72, 0xfc, 0x6e));
  await assert.rejects(host.tool('edit', { path: 'latin1.txt', old_text: 'g', new_text: 'h' }), {
    message: /not UTF-8/,
  });
  execFileSync('mkfifo', [join(root, 'pipe')]);
  await assert.rejects(host.tool('read', { path: 'pipe' }), { message: /no regular file/ });
  await assert.rejects(host.tool('write', { path: 'pipe', content: 'x' }), { message: /no regular file/ });
});

test('an edit that fits several places, none or itself is refused with the way out', async (t) => {
  const { host, put, content } = await startClaw(t);
  put('a.txt', 'one two\none  two\none two\n');
  const edit = (old_text: string, new_text: string, all?: boolean) =>
    host.tool('edit', { path: 'a.txt', old_text, new_text, ...(all === undefined ? {} : { all }) });
  await assert.rejects(edit('one two', 'x'), { code: 'CONFLICT', message: /2 times in a\.txt \(lines 1, 3\).*"all"/ });
  await assert.rejects(edit('one   two', 'x'), {
    code: 'NOT_FOUND',
    message: /text not found in file a\.txt\. Line 1 is alike/,
  });
  await assert.rejects(edit('zebra', 'x'), { code: 'NOT_FOUND', message: /Read the file again/ });
  await assert.rejects(edit('', 'x'), { code: 'BAD_ARGUMENTS' });
  await assert.rejects(edit('one', 'one'), { code: 'BAD_ARGUMENTS' });
  assert.deepEqual(await edit('one two', 'x', true), { message: 'Edited a.txt', replaced: 2 });
  assert.equal(content('a.txt'), 'x\none  two\nx\n');
});

test('an edit keeps line ends and the mode of the file', async (t) => {
  const { host, put, content, root } = await startClaw(t);
  const file = put('run.sh', '#!/bin/sh\r\necho 1\r\necho 2\r\n');
  chmodSync(file, 0o751);
  await host.tool('edit', { path: 'run.sh', old_text: 'echo 1\necho 2', new_text: 'echo 3\necho 4' });
  assert.equal(content('run.sh'), '#!/bin/sh\r\necho 3\r\necho 4\r\n');
  assert.equal(statSync(file).mode & 0o777, 0o751);
  assert.deepEqual(readdirSync(root), ['run.sh']);
});

test('no path leads out of the roots, by dots, by links or by an absolute name', async (t) => {
  const outside = mkdtempSync(join(tmpdir(), 'clay-outside-'));
  t.after(() => rmSync(outside, { recursive: true }));
  writeFileSync(join(outside, 'secret.txt'), 'secret');
  const { host, root, put } = await startClaw(t);
  put('inside.txt', 'fine');
  symlinkSync(outside, join(root, 'link'));
  symlinkSync(join(outside, 'secret.txt'), join(root, 'file-link'));
  symlinkSync(join(outside, 'new.txt'), join(root, 'dangling'));
  symlinkSync('loop', join(root, 'loop'));
  symlinkSync('inside.txt', join(root, 'good-link'));
  for (const path of [
    '../x',
    `${outside}/secret.txt`,
    '/etc/passwd',
    'link/secret.txt',
    'file-link',
    'link/../../x',
    'a/../../x',
  ]) {
    await assert.rejects(host.tool('read', { path }), { code: 'REFUSED', message: /"roots"/ }, path);
    await assert.rejects(host.tool('write', { path, content: 'x' }), { code: 'REFUSED' }, path);
  }
  await assert.rejects(host.tool('search', { pattern: '*', path: 'link' }), { code: 'REFUSED' });
  await assert.rejects(host.tool('read', { path: 'loop' }), { code: 'BAD_ARGUMENTS', message: /leads to itself/ });
  await assert.rejects(host.tool('read', { path: 'a\0b' }), { code: 'BAD_ARGUMENTS' });
  await host.tool('write', { path: 'dangling', content: 'stays inside' }).catch(() => undefined);
  assert.ok(!existsSync(join(outside, 'new.txt')), 'a dangling link is no way out');
  assert.deepEqual(await host.tool('read', { path: 'good-link' }), { content: 'fine' });
  assert.deepEqual(readFileSync(join(outside, 'secret.txt'), 'utf8'), 'secret');
});

test('the claw’s own data and secrets are refused', async (t) => {
  const { host, root, put } = await startClaw(t);
  symlinkSync('data/messages.db', join(root, 'innocent.txt'));
  for (const path of [
    'data/messages.db',
    'data/messages.db-wal',
    'data/messages.db.damaged-1',
    'data/token',
    '.env',
    'data/.env.local',
    'clay.json',
    'CLAY.JSON',
  ]) {
    put(path, 'secret');
    await assert.rejects(host.tool('read', { path }), { code: 'REFUSED', message: /own data or secrets/ }, path);
    await assert.rejects(host.tool('write', { path, content: '' }), { code: 'REFUSED' }, path);
  }
  await assert.rejects(host.tool('read', { path: 'innocent.txt' }), { code: 'REFUSED' });
  assert.deepEqual(await host.tool('search', { content: 'secret' }), { matches: [], count: 0 });
});

test('of the claw’s data only what is the agent’s own is open, whatever the names of the rest', async (t) => {
  const { host, root, put } = await startClaw(t);
  mkdirSync(join(root, 'volume'));
  symlinkSync('volume', join(root, 'data'));
  symlinkSync('data/run.json', join(root, 'innocent.json'));
  for (const path of [
    'data/run.json',
    'volume/run.json',
    'data/claw.store',
    'data/host.lock-journal',
    'data/generations/memory/1/index.mjs',
    'data/artifacts/a',
    'data/extensions-not',
    'dev-ui/index.html',
    'dev-ui/assets/new.js',
  ]) {
    await assert.rejects(host.tool('write', { path, content: '' }), { code: 'REFUSED', message: /own data/ }, path);
    put(path, 'needle');
    await assert.rejects(host.tool('read', { path }), { code: 'REFUSED' }, path);
    await assert.rejects(host.tool('write', { path: join(root, path), content: '' }), { code: 'REFUSED' }, path);
  }
  await assert.rejects(host.tool('read', { path: 'innocent.json' }), { code: 'REFUSED' });
  await assert.rejects(host.tool('read', { path: 'data/extensions/../run.json' }), { code: 'REFUSED' });
  for (const path of [
    'data/extensions/a.star',
    'data/plugins/p/index.ts',
    'data/files/x',
    'data/build-failures/1.log',
  ]) {
    await host.tool('write', { path, content: 'needle' });
    assert.deepEqual(await host.tool('read', { path }), { content: 'needle' }, path);
  }
  const found = (await host.tool('search', { content: 'needle', path: 'data' })) as { matches: readonly string[] };
  assert.deepEqual(found.matches, [
    'build-failures/1.log:1: needle',
    'extensions/a.star:1: needle',
    'files/x:1: needle',
    'plugins/p/index.ts:1: needle',
  ]);
});

test('what the file system says is told in words', async (t) => {
  const { host, put } = await startClaw(t);
  put('file', '');
  await assert.rejects(host.tool('read', { path: 'none.txt' }), {
    code: 'NOT_FOUND',
    message: 'none.txt does not exist.',
  });
  await assert.rejects(host.tool('read', { path: 'file/below' }), { code: 'BAD_ARGUMENTS' });
  await assert.rejects(host.tool('write', { path: '.', content: 'x' }), { message: /a folder/ });
  await assert.rejects(host.tool('read', { path: 'x'.repeat(300) }), { message: /too long/ });
  await assert.rejects(host.tool('write', { path: 'big', content: 'x'.repeat(10_000_001) }), { code: 'TOO_LARGE' });
});

test('a search finds names and lines, and leaves out what is ignored', async (t) => {
  const { host, put } = await startClaw(t);
  put('.gitignore', '# comment\n*.log\n/build/\n!keep.log\ntemp/\n');
  put('src/a.ts', 'const Needle = 1;\nother\n  needle again\n');
  put('src/b.js', 'needle');
  put('src/deep/c.ts', 'nothing');
  put('src/.gitignore', 'deep/d.ts');
  put('src/deep/d.ts', 'needle');
  put('x.log', 'needle');
  put('keep.log', 'needle');
  put('build/out.ts', 'needle');
  put('src/build/in.ts', 'needle');
  put('src/temp/t.ts', 'needle');
  put('node_modules/p/index.ts', 'needle');
  put('.git/config', 'needle');
  put('binary.bin', Uint8Array.of(0, 1));
  const search = async (args: JsonObject) => ((await host.tool('search', args)) as { matches: string[] }).matches;
  assert.deepEqual(await search({ pattern: '*.ts' }), ['src/a.ts', 'src/build/in.ts', 'src/deep/c.ts']);
  assert.deepEqual(await search({ pattern: 'src/*.{ts,js}' }), ['src/a.ts', 'src/b.js']);
  assert.deepEqual(await search({ pattern: '**/deep/*' }), ['src/deep/c.ts']);
  assert.deepEqual(await search({ content: 'needle', pattern: '*.ts' }), [
    'src/a.ts:3: needle again',
    'src/build/in.ts:1: needle',
  ]);
  assert.deepEqual(await search({ content: 'NEEDLE', ignore_case: true, path: 'src', pattern: 'a.ts' }), [
    'a.ts:1: const Needle = 1;',
    'a.ts:3: needle again',
  ]);
  assert.deepEqual(await host.tool('search', { content: 'needle', limit: 2 }), {
    matches: ['keep.log:1: needle', 'src/a.ts:3: needle again'],
    count: 2,
    truncated: true,
    skipped: 1,
  });
  await assert.rejects(host.tool('search', {}), { code: 'BAD_ARGUMENTS' });
  await assert.rejects(host.tool('search', { pattern: '*', path: 'src/a.ts' }), { message: /no folder/ });
});
