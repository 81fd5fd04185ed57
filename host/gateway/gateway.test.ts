import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ClayError, type Json } from '@clay/sdk';
import type { Capability } from '../registry/registry.ts';
import type { CallRequest } from '../router/router.ts';
import { makeEvent } from './testing/fake-agent-host.ts';
import {
  authorization,
  createFixture,
  type Fixture,
  type FixtureOptions,
  local,
  testToken,
} from './testing/gateway-fixture.ts';

const open: Fixture[] = [];
const folder = mkdtempSync(join(tmpdir(), 'clay-gateway-'));
after(async () => {
  await Promise.all(open.map((fixture) => fixture.gateway.close()));
  rmSync(folder, { recursive: true });
});

async function start(options: FixtureOptions = {}): Promise<Fixture> {
  const fixture = await createFixture(options);
  open.push(fixture);
  return fixture;
}

const wide = { CLAY_HOST: '0.0.0.0' };
const json = { 'content-type': 'application/json' };

test('on loopback a rebound name, a foreign page and a form are refused, each with its remedy', async () => {
  const { gateway } = await start();
  const payload = { text: 'rm everything' };
  const cases: [Record<string, string>, number, string, RegExp][] = [
    [{ ...json, host: 'evil.example:8080' }, 403, 'HOST_UNKNOWN', /Host.*localhost/],
    [{ ...json, ...local, origin: 'https://evil.example' }, 403, 'ORIGIN_FOREIGN', /Origin/],
    [{ ...json, ...local, 'sec-fetch-site': 'cross-site' }, 403, 'ORIGIN_FOREIGN', /Sec-Fetch-Site/],
    [{ ...local, 'content-type': 'text/plain' }, 415, 'NOT_JSON', /Content-Type is text\/plain/],
    [{ ...local, 'content-type': 'application/x-www-form-urlencoded' }, 415, 'NOT_JSON', /application\/json/],
    [{ ...local, 'content-type': 'multipart/form-data; boundary=x' }, 415, 'NOT_JSON', /application\/json/],
  ];
  for (const app of [gateway.publicApp, gateway.adkApp]) {
    for (const [headers, status, code, message] of cases) {
      const answer = await app.inject({ method: 'POST', url: '/msg', headers, payload: JSON.stringify(payload) });
      assert.equal(answer.statusCode, status, JSON.stringify(headers));
      assert.equal(answer.json().code, code);
      assert.match(answer.json().error, message);
      assert.equal(answer.headers['access-control-allow-origin'], undefined);
    }
  }
});

test('control routes want the token on loopback too', async () => {
  const { gateway } = await start();
  const ask = (headers: Record<string, string>) =>
    gateway.adkApp.inject({ method: 'POST', url: '/api/admin/backup', headers: { ...local, ...headers } });
  const without = await ask({});
  assert.equal(without.statusCode, 401);
  assert.equal(without.headers['www-authenticate'], 'Bearer realm="clay"');
  assert.equal((await ask({ authorization: 'Bearer wrong' })).statusCode, 401);
  const done = await ask({ authorization });
  assert.deepEqual(done.json(), { file: '/backups/1.db', sizeBytes: 1, createdAt: 1 });
});

test('beyond loopback every chat route of the public listener wants the token; health does not', async () => {
  const { gateway } = await start({ env: wide });
  const headers = { host: 'claw.example' };
  for (const url of ['/api/list-apps', '/metrics', '/api/apps/clay/users/ann/sessions', '/api/admin/tools']) {
    assert.equal((await gateway.publicApp.inject({ url, headers })).statusCode, 401, url);
    assert.equal(
      (await gateway.publicApp.inject({ url, headers: { ...headers, authorization } })).statusCode,
      200,
      url,
    );
  }
  const message = { method: 'POST', url: '/msg', payload: { text: 'hi' } } as const;
  assert.equal((await gateway.publicApp.inject({ ...message, headers })).statusCode, 401);
  assert.equal(
    (await gateway.publicApp.inject({ ...message, headers: { ...headers, authorization } })).statusCode,
    200,
  );
  for (const url of ['/livez', '/readyz', '/version', '/health', '/login', '/api/docs']) {
    assert.equal((await gateway.publicApp.inject({ url, headers })).statusCode, 200, url);
  }
});

