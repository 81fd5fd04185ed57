import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { createFakeClock, type FakeClock } from '@clay/sdk/testing';
import { type JWTPayload, SignJWT } from 'jose';
import { parsePublicKeys } from '../../config/public-keys.ts';
import { authorization, createFixture, type Fixture } from '../testing/gateway-fixture.ts';

const closing: (() => Promise<void> | void)[] = [];
after(async () => {
  for (const close of closing) await close();
});

const start = Date.parse('2026-11-23T10:00:00Z');
const issuer = generateKeyPairSync('ed25519');
const stranger = generateKeyPairSync('ed25519');
const raw = (key: KeyObject) => Buffer.from(String(key.export({ format: 'jwk' }).x), 'base64url').toString('base64');
const wide = { CLAY_HOST: '0.0.0.0', CLAW_NAME: 'ada', CLAW_AUTH_PUBLIC_KEYS: raw(issuer.publicKey) };

async function open(env: Readonly<Record<string, string>> = {}, clock: FakeClock = createFakeClock(start)) {
  const fixture = await createFixture({ env: { ...wide, ...env }, parts: { clock } });
  closing.push(() => fixture.gateway.close());
  return { fixture, clock };
}

let count = 0;
interface TokenOptions {
  readonly key?: KeyObject;
  readonly kid?: string;
  readonly at?: number;
  readonly seconds?: number;
  readonly claims?: JWTPayload;
}

/** A token as the platform's auth server makes them: five minutes, for the claw `ada`, with one scope. */
function sign(scope: string, options: TokenOptions = {}): Promise<string> {
  const { key = issuer.privateKey, kid, at = start, seconds = 300, claims = {} } = options;
  const iat = Math.floor(at / 1000);
  count += 1;
  const payload = { aud: 'ada', sub: 'user-1', jti: `token-${count}`, iat, exp: iat + seconds, scope, ...claims };
  return new SignJWT(payload).setProtectedHeader({ alg: 'EdDSA', ...(kid === undefined ? {} : { kid }) }).sign(key);
}

function ask({ gateway }: Fixture, method: 'GET' | 'POST', url: string, token: string, more: object = {}) {
  const headers = { host: 'ada.example', authorization: `Bearer ${token}` };
  return gateway.publicApp.inject({ method, url, headers, ...more });
}

const talk = (fixture: Fixture, token: string, body: object = {}) =>
  ask(fixture, 'POST', '/msg', token, { payload: { text: 'hello', ...body } });

test('a signed token for this claw lets its subject chat, and nothing more', async () => {
  const { fixture } = await open();
  const token = await sign('chat');
  assert.equal((await talk(fixture, token)).statusCode, 200);
  assert.equal((await talk(fixture, token)).statusCode, 200, 'a chat token is good until it ends');
  for (const [method, url] of [
    ['GET', '/api/admin/plugins'],
    ['POST', '/api/admin/backup'],
    ['GET', '/dev-ui/'],
  ] as const) {
    const answer = await ask(fixture, method, url, token);
    assert.equal(answer.statusCode, 403, url);
    assert.equal(answer.json().code, 'SCOPE_MISSING', url);
  }
});

test('the subject of a token is the user that it speaks as, and it can name no other', async () => {
  const { fixture } = await open();
  const token = await sign('chat');
  await talk(fixture, token, { username: 'somebody else' });
  await talk(fixture, token, { user_id: 'user-1' });
  assert.deepEqual(
    fixture.agentHost.sessions.list('clay', 'user-1').map(({ userId }) => userId),
    ['user-1'],
  );
  const other = await talk(fixture, token, { user_id: 'user-2' });
  assert.equal(other.json().code, 'SUBJECT_FOREIGN');
  assert.equal((await ask(fixture, 'GET', '/api/apps/clay/users/user-1/sessions', token)).statusCode, 200);
  assert.equal((await ask(fixture, 'GET', '/api/apps/clay/users/user-2/sessions', token)).statusCode, 403);
  const run = {
    appName: 'clay',
    userId: 'user-2',
    sessionId: 's',
    newMessage: { role: 'user', parts: [{ text: 'x' }] },
  };
  assert.equal((await ask(fixture, 'POST', '/api/run_sse', token, { payload: run })).statusCode, 403);
});

test('a token that controls the claw is good for one request, and never for a host that started after it', async () => {
  const { fixture } = await open();
  const once = await sign('admin');
  assert.equal((await ask(fixture, 'POST', '/api/admin/backup', once)).statusCode, 200);
  assert.equal((await ask(fixture, 'POST', '/api/admin/backup', once)).json().code, 'TOKEN_SPENT');
  assert.equal((await ask(fixture, 'GET', '/api/admin/plugins', once)).statusCode, 200, 'to look is not to control');
  const before = await sign('admin', { at: start - 10_000 });
  assert.equal((await ask(fixture, 'POST', '/api/admin/backup', before)).json().code, 'TOKEN_SPENT');
});

