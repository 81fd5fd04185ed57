import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { test } from 'node:test';
import { createFakeClock } from '@clay/sdk/testing';
import { systemClock as clock } from '../../clock.ts';
import { createLog } from '../../log.ts';
import { isSuperseded } from '../build-error.ts';
import type { Builder } from '../builder.ts';
import { chooseBuilder } from '../choose-builder.ts';
import { createBuilder } from '../create-builder.ts';
import { defaultLimits } from '../limits.ts';
import { BuildQueue } from '../queue/build-queue.ts';
import { createRemoteBuilder } from '../remote/create-remote-builder.ts';
import { packSources } from '../source/archive.ts';
import { emptyPlugin, failureOf, sources } from '../testing/sources.ts';
import { parseBuildAddress } from './build-address.ts';
import { startBuildService } from './build-service.ts';

const lines: string[] = [];
const log = createLog({ level: 'info', format: 'json', write: (line) => lines.push(line), clock });
const address = parseBuildAddress('127.0.0.1:0');
const limits = defaultLimits;
const archive = (files: Parameters<typeof sources>[0]) => packSources({ name: null, files: sources(files) });
const plugin = archive({ 'index.ts': emptyPlugin, 'plugin.json': '{"name":"x"}' });

async function startService(options: { readonly builder?: Builder; readonly tokens?: readonly string[] } = {}) {
  const builder = options.builder ?? createBuilder({ clock });
  const service = await startBuildService({ builder, limits, address, tokens: options.tokens ?? [], clock, log });
  return {
    url: service.url,
    async [Symbol.asyncDispose]() {
      await service.close();
      await builder.close();
    },
  };
}

/** A builder whose jobs end when they are told to. */
function heldBuilder(queue: BuildQueue) {
  const begun: {
    readonly tenant: string;
    readonly name: string;
    readonly end: () => void;
    readonly signal: AbortSignal | undefined;
  }[] = [];
  const listeners = new Set<() => void>();
  const builder: Builder = {
    build: () => Promise.reject(new Error('unused')),
    check: ({ tenant = '', name = '' }, signal) =>
      queue.run({ tenant, plugin: name, signal }, () => {
        const { promise, resolve, reject } = Promise.withResolvers<void>();
        signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
        begun.push({ tenant, name, end: resolve, signal });
        for (const listener of listeners) listener();
        return promise.then(() => ({ name, sourceDigest: 'd' }));
      }),
    close: async () => {},
  };
  const untilBegun = (count: number) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (begun.length < count) return;
        listeners.delete(look);
        resolve();
      };
      listeners.add(look);
      look();
    });
  return { builder, begun, untilBegun };
}

interface Answer {
  readonly success: boolean;
  readonly name: string;
  readonly hash: string;
  readonly output: string;
  readonly error: string;
  readonly code: string;
  readonly phase: string;
  readonly data: { readonly diagnostics: readonly { readonly line: number }[] };
}

const read = async (response: Response) => (await response.json()) as Answer;

const post = (url: string, body: Uint8Array | string, headers: Record<string, string> = {}) =>
  fetch(url, { method: 'POST', body, headers });

test('curl is client enough: a tar.gz is posted, JSON comes back, and health says ok', async () => {
  await using service = await startService();
  assert.equal(await (await fetch(`${service.url}/health`)).text(), 'ok');
  const response = await post(`${service.url}/build`, plugin, { 'content-type': 'application/x-www-form-urlencoded' });
  const answer = await read(response);
  assert.equal(response.status, 200);
  assert.deepEqual([answer.success, answer.name, typeof answer.hash], [true, 'x', 'string']);
  assert.match(answer.output, /Plugin "x" was built: \d+ bytes/);
});

test('a failure is 400 with the compiler’s whole text and the same as fields', async () => {
  await using service = await startService();
  const response = await post(`${service.url}/build?name=x`, archive({ 'index.ts': 'export const = 1;' }));
  const answer = await read(response);
  assert.equal(response.status, 400);
  assert.deepEqual([answer.success, answer.code, answer.phase], [false, 'BAD_ARGUMENTS', 'build']);
  assert.match(answer.output, /index\.ts:1:14: error SYNTAX/);
  assert.equal(answer.data.diagnostics[0]?.line, 1);
});

