import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Json } from '@clay/sdk';
import { createTestHost } from '@clay/sdk/testing';
import files from './index.ts';

async function startClaw(t: TestContext) {
  const root = mkdtempSync(join(tmpdir(), 'clay-send-file-'));
  const sent: Json[] = [];
  const provided = {
    'service:chat.send': (args: Json) => {
      sent.push(args);
      return { queued: 1, channel: 'telegram', chat: '42' };
    },
  };
  const host = await createTestHost(files, { root, provided });
  t.after(async () => {
    await host.stop();
    rmSync(root, { recursive: true, force: true });
  });
  return { root, host, sent };
}

test('a file goes into the chat with its name, type and caption, and the model learns where', async (t) => {
  const { root, host, sent } = await startClaw(t);
  writeFileSync(join(root, 'cat.PNG'), Buffer.from([0x89, 0x50]));
  assert.deepEqual(await host.tool('send_file', { path: 'cat.PNG', caption: 'a cat' }), {
    message: 'cat.PNG is on its way.',
    queued: 1,
    channel: 'telegram',
    chat: '42',
  });
  const file = { name: 'cat.PNG', mediaType: 'image/png', base64: 'iVA=', caption: 'a cat' };
  assert.deepEqual(sent, [{ files: [file] }]);
});

test('what the guard keeps from other tools is not sent either, nor a folder, an empty or a huge file', async (t) => {
  const { root, host, sent } = await startClaw(t);
  for (const name of ['.env', 'empty.txt']) writeFileSync(join(root, name), '');
  writeFileSync(join(root, 'huge.bin'), '');
  truncateSync(join(root, 'huge.bin'), 5 * 1024 * 1024 + 1);
  for (const [path, code] of [
    ['.env', 'REFUSED'],
    ['/etc/passwd', 'REFUSED'],
    ['.', 'BAD_ARGUMENTS'],
    ['empty.txt', 'BAD_ARGUMENTS'],
    ['huge.bin', 'TOO_LARGE'],
    ['none.txt', 'NOT_FOUND'],
  ] as const)
    await assert.rejects(host.tool('send_file', { path }), { code }, path);
  assert.deepEqual(sent, []);
});