test('a login trades the token for a cookie that scripts cannot read and other sites cannot send', async () => {
  const { gateway } = await start({ env: wide });
  const headers = { host: 'claw.example' };
  const login = (token: string, more: Record<string, string> = {}) =>
    gateway.publicApp.inject({ method: 'POST', url: '/login', headers: { ...headers, ...more }, payload: { token } });
  assert.equal((await login('wrong')).statusCode, 401);
  assert.equal((await login(testToken, { origin: 'https://evil.example' })).statusCode, 403);
  const done = await login(testToken, { 'x-forwarded-proto': 'https' });
  assert.equal(done.statusCode, 200);
  const [cookie] = done.cookies;
  assert.ok(cookie);
  assert.equal(cookie.httpOnly, true);
  assert.equal(cookie.sameSite, 'Strict');
  assert.equal(cookie.secure, true);
  assert.doesNotMatch(cookie.value, new RegExp(testToken));
  const cookies = { [cookie.name]: cookie.value };
  assert.equal((await gateway.publicApp.inject({ url: '/api/list-apps', headers, cookies })).statusCode, 200);
  const foreign = { ...headers, origin: 'https://other.claw.example' };
  assert.equal((await gateway.publicApp.inject({ url: '/api/list-apps', headers: foreign, cookies })).statusCode, 403);
  const out = await gateway.publicApp.inject({ method: 'POST', url: '/logout', headers, cookies });
  assert.equal(out.cookies[0]?.maxAge, 0);
});

test('whoever tries many tokens is told to wait; the right token still passes', async () => {
  const { gateway } = await start({ env: wide });
  const ask = (value: string) =>
    gateway.publicApp.inject({ url: '/api/list-apps', headers: { host: 'claw.example', authorization: value } });
  const statuses: number[] = [];
  for (let index = 0; index < 35; index += 1) statuses.push((await ask(`Bearer guess-${index}`)).statusCode);
  assert.equal(statuses[0], 401);
  assert.equal(statuses.at(-1), 429);
  const limited = await ask('Bearer again');
  assert.equal(limited.json().code, 'RATE_LIMITED');
  assert.ok(Number(limited.headers['retry-after']) >= 1);
  assert.equal((await ask(authorization)).statusCode, 200);
});

test('guesses at the login and at routes of plugins count as failures too', async () => {
  for (const [method, url] of [
    ['POST', '/login'],
    ['GET', '/plugins/hooks/secret'],
  ] as const) {
    const { gateway } = await start({ routes: [route('GET', '/secret', 'control')] });
    const statuses: number[] = [];
    for (let index = 0; index < 32; index += 1) {
      const guess = { headers: { ...local, authorization: `Bearer guess-${index}` } };
      const login = { headers: local, payload: { token: `guess-${index}` } };
      const answer = await gateway.adkApp.inject({ method, url, ...(method === 'POST' ? login : guess) });
      statuses.push(answer.statusCode);
    }
    assert.deepEqual([statuses[0], statuses.at(-1)], [401, 429], url);
  }
});

test('control routes and logins have a limit of requests a minute', async () => {
  const root = join(folder, 'limited');
  mkdirSync(root);
  writeFileSync(join(root, 'clay.json'), '{ "limits": { "requestsPerMinute": 3 } }');
  const { gateway } = await start({ env: { CLAY_ROOT: root } });
  const ask = (url: string) =>
    gateway.adkApp.inject({ method: 'POST', url, headers: { ...local, authorization }, payload: { token: testToken } });
  for (const url of ['/api/admin/backup', '/login']) {
    const statuses = [];
    for (let index = 0; index < 4; index += 1) statuses.push((await ask(url)).statusCode);
    assert.deepEqual(statuses, [200, 200, 200, 429], url);
  }
});