test('other methods, other paths, empty and broken bodies are told', async () => {
  await using service = await startService();
  const get = await fetch(`${service.url}/build`);
  assert.deepEqual([get.status, get.headers.get('allow'), (await read(get)).code], [405, 'POST', 'METHOD_NOT_ALLOWED']);
  assert.equal((await fetch(`${service.url}/metrics`)).status, 404);
  assert.match((await read(await fetch(`${service.url}/build`, { method: 'POST' }))).error, /The body is empty/);
  const broken = await post(`${service.url}/check`, 'hello');
  assert.deepEqual([broken.status, (await read(broken)).code], [400, 'BAD_ARGUMENTS']);
  const large = await post(`${service.url}/build`, new Uint8Array(limits.archiveBytes + 1));
  assert.equal(large.status, 400);
  const random = await post(
    `${service.url}/build`,
    packSources({ name: null, files: sources({ 'x.bin': randomBytes(limits.archiveBytes + 1_000_000) }) }),
  );
  assert.deepEqual([random.status, (await read(random)).code], [413, 'TOO_LARGE']);
});

test('a page in a browser cannot use a service on loopback', async () => {
  await using service = await startService();
  const foreign = await post(`${service.url}/build`, plugin, { origin: 'https://evil.example' });
  assert.deepEqual([foreign.status, (await read(foreign)).code], [403, 'ORIGIN_FOREIGN']);
  const { port } = new URL(service.url);
  const rebound = httpRequest({ port, path: '/build', method: 'POST', headers: { host: 'evil.example' } });
  rebound.end(plugin);
  const [response] = await once(rebound, 'response');
  response.resume();
  assert.equal(response.statusCode, 403);
});

test('beyond loopback a token is needed to start, and to build', async () => {
  const builder = createBuilder({ clock });
  const open = { ...parseBuildAddress('0.0.0.0:0') };
  const refused = await failureOf(startBuildService({ builder, limits, address: open, tokens: [], clock, log }));
  assert.match(refused.message, /BUILD_ADDR is 0\.0\.0\.0:0, which others can reach: set BUILD_TOKEN/);
  await builder.close();
  await using service = await startService({ tokens: ['alpha', 'beta'] });
  const without = await post(`${service.url}/build`, plugin);
  assert.deepEqual([without.status, (await read(without)).code], [401, 'TOKEN_MISSING']);
  assert.equal((await post(`${service.url}/build`, plugin, { authorization: 'Bearer gamma' })).status, 401);
  assert.equal((await post(`${service.url}/build`, plugin, { authorization: 'Bearer beta' })).status, 200);
  assert.equal((await fetch(`${service.url}/health`)).status, 200);
  const remote = createRemoteBuilder({ url: service.url, clock, token: 'alpha' });
  assert.equal((await remote.build({ files: sources({ 'index.ts': emptyPlugin }), name: 'x' })).name, 'x');
  const wrong = createRemoteBuilder({ url: service.url, clock, token: 'gamma' });
  const error = await failureOf(wrong.build({ files: sources({ 'index.ts': emptyPlugin }), name: 'x' }));
  assert.match(`${error.code} ${error.message}`, /^REFUSED The build service at .* refused: .*BUILD_TOKEN/);
});

test('a tenant whose jobs hang stands in nobody’s way; over its limit it gets 429 with the limit’s name', async () => {
  const queue = new BuildQueue({ concurrent: 2, concurrentPerTenant: 1, waiting: 10, waitingPerTenant: 1 });
  const { builder, begun, untilBegun } = heldBuilder(queue);
  await using service = await startService({ builder });
  const check = (tenant: string, name: string) =>
    post(`${service.url}/check?name=${name}`, plugin, { 'x-clay-tenant': tenant });
  const hanging = check('bomb', 'p1');
  await untilBegun(1);
  const [waiting, tooMany] = [check('bomb', 'p2'), check('bomb', 'p3')];
  const first = await Promise.race([waiting, tooMany]);
  assert.equal(first.status, 429);
  assert.ok(Number(first.headers.get('retry-after')) > 0);
  const { error, code } = await read(first);
  assert.equal(code, 'RATE_LIMITED');
  assert.match(error, /limit waitingPerTenant is 1/);
  const other = check('quiet', 'x');
  await untilBegun(2);
  assert.equal(begun[1]!.tenant, '0/quiet');
  begun[1]!.end();
  assert.equal((await other).status, 200);
  begun[0]!.end();
  assert.equal((await hanging).status, 200);
  await untilBegun(3);
  begun[2]!.end();
  assert.deepEqual((await Promise.all([waiting, tooMany])).map(({ status }) => status).sort(), [200, 429]);
});