test('what is not signed for this claw, by its keys, in these minutes, is refused with the reason', async () => {
  const { fixture } = await open({ CLAW_AUTH_ISSUER: 'gather.is' });
  const good = { iss: 'gather.is' };
  const head = Buffer.from('{"alg":"none"}').toString('base64url');
  const unsigned = `${head}.${(await sign('chat', { claims: good })).split('.')[1]}.`;
  const cases: [string, string, RegExp][] = [
    ['another claw', await sign('chat', { claims: { ...good, aud: 'bob' } }), /"aud"/],
    ['another issuer', await sign('chat', { claims: { iss: 'evil' } }), /"iss"/],
    ['another key', await sign('chat', { key: stranger.privateKey, claims: good }), /signature/],
    ['over', await sign('chat', { at: start - 400_000, claims: good }), /too old/],
    ['not yet', await sign('chat', { at: start + 120_000, claims: good }), /iat/],
    ['good for years', await sign('chat', { at: start - 700_000, seconds: 1e8, claims: good }), /too old/],
    ['without a name', await sign('chat', { claims: { ...good, jti: undefined as never } }), /"jti"/],
    ['without a subject', await sign('chat', { claims: { ...good, sub: undefined as never } }), /"sub"/],
    ['unsigned', `${unsigned}x`, /alg|signature/i],
  ];
  for (const [name, token, reason] of cases) {
    const answer = await talk(fixture, token);
    assert.equal(answer.statusCode, 401, name);
    assert.match(answer.json().error, reason, name);
    assert.match(answer.headers['www-authenticate'] as string, /^Bearer/, name);
  }
  assert.equal((await talk(fixture, await sign('chat', { claims: good }))).statusCode, 200);
});

test('clocks may differ by half a minute', async () => {
  const { fixture } = await open();
  assert.equal((await talk(fixture, await sign('chat', { at: start + 25_000 }))).statusCode, 200);
  assert.equal((await talk(fixture, await sign('chat', { at: start - 320_000 }))).statusCode, 200);
  assert.equal((await talk(fixture, await sign('chat', { at: start - 335_000 }))).statusCode, 401);
});

test('a token can be revoked by its name, and a subject with all that it was given until then', async () => {
  const { fixture, clock } = await open();
  const revoke = (payload: object) =>
    fixture.gateway.publicApp.inject({
      method: 'POST',
      url: '/api/admin/revocations',
      headers: { host: 'ada.example', authorization },
      payload,
    });
  const stolen = await sign('chat', { claims: { jti: 'stolen' } });
  const other = await sign('chat');
  assert.equal((await revoke({ token: 'stolen' })).statusCode, 200);
  assert.match((await talk(fixture, stolen)).json().error, /revoked/);
  assert.equal((await talk(fixture, other)).statusCode, 200);
  await revoke({ subject: 'user-1' });
  assert.equal((await talk(fixture, other)).statusCode, 401);
  await clock.advance(2000);
  assert.equal((await talk(fixture, await sign('chat', { at: clock.now() }))).statusCode, 200);
  // Another host on the same store.
  const again = await createFixture({ env: wide, parts: { clock, store: fixture.parts.store } });
  closing.push(() => again.gateway.close());
  assert.equal((await talk(again, stolen)).statusCode, 401);
  assert.equal((await revoke({ user: 'x' })).statusCode, 400);
});

