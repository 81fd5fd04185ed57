import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { ClayError, type Json } from '@clay/sdk';
import { readServerSentEvents } from '../cli/client/server-sent-events.ts';
import type { DeployRequest, SourceRequest } from './parts.ts';
import { FakeMedic, fakeGeneration } from './testing/fake-medic.ts';
import { authorization, createFixture, type Fixture, local } from './testing/gateway-fixture.ts';

let fixture: Fixture;
let medic: FakeMedic;
let url: string;
const requests: SourceRequest[] = [];
let buildFailure: ClayError | null = null;
let written: Json = null;
const calls: unknown[] = [];
before(async () => {
  medic = new FakeMedic();
  fixture = await createFixture({
    async call({ capability, args }) {
      calls.push([capability, args]);
      return written;
    },
    parts: {
      medic,
      lanes: () => [{ pid: 7, scripts: ['weather'], openCalls: 1, residentBytes: 30_000_000 }],
      deployer: {
        async deploy(request: DeployRequest) {
          requests.push(request);
          if (buildFailure !== null) throw buildFailure;
          return { plugin: request.plugin, generation: 4, hash: 'abc', state: 'probation', problem: null };
        },
        async check(request) {
          requests.push(request);
          return { plugin: request.plugin, isGood: false, text: 'index.ts:1:1: error', diagnostics: [{ line: 1 }] };
        },
      },
    },
  });
  url = (await fixture.gateway.listen()).adkUrl;
});
beforeEach(() => {
  medic.asked.splice(0);
  requests.splice(0);
  medic.refusal = null;
  buildFailure = null;
  medic.known = [
    fakeGeneration({ plugin: 'tasks', generation: 2, hash: 'bbbbbb1', state: 'probation', probationLeftMs: 9000 }),
    fakeGeneration({ plugin: 'tasks', generation: 1, hash: 'bbbbbb2', isCurrent: false }),
    fakeGeneration({ plugin: 'feeds', hash: 'cccccc1' }),
  ];
  medic.crashed = [1, 2, 3].map((at) => ({
    plugin: at === 2 ? 'feeds' : 'tasks',
    generation: 1,
    hash: 'x',
    phase: 'run',
    signature: 's',
    message: 'm',
    at,
  }));
});
after(() => fixture.gateway.close());

async function get(path: string) {
  const answer = await fixture.gateway.adkApp.inject({ url: path, headers: local });
  return { status: answer.statusCode, body: answer.json() };
}

