import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { setImmediate as breathe } from 'node:timers/promises';
import type { JsonObject } from '@clay/sdk';
import { createFakeEmbeddings } from '../plugins/memory/testing/fake-embeddings.ts';
import { startClaw } from './claw.ts';
import { loadConfig } from './config/load.ts';
import { type Line, listLog } from './kernel/testing/kernel-fixture.ts';

const key = 'EMBEDDINGS_API_KEY';
const value = 'sk-of-this-test';

/** The fake endpoint behind a real socket. */
async function startEndpoint(t: TestContext) {
  const fake = createFakeEmbeddings();
  const headers: IncomingHttpHeaders[] = [];
  const server = createServer(async (request, response) => {
    headers.push(request.headers);
    const answer = await fake.answer(new Request('http://fake/', { method: 'POST', body: await text(request) }));
    response.writeHead(answer.status).end(await answer.text());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, headers };
}

async function startClawWith(t: TestContext, settings: object) {
  const root = mkdtempSync(join(tmpdir(), 'clay-embeddings-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  writeFileSync(join(root, 'clay.json'), JSON.stringify(settings));
  const env = { CLAY_ROOT: root, CLAY_PORT: '0', ADK_PORT: '0', HEARTBEAT_INTERVAL: '0', [key]: value };
  const { config } = loadConfig({ env, defaultRoot: root, isTerminal: false });
  const lines: Line[] = [];
  const pulse = {
    begin: () => ({ death: 'none' as const, upMs: 0, diedAt: 0 }),
    services: { want: () => undefined },
  };
  const claw = await startClaw(config, env, '1.2.3', listLog(lines), pulse);
  t.after(() => claw.stop());
  await claw.deployed;
  const memory = async (args: JsonObject) =>
    (await claw.kernel.router.call({ capability: 'tool:memory', args, caller: 'test' })) as JsonObject;
  return { memory, lines };
}

const timeout = 60_000;
const embeddings = (origin: string) => ({ url: `${origin}/v1/embeddings`, model: 'fake', key });

test('a claw finds memories in other words by an endpoint on a private address that the operator has opened, with his key', {
  timeout,
}, async (t) => {
  const { origin, headers } = await startEndpoint(t);
  const { memory, lines } = await startClawWith(t, {
    plugins: { memory: { embeddings: embeddings(origin) } },
    privateOrigins: { memory: [origin] },
    ceilings: { memory: [`secret:${key}@127.0.0.1`] },
  });
  await memory({ action: 'store', content: 'The car is in the garage' });
  let found = await memory({ action: 'search', query: 'automobile' });
  while (found.count === 0) {
    t.signal.throwIfAborted();
    await breathe();
    found = await memory({ action: 'search', query: 'automobile' });
  }
  assert.partialDeepStrictEqual(found, { memories: [{ content: 'The car is in the garage' }] });
  assert.ok(headers.every(({ authorization }) => authorization === `Bearer ${value}`));
  await memory({ action: 'forget', id: 1 });
  assert.partialDeepStrictEqual(await memory({ action: 'search', query: 'automobile' }), { count: 0 });
  assert.ok(!JSON.stringify(lines).includes(value));
});

test('what the operator has not opened is not reached: the log says how, and memories are found by their words', {
  timeout,
}, async (t) => {
  const { origin, headers } = await startEndpoint(t);
  const settings = { plugins: { memory: { embeddings: embeddings(origin) } } };
  for (const [opened, cure] of [
    [{}, `"ceilings": { "memory": ["secret:${key}@127.0.0.1"] }`],
    [{ ceilings: { memory: [`secret:${key}@127.0.0.1`] } }, `"privateOrigins": { "memory": ["${origin}"] }`],
  ] as const) {
    const { memory, lines } = await startClawWith(t, { ...settings, ...opened });
    await memory({ action: 'store', content: 'The car is in the garage' });
    const failure = () => lines.find(({ event }) => event === 'embeddings.failed');
    while (failure() === undefined) {
      t.signal.throwIfAborted();
      await breathe();
    }
    assert.ok(String(failure()?.error).includes(cure), JSON.stringify(failure()));
    assert.partialDeepStrictEqual(await memory({ action: 'search', query: 'car' }), { count: 1 });
  }
  assert.deepEqual(headers, []);
});