test('keys from an address are fetched once, again for a key that is new, and told as unreachable when they are', async () => {
  const set = { keys: [{ ...issuer.publicKey.export({ format: 'jwk' }), kid: 'one' }] };
  let asked = 0;
  let isDown = false;
  const server = createServer((_request, response) => {
    asked += 1;
    if (isDown) response.destroy();
    else response.setHeader('content-type', 'application/json').end(JSON.stringify(set));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => void server.close());
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`;
  const { fixture } = await open({ CLAW_AUTH_PUBLIC_KEYS: address });
  assert.equal((await talk(fixture, await sign('chat', { kid: 'one' }))).statusCode, 200);
  assert.equal((await talk(fixture, await sign('chat', { kid: 'one' }))).statusCode, 200);
  assert.equal(asked, 1);
  const forged = await sign('chat', { kid: 'two', key: stranger.privateKey });
  assert.equal((await talk(fixture, forged)).statusCode, 401);
  isDown = true;
  const { fixture: cold } = await open({ CLAW_AUTH_PUBLIC_KEYS: address });
  const answer = await talk(cold, await sign('chat', { kid: 'one' }));
  assert.equal(answer.statusCode, 503);
  assert.equal(answer.json().code, 'KEYS_UNREACHABLE');
});

test('keys are rotated by naming both: a token of either passes, with or without a name of its key', async () => {
  const both = `${raw(issuer.publicKey)},${raw(stranger.publicKey)}`;
  const { fixture } = await open({ CLAW_AUTH_PUBLIC_KEYS: both });
  assert.equal((await talk(fixture, await sign('chat'))).statusCode, 200);
  assert.equal((await talk(fixture, await sign('chat', { key: stranger.privateKey }))).statusCode, 200);
  const third = generateKeyPairSync('ed25519').privateKey;
  assert.equal((await talk(fixture, await sign('chat', { key: third }))).statusCode, 401);
});

test('a browser trades a signed token for a cookie of this claw that ends with it and controls nothing', async () => {
  const { fixture, clock } = await open();
  const login = (token: string) =>
    fixture.gateway.publicApp.inject({
      method: 'POST',
      url: '/login',
      headers: { host: 'ada.example', origin: 'https://ada.example', 'x-forwarded-proto': 'https' },
      payload: { token },
    });
  const given = await login(await sign('chat debug'));
  const cookie = String(given.headers['set-cookie']);
  assert.match(cookie, /^clay_\w+_session=[^;]+; Max-Age=300; Path=\/; HttpOnly; Secure; SameSite=Strict$/);
  const headers = { host: 'ada.example', cookie: cookie.split(';')[0]! };
  const { publicApp } = fixture.gateway;
  assert.notEqual((await publicApp.inject({ url: '/dev-ui/', headers })).statusCode, 302);
  const admin = String((await login(await sign('admin'))).headers['set-cookie']).split(';')[0]!;
  const control = await publicApp.inject({
    method: 'POST',
    url: '/api/admin/backup',
    headers: { host: 'ada.example', cookie: admin },
  });
  assert.equal(control.statusCode, 401);
  const page = { ...headers, origin: 'https://evil.example' };
  const foreign = await publicApp.inject({ method: 'POST', url: '/msg', headers: page, payload: { text: 'x' } });
  assert.equal(foreign.json().code, 'ORIGIN_FOREIGN');
  await clock.advance(400_000);
  assert.equal((await publicApp.inject({ url: '/dev-ui/', headers })).headers.location, '/login?next=%2Fdev-ui%2F');
});

test('only pages of named origins may use the claw, with a token and without cookies', async () => {
  const { fixture } = await open({ CLAY_ORIGINS: 'https://gather.is' });
  const preflight = (origin: string) =>
    fixture.gateway.publicApp.inject({
      method: 'OPTIONS',
      url: '/msg/stream',
      headers: {
        host: 'ada.example',
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type',
      },
    });
  const allowed = await preflight('https://gather.is');
  assert.equal(allowed.statusCode, 204);
  assert.equal(allowed.headers['access-control-allow-origin'], 'https://gather.is');
  assert.equal(allowed.headers['access-control-allow-credentials'], undefined);
  assert.equal((await preflight('https://evil.example')).headers['access-control-allow-origin'], undefined);
  const answer = await fixture.gateway.publicApp.inject({
    method: 'POST',
    url: '/msg',
    headers: { host: 'ada.example', origin: 'https://gather.is', authorization: `Bearer ${await sign('chat')}` },
    payload: { text: 'hello' },
  });
  assert.equal(answer.statusCode, 200);
  assert.equal(answer.headers['access-control-allow-origin'], 'https://gather.is');
});

test('without keys a signed token is a wrong token', async () => {
  const { fixture } = await open({ CLAW_AUTH_PUBLIC_KEYS: '' });
  assert.equal((await talk(fixture, await sign('admin'))).json().code, 'TOKEN_WRONG');
});

test('keys are read in every form that they are handed about in, and what is none is named', () => {
  const { publicKey, privateKey } = issuer;
  const jwk = publicKey.export({ format: 'jwk' });
  const forms = [
    raw(publicKey),
    publicKey.export({ format: 'der', type: 'spki' }).toString('base64'),
    Buffer.from(publicKey.export({ format: 'pem', type: 'spki' })).toString('base64'),
    JSON.stringify({ keys: [{ ...jwk, kid: 'a' }] }),
  ];
  for (const form of forms) {
    const read = parsePublicKeys(form);
    assert.ok(typeof read !== 'string' && read.kind === 'keys', form);
    assert.equal(read.keys[0]!.x, jwk.x, form);
  }
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey;
  for (const [text, problem] of [
    ['', /no key/],
    ['nonsense', /"nonsense"…, which is no Ed25519/],
    [rsa.export({ format: 'der', type: 'spki' }).toString('base64'), /no Ed25519/],
    ['{"keys":1}', /without a list "keys"/],
    ['{broken', /JSON/],
    [JSON.stringify({ keys: [privateKey.export({ format: 'jwk' })] }), /keys\[0\] a private key/],
    ['https://', /no address/],
  ] as const) {
    assert.match(String(parsePublicKeys(text)), problem, text);
  }
});