test('newer sources of the same plugin take the place of those that wait, and the client is told', async () => {
  const queue = new BuildQueue({ concurrent: 1, concurrentPerTenant: 1, waiting: 10, waitingPerTenant: 10 });
  const { builder, begun, untilBegun } = heldBuilder(queue);
  await using service = await startService({ builder });
  const remote = createRemoteBuilder({ url: service.url, clock });
  const files = sources({ 'index.ts': emptyPlugin });
  const running = remote.check({ files, name: 'x' });
  await untilBegun(1);
  const rivals = [1, 2].map(() => remote.check({ files, name: 'x' }).catch((error: unknown) => error));
  assert.ok(isSuperseded(await Promise.race(rivals)));
  begun[0]!.end();
  await running;
  await untilBegun(2);
  begun[1]!.end();
  assert.equal((await Promise.all(rivals)).filter(isSuperseded).length, 1);
});

test('a client that goes away cancels its job', async () => {
  const queue = new BuildQueue({ concurrent: 1, concurrentPerTenant: 1, waiting: 10, waitingPerTenant: 10 });
  const { builder, begun, untilBegun } = heldBuilder(queue);
  await using service = await startService({ builder });
  const controller = new AbortController();
  const remote = createRemoteBuilder({ url: service.url, clock });
  const checking = failureOf(
    remote.check({ files: sources({ 'index.ts': emptyPlugin }), name: 'x' }, controller.signal),
  );
  await untilBegun(1);
  const { signal } = begun[0]!;
  const aborted = once(signal!, 'abort');
  controller.abort();
  await aborted;
  assert.equal((await checking).code, 'CANCELLED');
});

test('a service that does not answer is given up at the deadline, one that is not there is named', async () => {
  const queue = new BuildQueue({ concurrent: 1, concurrentPerTenant: 1, waiting: 10, waitingPerTenant: 10 });
  const { builder, untilBegun } = heldBuilder(queue);
  const files = sources({ 'index.ts': emptyPlugin });
  let url = '';
  {
    await using service = await startService({ builder });
    url = service.url;
    const fake = createFakeClock();
    const slow = failureOf(createRemoteBuilder({ url, clock: fake, requestMs: 5000 }).check({ files, name: 'x' }));
    await untilBegun(1);
    await fake.advance(5000);
    assert.match((await slow).message, /did not answer within 5000 ms/);
  }
  const error = await failureOf(createRemoteBuilder({ url, clock }).build({ files, name: 'x' }));
  assert.match(
    `${error.code} ${error.message}`,
    /^UNAVAILABLE The build service at http:\/\/127\.0\.0\.1:\d+ cannot be reached: .+clay build-service/,
  );
});

test('a service that lies about the hash is not believed', async () => {
  const honest = createBuilder({ clock });
  const liar: Builder = {
    ...honest,
    build: async (...args) => ({ ...(await honest.build(...args)), code: Buffer.from('evil()') }),
    check: honest.check,
    close: () => honest.close(),
  };
  await using service = await startService({ builder: liar });
  const error = await failureOf(
    createRemoteBuilder({ url: service.url, clock }).build({ files: sources({ 'index.ts': emptyPlugin }), name: 'x' }),
  );
  assert.match(`${error.code} ${error.message}`, /^WIRE .* the bundle has the hash/);
});

test('BUILD_SERVICE_URL chooses the service; a wrong one is told', async () => {
  await using service = await startService();
  const chosen = chooseBuilder({ BUILD_SERVICE_URL: service.url }, { clock });
  const before = lines.length;
  await chosen.build({ files: sources({ 'index.ts': emptyPlugin }), name: 'x' });
  assert.ok(lines.slice(before).some((line) => line.includes('"build.done"')));
  assert.throws(
    () => chooseBuilder({ BUILD_SERVICE_URL: 'localhost:9090' }, { clock }),
    /BUILD_SERVICE_URL is "localhost:9090"; it must be an address/,
  );
  const local = chooseBuilder({}, { clock });
  assert.equal((await local.build({ files: sources({ 'index.ts': emptyPlugin }), name: 'x' })).name, 'x');
  await local.close();
});

for (const [text, expected] of [
  [':9090', ['127.0.0.1', 9090, true]],
  ['0.0.0.0:80', ['0.0.0.0', 80, false]],
  ['[::1]:9090', ['::1', 9090, true]],
  ['localhost:0', ['localhost', 0, true]],
] as const)
  test(`BUILD_ADDR ${text} is understood`, () => {
    const { host, port, isLoopback } = parseBuildAddress(text);
    assert.deepEqual([host, port, isLoopback], expected);
  });

test('a BUILD_ADDR that means nothing is told', () => {
  for (const text of ['9090', 'a:b', ':99999', 'http://x:1', ''])
    assert.throws(() => parseBuildAddress(text), /BUILD_ADDR is ".*"; it must be HOST:PORT/);
});
