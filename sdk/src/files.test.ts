import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { definePlugin } from './define-plugin.ts';
import { createTestHost } from './testing/test-host.ts';

const clerk = definePlugin({
  name: 'clerk',
  setup(ctx) {
    const path = (args: unknown) => String((args as { path: string }).path);
    const parameters = { type: 'object' } as const;
    ctx.tool({ name: 'read', description: 'Reads.', parameters, run: (args) => ctx.files.read(path(args)) });
    ctx.tool({
      name: 'write',
      description: 'Writes.',
      parameters,
      run: (args) => ctx.files.write(path(args), String(args.text)),
    });
    ctx.tool({ name: 'list', description: 'Lists.', parameters, run: (args) => ctx.files.list(path(args)) });
    ctx.tool({ name: 'remove', description: 'Removes.', parameters, run: (args) => ctx.files.remove(path(args)) });
  },
});

test('a plugin writes, lists, reads and removes text files below the root of the test', async () => {
  await using host = await createTestHost(clerk);
  const path = 'files/clerk/notes/ä.txt';
  assert.deepEqual(await host.tool('list', { path: 'files/clerk' }), []);
  assert.equal(await host.tool('write', { path, text: 'grüß\u0000\u2028' }), 10);
  assert.equal(readFileSync(join(host.paths.data, path), 'utf8'), 'grüß\u0000\u2028');
  assert.equal(await host.tool('read', { path }), 'grüß\u0000\u2028');
  assert.deepEqual(await host.tool('list', { path: 'files/clerk' }), [{ name: 'notes', kind: 'folder', bytes: 0 }]);
  assert.deepEqual(await host.tool('list', { path: 'files/clerk/notes' }), [
    { name: 'ä.txt', kind: 'file', bytes: 10 },
  ]);
  assert.equal(await host.tool('remove', { path }), true);
  assert.equal(await host.tool('remove', { path }), false);
  await assert.rejects(host.tool('read', { path }), { code: 'NOT_FOUND', message: /ä\.txt does not exist/ });
});

test('bytes that are no text, and paths out of the claw, are refused by name', async () => {
  await using host = await createTestHost(clerk);
  mkdirSync(host.paths.public, { recursive: true });
  writeFileSync(join(host.paths.public, 'logo.png'), new Uint8Array([0x89, 0x50, 0xff]));
  await assert.rejects(host.tool('read', { path: 'public/logo.png' }), {
    code: 'BAD_ARGUMENTS',
    message: /public\/logo\.png is not a text/,
  });
  for (const path of ['../x', 'public/../../x', '/etc/passwd']) {
    await assert.rejects(host.tool('read', { path }), { code: 'REFUSED' });
  }
});

test('a file keeps its byte order mark', async () => {
  await using host = await createTestHost(clerk);
  await host.tool('write', { path: 'public/a.txt', text: '\ufeffa' });
  assert.equal(await host.tool('read', { path: 'public/a.txt' }), '\ufeffa');
});

test('files cannot be touched in setup', async () => {
  const hasty = definePlugin({
    name: 'hasty',
    async setup(ctx) {
      await ctx.files.read('public/index.html');
    },
  });
  await assert.rejects(createTestHost(hasty), { code: 'CONFLICT', message: /ctx\.files\.read/ });
});