async function post(path: string, body?: unknown, headers: Record<string, string> = { authorization }) {
  const answer = await fixture.gateway.adkApp.inject({
    method: 'POST',
    url: path,
    headers: { ...local, 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
  });
  return { status: answer.statusCode, body: answer.json() };
}

test('generations and crashes are read by plugin or all together, without the token on loopback', async () => {
  assert.deepEqual((await get('/api/admin/generations')).body, medic.known);
  assert.equal((await get('/api/admin/generations?plugin=tasks')).body.length, 2);
  assert.deepEqual(
    (await get('/api/admin/crashes?limit=2')).body.map(({ at }: { at: number }) => at),
    [1, 2],
  );
  assert.deepEqual((await get('/api/admin/crashes?plugin=feeds')).body, [medic.crashed[1]]);
  assert.equal((await get('/api/admin/generations?plugin=none')).status, 404);
  assert.equal((await get('/api/admin/lanes')).body[0].pid, 7);
});

test('what changes a generation needs the token, on loopback too', async () => {
  for (const path of [
    '/api/admin/generations/tasks/rollback',
    '/api/admin/generations/tasks/quarantine',
    '/api/admin/generations/tasks/unquarantine',
    '/api/admin/plugins/tasks/deploy',
    '/api/admin/plugins/tasks/check',
  ]) {
    const { status, body } = await post(path, { which: 1, reason: 'x' }, {});
    assert.deepEqual([status, body.code], [401, 'TOKEN_MISSING'], path);
  }
  assert.deepEqual([medic.asked, requests], [[], []]);
});

test('a person rolls back, quarantines and unquarantines by number, hash or the beginning of a hash', async () => {
  assert.equal((await post('/api/admin/generations/tasks/rollback')).body.state, 'committed');
  await post('/api/admin/generations/tasks/rollback', { to: 0, data: true });
  const after = await post('/api/admin/generations/tasks/quarantine', { which: 2, reason: ' bad ' });
  assert.equal(after.body.length, 2);
  await post('/api/admin/generations/tasks/quarantine', { which: 'bbbbbb2', reason: 'bad' });
  await post('/api/admin/generations/feeds/unquarantine', { which: 'CCCCCC' });
  await post('/api/admin/generations/feeds/unquarantine', { which: 'dddddd' });
  assert.deepEqual(medic.asked, [
    ['rollback', 'tasks', {}],
    ['rollback', 'tasks', { to: 0, data: true }],
    ['quarantine', 'tasks', 2, 'bad'],
    ['quarantine', 'tasks', 'bbbbbb2', 'bad'],
    ['unquarantine', 'feeds', 'cccccc1'],
    ['unquarantine', 'feeds', 'dddddd'],
  ]);
});

test('what does not fit is refused with its name, and nothing is asked', async () => {
  const cases: [string, unknown, RegExp][] = [
    ['/api/admin/generations/Tasks/rollback', {}, /"Tasks" is no name of a plugin/],
    ['/api/admin/generations/tasks/rollback', { to: -1 }, /to: /],
    ['/api/admin/generations/tasks/rollback', { too: 1 }, /too/],
    ['/api/admin/generations/tasks/quarantine', { which: 2 }, /reason: /],
    ['/api/admin/generations/tasks/quarantine', { which: 'no', reason: 'x' }, /which: /],
    ['/api/admin/generations/tasks/quarantine', { which: 'bbbbbb', reason: 'x' }, /Several builds begin with bbbbbb: /],
    ['/api/admin/plugins/tasks/deploy', { reason: ' ' }, /reason: /],
    ['/api/admin/plugins/tasks/deploy', { reason: 'x', files: {} }, /files: must not be empty/],
    ['/api/admin/plugins/tasks/deploy', { reason: 'x', files: { '../x.ts': '' } }, /within the plugin’s folder/],
    ['/api/admin/plugins/tasks/check', { files: { '/etc/x': '' } }, /within the plugin’s folder/],
    ['/api/admin/plugins/tasks/check', { files: { 'a.ts': 1 } }, /a\.ts/],
  ];
  for (const [path, body, message] of cases) {
    const answer = await post(path, body);
    assert.deepEqual([answer.status, answer.body.code], [400, 'BAD_ARGUMENTS'], JSON.stringify(body));
    assert.match(answer.body.error, message);
  }
  for (const query of ['limit=0', 'limit=x', 'plugins=a', 'plugin=A']) {
    assert.equal((await get(`/api/admin/crashes?${query}`)).status, 400, query);
  }
  assert.deepEqual([medic.asked, requests], [[], []]);
});

test('what the medic refuses is told in its words', async () => {
  medic.refusal = new ClayError('CONFLICT', 'There is nothing to go back to.');
  const { status, body } = await post('/api/admin/generations/tasks/rollback');
  assert.deepEqual([status, body], [409, { error: 'There is nothing to go back to.', code: 'CONFLICT' }]);
});

test('sources are deployed and checked, sent or from the claw’s folder, and an author’s mistake comes whole', async () => {
  const files = { 'index.ts': 'export {};', 'lib/a.ts': '' };
  const made = await post('/api/admin/plugins/feeds/deploy', { reason: 'saved', files });
  assert.deepEqual([made.status, made.body.generation], [200, 4]);
  await post('/api/admin/plugins/feeds/deploy', { reason: 'again' });
  const checked = await post('/api/admin/plugins/feeds/check');
  assert.deepEqual(checked.body, {
    plugin: 'feeds',
    isGood: false,
    text: 'index.ts:1:1: error',
    diagnostics: [{ line: 1 }],
  });
  assert.deepEqual(requests, [
    { plugin: 'feeds', reason: 'saved', files: new Map(Object.entries(files)) },
    { plugin: 'feeds', reason: 'again', files: null },
    { plugin: 'feeds', files: null },
  ]);
  buildFailure = new ClayError('BAD_ARGUMENTS', 'Plugin "feeds" does not build.', { output: 'index.ts:3:4: error' });
  const failed = await post('/api/admin/plugins/feeds/deploy', { reason: 'saved', files });
  assert.deepEqual([failed.status, failed.body.output], [400, 'index.ts:3:4: error']);
});

test('a .star file goes to the extensions, and comes back with everything that is wrong with it', async () => {
  const deploy = (files: object) => post('/api/admin/plugins/weather/deploy', { reason: 'saved', files });
  written = {
    isGood: true,
    isSaved: true,
    text: 'good',
    diagnostics: [],
    generation: 2,
    state: 'probation',
    problem: null,
  };
  const made = await deploy({ 'weather.star': 'x = 1' });
  assert.deepEqual(made.body, { plugin: 'weather', generation: 2, state: 'probation', problem: null });
  written = { isGood: false, isSaved: false, text: 'weather.star:1:5: no', diagnostics: [{ line: 1 }] };
  const refused = await deploy({ 'weather.star': 'x = !' });
  assert.deepEqual([refused.status, refused.body.output], [400, 'weather.star:1:5: no']);
  const checked = await post('/api/admin/plugins/weather/check', { files: { 'weather.star': 'x = !' } });
  assert.deepEqual(checked.body, {
    plugin: 'weather',
    isGood: false,
    text: 'weather.star:1:5: no',
    diagnostics: [{ line: 1 }],
  });
  assert.deepEqual(calls, [
    ['service:extensions.write', { name: 'weather', source: 'x = 1', reason: 'saved' }],
    ['service:extensions.write', { name: 'weather', source: 'x = !', reason: 'saved' }],
    ['service:extensions.check', { name: 'weather', source: 'x = !' }],
  ]);
  const other = await deploy({ 'rain.star': '' });
  assert.match(other.body.error, /send "weather\.star" alone, not \["rain\.star"\]/);
  assert.deepEqual(requests, []);
});

test('news come as they happen, to every listener, and the medic forgets who has left', async () => {
  const leave = new AbortController();
  const responses = await Promise.all([1, 2].map(() => fetch(`${url}/api/admin/news`, { signal: leave.signal })));
  assert.equal(responses[0]?.headers.get('content-type'), 'text/event-stream; charset=utf-8');
  assert.equal(medic.listeners.size, 2);
  const texts = Array.from({ length: 50 }, (_unused, index) => `news ${index}\n\ndata: x`);
  for (const text of texts) medic.tell({ plugin: 'tasks', generation: 3, text });
  for (const { body } of responses) {
    const heard: string[] = [];
    for await (const { data } of readServerSentEvents(body!)) {
      heard.push(JSON.parse(data ?? '').text);
      if (heard.length === texts.length) break;
    }
    assert.deepEqual(heard, texts);
  }
  leave.abort();
  while (medic.listeners.size > 0) await new Promise((resolve) => setImmediate(resolve));
});

test('open streams of news end when the host stops, so that they do not hold it up', async () => {
  const other = new FakeMedic();
  const { gateway } = await createFixture({ parts: { medic: other } });
  const { adkUrl } = await gateway.listen();
  const { body } = await fetch(`${adkUrl}/api/admin/news`);
  const reading = readServerSentEvents(body!).next();
  const before = performance.now();
  await gateway.close();
  assert.equal((await reading).done, true);
  assert.equal(other.listeners.size, 0);
  assert.ok(performance.now() - before < 1500, 'without waiting for the time limit');
});

test('the new routes stand in the description of the API, with their bodies', async () => {
  const { paths } = (await get('/api/docs')).body;
  for (const path of [
    '/api/admin/generations',
    '/api/admin/generations/{plugin}/rollback',
    '/api/admin/generations/{plugin}/quarantine',
    '/api/admin/generations/{plugin}/unquarantine',
    '/api/admin/crashes',
    '/api/admin/plugins/{plugin}/deploy',
    '/api/admin/plugins/{plugin}/check',
    '/api/admin/lanes',
    '/api/admin/news',
  ])
    assert.ok(path in paths, path);
  const { post: deploy } = paths['/api/admin/plugins/{plugin}/deploy'];
  assert.deepEqual(deploy.requestBody.content['application/json'].schema.required, ['reason']);
});