test('hostile bodies are refused: broken JSON, a prototype key, too many bytes', async () => {
  const { gateway, logged } = await start();
  const send = (payload: string, headers = {}) =>
    gateway.adkApp.inject({ method: 'POST', url: '/msg', headers: { ...local, ...json, ...headers }, payload });
  const broken = await send('{"text": "x"');
  assert.equal(broken.statusCode, 400);
  assert.equal(broken.json().code, 'BAD_JSON');
  const proto = await send('{"text": "x", "__proto__": {"admin": true}}');
  assert.equal(proto.statusCode, 400);
  assert.match(proto.json().error, /__proto__/);
  const big = await send(JSON.stringify({ text: 'x'.repeat(11 * 1024 * 1024) }));
  assert.equal(big.statusCode, 413);
  assert.equal(big.json().code, 'TOO_LARGE');
  assert.match(big.json().error, /limits\.bodyBytes/);
  const nested = await send(`${'['.repeat(20_000)}${']'.repeat(20_000)}`);
  assert.equal(nested.statusCode, 400);
  assert.deepEqual(logged, [], 'none of it is a bug of ours');
});

test('headers beyond the limit, and bytes that are no HTTP, are answered in JSON on the socket', async () => {
  const { gateway } = await start();
  const { adkUrl } = await gateway.listen();
  const exchange = (bytes: string) =>
    new Promise<string>((resolve, reject) => {
      const socket = connect(Number(new URL(adkUrl).port), '127.0.0.1', () => socket.end(bytes));
      let text = '';
      socket.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      socket.on('error', reject).on('close', () => resolve(text));
    });
  const huge = await exchange(`GET /livez HTTP/1.1\r\nHost: localhost\r\nX-Big: ${'x'.repeat(20_000)}\r\n\r\n`);
  assert.match(huge, /^HTTP\/1\.1 431 /);
  assert.match(huge, /"code":"TOO_LARGE"/);
  const noise = await exchange('\u0016\u0003\u0001 hello\r\n\r\n');
  assert.match(noise, /^HTTP\/1\.1 400 /);
  assert.match(noise, /"code":"BAD_REQUEST"/);
});

test('a bug answers with a request id and no stack, and the log has the rest', async () => {
  const { gateway, agentHost, logged } = await start();
  agentHost.graph = () => {
    throw new TypeError('secret detail');
  };
  const answer = await gateway.adkApp.inject({ url: '/dev/apps/clay/build_graph', headers: local });
  assert.equal(answer.statusCode, 500);
  assert.doesNotMatch(answer.body, /secret detail|at /);
  const [entry] = logged;
  assert.equal(entry?.event, 'http.failed');
  assert.match(JSON.stringify(entry), new RegExp(answer.json().requestId));
  assert.match(JSON.stringify(entry), /secret detail/);
});

test('ready means that a turn can be taken; else the reason is told', async () => {
  const { gateway, agentHost, parts } = await start();
  const ask = () => gateway.publicApp.inject({ url: '/readyz' });
  assert.equal((await ask()).statusCode, 200);
  agentHost.readiness = { ok: false, reason: 'No model.' };
  const without = await ask();
  assert.equal(without.statusCode, 503);
  assert.equal(without.json().error, 'No model.');
  agentHost.readiness = { ok: true };
  Object.assign(parts.store, {
    check: () => {
      throw new Error('disk full');
    },
  });
  assert.match((await ask()).json().error, /disk full/);
  for (const method of ['GET', 'HEAD'] as const) {
    assert.equal((await gateway.publicApp.inject({ method, url: '/livez' })).statusCode, 200);
  }
});

