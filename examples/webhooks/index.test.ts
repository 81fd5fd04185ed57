import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '@clay/sdk';
import { createTestHost, type TestHost } from '@clay/sdk/testing';
import webhooks from './index.ts';
import manifest from './plugin.json' with { type: 'json' };
import { isSigned, sign } from './signature.ts';

const plugin = { ...webhooks, tables: manifest.tables };

interface Setup {
  readonly path: string;
  readonly secret: string;
}

async function createHook(host: TestHost, name = 'github'): Promise<Setup> {
  await host.tool('webhook_create', { name });
  const { body } = await host.route('GET', '/setup/:name', { params: { name } });
  const { url, secret } = JSON.parse(body) as { url: string; secret: string };
  return { path: url.slice('/plugins/webhooks/in/'.length), secret };
}

async function deliver(host: TestHost, { path, secret }: Setup, body: string, more: Record<string, string> = {}) {
  const headers = { 'x-hub-signature-256': sign(secret, body), 'x-github-event': 'push', ...more };
  return (await host.route('POST', '/in/:path', { params: { path }, headers, body })).status;
}

async function recent(host: TestHost, args: JsonObject = {}): Promise<readonly JsonObject[]> {
  return ((await host.tool('webhook_recent', args)) as { deliveries: JsonObject[] }).deliveries;
}

test('the signature is the one that GitHub documents', () => {
  const signature = 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17';
  assert.ok(isSigned("It's a Secret to Everybody", 'Hello, World!', signature));
  assert.ok(!isSigned("It's a Secret to Everybody", 'Hello, World?', signature));
  assert.ok(!isSigned('another', 'Hello, World!', signature));
  assert.ok(!isSigned("It's a Secret to Everybody", 'Hello, World!', ''));
});

test('a signed delivery is kept, and the agent sees it', async () => {
  await using host = await createTestHost(plugin);
  const hook = await createHook(host);
  assert.equal(await deliver(host, hook, '{"ref":"main"}', { 'x-github-delivery': 'd1' }), 202);
  assert.deepEqual(await recent(host), [
    {
      number: 1,
      hook: 'github',
      id: 'd1',
      event: 'push',
      body: '{"ref":"main"}',
      receivedAt: '2026-01-01T00:00:00.000Z',
    },
  ]);
});

test('a delivery that is sent again is kept once, with an id or without', async () => {
  await using host = await createTestHost(plugin);
  const hook = await createHook(host);
  assert.equal(await deliver(host, hook, 'one', { 'x-github-delivery': 'd1' }), 202);
  assert.equal(await deliver(host, hook, 'one', { 'x-github-delivery': 'd1' }), 200);
  assert.equal(await deliver(host, hook, 'two'), 202);
  assert.equal(await deliver(host, hook, 'two'), 200);
  assert.equal((await recent(host)).length, 2);
});

test('neither a wrong signature, nor an unknown path, nor too long a body leaves anything behind', async () => {
  await using host = await createTestHost(plugin, { config: { maxBodyKb: 1 } });
  const hook = await createHook(host);
  assert.equal(await deliver(host, { ...hook, secret: 'guessed' }, 'x'), 401);
  assert.equal(await deliver(host, hook, 'x', { 'x-hub-signature-256': '' }), 401);
  assert.equal(await deliver(host, { ...hook, path: 'guessed' }, 'x'), 404);
  assert.equal(await deliver(host, hook, 'x'.repeat(1025)), 413);
  assert.deepEqual(await recent(host), []);
  assert.deepEqual(
    host.logs.map(({ event }) => event),
    ['signature.wrong', 'signature.wrong'],
  );
});

test('each hook has a path and a secret of its own, which no tool tells', async () => {
  await using host = await createTestHost(plugin);
  const [first, second] = [await createHook(host, 'first'), await createHook(host, 'second')];
  assert.equal(await deliver(host, { ...first, path: second.path }, 'x'), 401);
  await deliver(host, first, 'x');
  const told = JSON.stringify([await host.tool('webhook_list'), await recent(host)]);
  for (const secret of [first.path, first.secret, second.path, second.secret]) assert.ok(!told.includes(secret));
});

test('only the latest deliveries are kept, and long bodies are shown in part', async () => {
  await using host = await createTestHost(plugin, { config: { keptPerHook: 2, shownCharacters: 100 } });
  const hook = await createHook(host);
  for (const body of ['one', 'two', `three${'!'.repeat(120)}`]) await deliver(host, hook, body);
  const bodies = (await recent(host, { name: 'github' })).map(({ body }) => body);
  assert.deepEqual(bodies, [`three${'!'.repeat(95)}… (25 more characters)`, 'two']);
});

test('a hook that is removed takes its deliveries with it, and refuses new ones', async () => {
  await using host = await createTestHost(plugin);
  const hook = await createHook(host);
  await deliver(host, hook, 'x');
  await assert.rejects(host.tool('webhook_create', { name: 'github' }), { code: 'CONFLICT' });
  await host.tool('webhook_remove', { name: 'github' });
  assert.equal(await deliver(host, hook, 'y'), 404);
  assert.deepEqual(await host.tool('webhook_list'), { webhooks: [] });
  await assert.rejects(host.tool('webhook_recent', { name: 'github' }), { code: 'NOT_FOUND' });
});
