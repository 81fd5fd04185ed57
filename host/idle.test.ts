import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setImmediate as breathe } from 'node:timers/promises';
import { createFakeClock, type FakeClock } from '@clay/sdk/testing';
import { startAnthropicServer } from './agent/testing/anthropic-server.ts';
import { type Claw, startClaw } from './claw.ts';
import { loadConfig } from './config/load.ts';
import { type Line, listLog } from './kernel/testing/kernel-fixture.ts';
import { findShippedPlugins } from './shipped-plugins.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

interface Receipt {
  readonly outcome: string;
  readonly reason: string;
  readonly instants: number;
}

/** A whole claw, with every plugin that ships, on a clock that the test turns. */
async function startQuietClaw(t: TestContext, environment: Readonly<Record<string, string>>, settings: object) {
  const root = mkdtempSync(join(tmpdir(), 'clay-idle-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  // The first extension would be one: a lane is a process, and knows no clock but the machine's.
  mkdirSync(join(root, 'data', 'extensions'), { recursive: true });
  writeFileSync(join(root, 'clay.json'), JSON.stringify(settings));
  const env = { CLAY_ROOT: root, CLAY_PORT: '0', ADK_PORT: '0', ...environment };
  const { config } = loadConfig({ env, defaultRoot: root, isTerminal: false });
  const lines: Line[] = [];
  const clock = createFakeClock(Date.UTC(2026, 0, 5, 8));
  const pulse = {
    begin: () => ({ death: 'none' as const, upMs: 0, diedAt: 0 }),
    services: { want: () => undefined },
  };
  const claw = await startClaw(config, env, '1.2.3', listLog(lines), pulse, clock);
  t.after(() => turnUntil(clock, claw.stop()));
  await claw.deployed;
  await untilAsleep(t, root, clock);
  return { claw, clock, lines };
}

/** Programs run on another clock, on which nobody could answer a ping of this one; they end as soon as nobody calls them. */
async function untilAsleep(t: TestContext, root: string, clock: FakeClock): Promise<void> {
  while (readdirSync(join(root, 'data', 'children')).length > 0) {
    t.signal.throwIfAborted();
    await clock.advance(0);
    await breathe();
  }
}

/** Minute by minute, so that what waits for the disk or the network comes in between. */
async function pass(clock: FakeClock, ms: number): Promise<void> {
  for (const end = clock.now() + ms; clock.now() < end; ) {
    await clock.advance(minuteMs);
    await breathe();
  }
}

async function turnUntil(clock: FakeClock, work: Promise<unknown>): Promise<void> {
  let isOver = false;
  const done = work.finally(() => {
    isOver = true;
  });
  while (!isOver) {
    await clock.advance(1_000);
    await breathe();
  }
  await done;
}

/** Where the model of embeddings would be: it counts who comes. */
async function startNeighbour(t: TestContext) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.writeHead(503).end();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

async function receiptsOf({ kernel }: Claw): Promise<readonly Receipt[]> {
  const capability = 'service:heartbeat.receipts';
  const value = await kernel.router.call({ capability, args: { limit: 1000 }, caller: 'test' });
  return (value as unknown as { readonly receipts: readonly Receipt[] }).receipts;
}

test('a day of a claw to which nobody talks asks no model, and each heartbeat says why it was left out', {
  timeout: 120_000,
}, async (t) => {
  const model = await startAnthropicServer(() => ({ text: 'HEARTBEAT_OK' }));
  t.after(() => model.close());
  const neighbour = await startNeighbour(t);
  const environment = {
    ANTHROPIC_API_KEY: 'a-key-of-this-test',
    ANTHROPIC_API_BASE: model.url,
    HEARTBEAT_INTERVAL: '10m',
  };
  const { claw, clock, lines } = await startQuietClaw(t, environment, {
    plugins: { memory: { embeddings: { url: `${neighbour.url}/v1/embeddings`, model: 'any' } } },
    privateOrigins: { memory: [neighbour.url] },
    limits: { pluginIdleMs: 0 },
  });
  const plugins = claw.kernel.plugins();
  assert.deepEqual(
    plugins.map(({ name }) => name).sort(),
    findShippedPlugins().map(({ name }) => name),
  );
  assert.deepEqual(
    plugins.filter(({ failure }) => failure !== null),
    [],
  );
  const planned = { name: 'news', prompt: 'Tell the news.', at: new Date(clock.now() + 48 * hourMs).toISOString() };
  await claw.kernel.router.call({ capability: 'tool:schedule_add', args: planned, caller: 'test' });
  await pass(clock, 24 * hourMs);
  assert.equal(model.requests.length, 0);
  const sums = await claw.kernel.router.call({
    capability: 'service:usage.sums',
    args: { period: 'all' },
    caller: 'test',
  });
  assert.partialDeepStrictEqual(sums, { total: { calls: 0, inputTokens: 0, outputTokens: 0 } });
  assert.deepEqual(neighbour.asked, []);
  assert.deepEqual(
    lines.filter(({ level }) => level === 'error'),
    [],
  );
  const receipts = await receiptsOf(claw);
  const reasons = new Set(receipts.map(({ outcome, reason }) => `${outcome}: ${reason}`));
  assert.deepEqual([...reasons], ['missed: Nothing was due and nothing had changed.']);
  const instants = receipts.reduce((sum, receipt) => sum + receipt.instants, 0);
  assert.equal(instants, 24 * 6);

  // The same claw asks as soon as there is something to do, once as long as it stays so.
  const memory = { action: 'store', content: 'The plants are thirsty' };
  await claw.kernel.router.call({ capability: 'tool:memory', args: memory, caller: 'test' });
  while (neighbour.asked.length === 0) {
    t.signal.throwIfAborted();
    await breathe();
  }
  const args = { action: 'add', title: 'Water the plants' };
  await claw.kernel.router.call({ capability: 'tool:tasks', args, caller: 'test' });
  await pass(clock, 10 * minuteMs);
  while ((await receiptsOf(claw))[0]?.outcome !== 'ran') await breathe();
  await pass(clock, hourMs);
  assert.equal(model.requests.length, 1);
  const asked = JSON.stringify(model.requests[0]!.body.messages);
  for (const part of ['[HEARTBEAT]', 'Water the plants', 'HEARTBEAT NOTES']) assert.ok(asked.includes(part), part);
});