test('the API describes itself as OpenAPI and as a page without scripts', async () => {
  const { gateway } = await start();
  const { paths } = (await gateway.adkApp.inject({ url: '/api/docs', headers: local })).json();
  assert.deepEqual(paths['/msg'].post.requestBody.content['application/json'].schema.required, ['text']);
  assert.equal(paths['/api/run_sse'].post.summary, 'Runs a turn; answers with its events as they happen.');
  assert.equal(paths['/run_sse'], undefined, 'what is at the root too is described once');
  assert.ok(paths['/api/apps/{app}/users/{user}/sessions/{session}/cancel'].post);
  const page = await gateway.adkApp.inject({ url: '/api/docs', headers: { ...local, accept: 'text/html' } });
  assert.match(page.body, /<code>\/msg<\/code>/);
  assert.doesNotMatch(page.body, /<script/);
});

test('while the host drains, open turns end in peace and new ones are told to come back', async () => {
  const { gateway, agentHost } = await start();
  const { publicUrl } = await gateway.listen();
  const gate = Promise.withResolvers<void>();
  agentHost.script = async function* (_request, turn) {
    yield makeEvent(turn.id, [{ text: 'working' }]);
    await gate.promise;
    return { text: 'finished' };
  };
  const post = (path: string) =>
    fetch(`${publicUrl}${path}`, {
      method: 'POST',
      headers: json,
      body: JSON.stringify({ text: 'hi', user_id: 'ann' }),
    });
  const stream = await post('/msg/stream');
  const closed = gateway.close();
  for (const path of ['/msg', '/msg/stream']) {
    const refused = await post(path);
    assert.equal(refused.status, 503);
    assert.equal(refused.headers.get('retry-after'), '5');
  }
  assert.equal((await fetch(`${publicUrl}/readyz`)).status, 503);
  gate.resolve();
  assert.match(await stream.text(), /"type":"end","text":"finished"/);
  await closed;
  await assert.rejects(fetch(`${publicUrl}/livez`), 'nothing listens any more');
});

test('a port in use is told with the variable that moves it, and nothing stays open', async () => {
  const first = await start();
  const { publicUrl } = await first.gateway.listen();
  const { port } = new URL(publicUrl);
  const second = await createFixture({ env: { ADK_PORT: port } });
  await assert.rejects(second.gateway.listen(), new RegExp(`127.0.0.1:${port} is in use.*ADK_PORT`));
  assert.equal(second.gateway.publicApp.server.listening, false);
});

function route(method: string, path: string, access: string): Capability {
  const name = `hooks/${method} ${path}`;
  const details: Record<string, Json> = { method, path, access };
  return {
    kind: 'route',
    name,
    fullName: `route:${name}`,
    plugin: 'hooks',
    generation: 1,
    description: '',
    parameters: null,
    details,
  };
}

test('routes of plugins are found at each request, guarded by their own access, and sandboxed', async () => {
  const asked: CallRequest[] = [];
  const { gateway } = await start({
    routes: [route('POST', '/hook/:id', 'public'), route('GET', '/mine', 'chat'), route('GET', '/secret', 'control')],
    call: async (request) => {
      asked.push(request);
      return {
        status: 201,
        headers: { 'Content-Type': 'text/html', 'Set-Cookie': 'x=1', 'Content-Security-Policy': 'none' },
        body: '<h1>hi</h1>',
      };
    },
  });
  const ask = (method: 'GET' | 'POST', url: string, headers: Record<string, string>, payload?: string) =>
    gateway.publicApp.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) });
  const form = { host: 'hooks.example', 'content-type': 'application/x-www-form-urlencoded' };
  const hook = await ask('POST', '/plugins/hooks/hook/a%20b?x=1', { ...form, authorization }, 'k=v');
  assert.equal(hook.statusCode, 201);
  assert.equal(hook.headers['set-cookie'], undefined);
  assert.match(String(hook.headers['content-security-policy']), /^sandbox/);
  const { params, query, body, headers } = (asked[0]?.args ?? {}) as Record<string, Record<string, string>>;
  assert.deepEqual([params, query, body], [{ id: 'a b' }, { x: '1' }, 'k=v']);
  assert.equal(headers?.authorization, undefined, 'the token does not reach the plugin');
  assert.equal((await ask('GET', '/plugins/hooks/mine', { host: 'evil.example' })).statusCode, 403);
  assert.equal((await ask('GET', '/plugins/hooks/mine', local)).statusCode, 201);
  assert.equal((await ask('GET', '/plugins/hooks/secret', local)).statusCode, 401);
  assert.equal((await ask('GET', '/plugins/hooks/secret', { ...local, authorization })).statusCode, 201);
  assert.equal((await ask('GET', '/plugins/hooks/hook/1', local)).statusCode, 405);
  assert.equal((await ask('GET', '/plugins/hooks/none', local)).statusCode, 404);
  assert.equal((await ask('GET', '/plugins/other/mine', local)).statusCode, 404);
});

test('a plugin’s failure keeps its code and its output', async () => {
  const { gateway } = await start({
    routes: [route('GET', '/mine', 'chat')],
    call: async () => {
      throw new ClayError('UNAVAILABLE', 'The plugin hooks is not running.', { output: 'half' });
    },
  });
  const answer = await gateway.publicApp.inject({ url: '/plugins/hooks/mine', headers: local });
  assert.equal(answer.statusCode, 503);
  assert.deepEqual(answer.json(), { error: 'The plugin hooks is not running.', code: 'UNAVAILABLE', output: 'half' });
});

test('the web UI is served with its own settings, and nothing outside its folder', async () => {
  const uiFolder = join(folder, 'ui', 'browser');
  mkdirSync(uiFolder, { recursive: true });
  writeFileSync(join(uiFolder, 'index.html'), '<title>UI</title>');
  writeFileSync(join(uiFolder, 'main.js'), 'code');
  writeFileSync(join(uiFolder, '.version'), 'confidential');
  writeFileSync(join(folder, 'ui', 'secret.txt'), 'confidential');
  const { gateway } = await start({ uiFolder });
  const ask = (url: string) => gateway.adkApp.inject({ url, headers: local });
  for (const prefix of ['/dev-ui', '/ui']) {
    assert.match((await ask(`${prefix}/`)).body, /<title>UI/);
    assert.equal((await ask(`${prefix}/main.js`)).body, 'code');
    assert.equal((await ask(prefix)).headers.location, `${prefix}/`);
    assert.deepEqual((await ask(`${prefix}/assets/config/runtime-config.json`)).json(), { backendUrl: '' });
    for (const path of [
      '../secret.txt',
      '..%2fsecret.txt',
      '%2e%2e/secret.txt',
      '..%5csecret.txt',
      '.version',
      'a%00b',
      '%ff',
      'none.js',
    ]) {
      const answer = await ask(`${prefix}/${path}`);
      assert.ok(answer.statusCode >= 400 && answer.statusCode < 500, `${path}: ${answer.statusCode}`);
      assert.doesNotMatch(answer.body, /confidential/);
      assert.ok(answer.json().code, path);
    }
  }
  assert.equal((await ask('/')).headers.location, '/dev-ui/');
});

test('without its files the UI’s address says how to add them; beyond loopback it asks to log in', async () => {
  const { gateway } = await start({ env: wide });
  const absent = await gateway.adkApp.inject({ url: '/dev-ui/', headers: local });
  assert.equal(absent.statusCode, 404);
  assert.match(absent.body, /fetch-ui\.mjs/);
  const login = await gateway.publicApp.inject({ url: '/dev-ui/?x=1', headers: { host: 'claw.example' } });
  assert.equal(login.statusCode, 302);
  assert.equal(login.headers.location, '/login?next=%2Fdev-ui%2F%3Fx%3D1');
});
