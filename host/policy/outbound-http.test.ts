import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { JsonObject } from '@clay/sdk';
import { createFakeClock } from '@clay/sdk/testing';
import { secretPlaceholder } from '@clay/sdk/wire';
import { systemClock } from '../clock.ts';
import { createOutboundHttp, type OutboundRequest } from './outbound-http.ts';

async function serve(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0);
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise((resolve) => server.once('listening', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const clock = systemClock;
const open = createOutboundHttp({
  clock,
  secret: (name) => (name === 'KEY' ? 's3cret' : undefined),
  isAllowedAddress: () => true,
});
const guarded = createOutboundHttp({ clock, secret: () => undefined });

function request(url: string, more: JsonObject = {}, rest: Partial<OutboundRequest> = {}): OutboundRequest {
  return {
    args: { url, ...more },
    body: undefined,
    signal: new AbortController().signal,
    permissions: ['http:*'],
    plugin: 'p',
    ...rest,
  };
}

const text = (blobs: readonly Uint8Array[]) => new TextDecoder().decode(blobs[0]);

test('an answer comes with its status, headers and body', async (t) => {
  const url = await serve(t, (incoming, outgoing) => {
    outgoing.writeHead(201, { 'x-method': incoming.method ?? '', 'content-type': 'text/plain' });
    incoming.pipe(outgoing);
  });
  const { value, blobs } = await open.fetch(
    request(`${url}/x?y=1`, { method: 'post' }, { body: new TextEncoder().encode('Grüße') }),
  );
  const head = value as JsonObject;
  assert.equal(head.status, 201);
  assert.equal(head.url, `${url}/x?y=1`);
  assert.equal((head.headers as JsonObject)['x-method'], 'POST');
  assert.equal(text(blobs), 'Grüße');
});

for (const url of [
  'http://127.0.0.1:1/',
  'http://[::1]/',
  'http://2130706433/',
  'http://169.254.169.254/latest/meta-data',
  'http://10.1.2.3/',
  'http://[::ffff:127.0.0.1]/',
]) {
  test(`${url} is refused before anything is sent`, async () => {
    await assert.rejects(guarded.fetch(request(url)), {
      code: 'REFUSED',
      message: /private, loopback or otherwise reserved/,
    });
  });
}

test('a name that leads to a refused address is refused after DNS', async () => {
  await assert.rejects(guarded.fetch(request('http://localhost:1/')), {
    code: 'REFUSED',
    message: /localhost \((127\.0\.0\.1|::1)\) is a private/,
  });
});

test('a redirect is checked anew', async (t) => {
  const url = await serve(t, (_, outgoing) => outgoing.writeHead(302, { location: 'http://169.254.169.254/' }).end());
  const onlyLoopback = createOutboundHttp({
    clock,
    secret: () => undefined,
    isAllowedAddress: (address) => address === '127.0.0.1',
  });
  await assert.rejects(onlyLoopback.fetch(request(url)), {
    code: 'REFUSED',
    message: /169\.254\.169\.254 is a private/,
  });
  await assert.rejects(open.fetch(request(url, {}, { permissions: ['http:127.0.0.1'] })), {
    code: 'REFUSED',
    message: /no permission for 169\.254\.169\.254/,
  });
});

test('redirects are followed as browsers do, and counted', async (t) => {
  const seen: string[] = [];
  const url = await serve(t, (incoming, outgoing) => {
    seen.push(`${incoming.method} ${incoming.url}`);
    if (incoming.url === '/start') outgoing.writeHead(303, { location: '/end' }).end();
    else if (incoming.url === '/loop') outgoing.writeHead(307, { location: '/loop' }).end();
    else outgoing.end('arrived');
  });
  const { blobs } = await open.fetch(request(`${url}/start`, { method: 'POST' }, { body: new Uint8Array(3) }));
  assert.equal(text(blobs), 'arrived');
  assert.deepEqual(seen, ['POST /start', 'GET /end']);
  await assert.rejects(open.fetch(request(`${url}/loop`, { maxRedirects: 2 })), {
    code: 'REFUSED',
    message: /redirected more than 2 times/,
  });
  assert.equal(seen.filter((one) => one.endsWith('/loop')).length, 3);
});

test('a secret is filled in for its host only, and stays behind on a redirect', async (t) => {
  const seen: (string | undefined)[] = [];
  const other = await serve(t, (incoming, outgoing) => {
    seen.push(incoming.headers.authorization);
    outgoing.end();
  });
  const elsewhere = other.replace('127.0.0.1', 'localhost');
  const url = await serve(t, (incoming, outgoing) => {
    seen.push(incoming.headers.authorization);
    outgoing.writeHead(302, { location: other }).end();
  });
  const headers = { Authorization: `Bearer ${secretPlaceholder('KEY')}` };
  const permissions = ['http:*', 'secret:KEY@127.0.0.1'];
  await open.fetch(request(url, { headers }, { permissions }));
  assert.deepEqual(seen, ['Bearer s3cret', undefined]);
  await assert.rejects(open.fetch(request(elsewhere, { headers }, { permissions })), {
    code: 'REFUSED',
    message: /The secret "KEY" may not go to localhost/,
  });
  const unset = { headers: { Authorization: secretPlaceholder('NONE') } };
  await assert.rejects(open.fetch(request(url, unset, { permissions: ['http:*', 'secret:NONE@127.0.0.1'] })), {
    code: 'NOT_FOUND',
    message: /"NONE" is not set/,
  });
});

test('a secret does not come back with a redirect by another origin', async (t) => {
  const seen: string[] = [];
  let back = '';
  const other = await serve(t, (_, outgoing) => outgoing.writeHead(302, { location: `${back}/again` }).end());
  back = await serve(t, (incoming, outgoing) => {
    seen.push(`${incoming.url} ${incoming.headers.authorization}`);
    if (incoming.url === '/') outgoing.writeHead(302, { location: other }).end();
    else outgoing.end();
  });
  const headers = { authorization: secretPlaceholder('KEY') };
  await open.fetch(request(back, { headers }, { permissions: ['http:*', 'secret:KEY@127.0.0.1'] }));
  assert.deepEqual(seen, ['/ s3cret', '/again undefined']);
});

test('a body beyond the limit keeps its beginning, also when it was packed', async (t) => {
  const url = await serve(t, (incoming, outgoing) => {
    if (incoming.url === '/packed')
      outgoing.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('x'.repeat(5_000_000)));
    else outgoing.end('y'.repeat(5000));
  });
  for (const path of ['/plain', '/packed']) {
    await assert.rejects(
      open.fetch(request(url + path, { maxBytes: 1000 })),
      (error: Error & { code?: string; details?: { output?: string } }) => {
        assert.equal(error.code, 'TOO_LARGE');
        assert.equal(error.details?.output?.length, 1000);
        return true;
      },
    );
  }
});

test('the beginning of a body is an answer for who wants it, and says why it is no more', async (t) => {
  const url = await serve(t, (incoming, outgoing) => {
    switch (incoming.url) {
      case '/large':
        outgoing.end('y'.repeat(5000));
        break;
      case '/bomb':
        outgoing.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('x'.repeat(50_000_000)));
        break;
      case '/broken':
        outgoing.writeHead(200, { 'content-length': '100' }).write('the first', () => outgoing.destroy());
        break;
      case '/nothing':
        outgoing.writeHead(200, { 'content-length': '100' }).flushHeaders();
        setImmediate(() => outgoing.destroy());
        break;
      default:
        outgoing.write('slow');
    }
  });
  const kept = async (path: string, more: JsonObject = {}) => {
    const { value, blobs } = await open.fetch(request(url + path, { maxBytes: 1000, keepIncomplete: true, ...more }));
    return [(value as JsonObject).incomplete, text(blobs)];
  };
  assert.deepEqual(await kept('/large'), ['too-large', 'y'.repeat(1000)]);
  assert.deepEqual(await kept('/bomb'), ['too-large', 'x'.repeat(1000)]);
  assert.deepEqual(await kept('/broken'), ['broken-off', 'the first']);
  assert.deepEqual(await kept('/slow', { timeoutMs: 300 }), ['timeout', 'slow']);
  assert.deepEqual(await kept('/large', { maxBytes: 5000 }), [undefined, 'y'.repeat(5000)]);
  await assert.rejects(kept('/nothing'), { code: 'UNAVAILABLE' });
  await assert.rejects(open.fetch(request(`${url}/broken`)), { code: 'UNAVAILABLE' });
  const controller = new AbortController();
  const slow = open.fetch(request(`${url}/slow`, { keepIncomplete: true }, { signal: controller.signal }));
  setTimeout(() => controller.abort(), 50);
  await assert.rejects(slow, { code: 'CANCELLED' });
});

test('a private origin that the operator named is reached by the plugin it is named for, by its name only', async (t) => {
  const search = await serve(t, (incoming, outgoing) => {
    if (incoming.url === '/moved') outgoing.writeHead(302, { location: '/search' }).end();
    else if (incoming.url === '/away') outgoing.writeHead(302, { location: 'http://127.0.0.1:1/' }).end();
    else outgoing.end('found');
  });
  const http = createOutboundHttp({
    clock,
    secret: () => undefined,
    privateOrigins: { p: [`${search}/some/path`, 'http://169.254.169.254'] },
  });
  assert.equal(text((await http.fetch(request(`${search}/moved`))).blobs), 'found');
  const refused = { code: 'REFUSED', message: /private, loopback or otherwise reserved/ };
  await assert.rejects(http.fetch(request(`${search}/away`)), refused);
  await assert.rejects(http.fetch(request(search, {}, { plugin: 'q' })), refused);
  await assert.rejects(http.fetch(request(search, {}, { plugin: 'constructor' })), refused);
  await assert.rejects(http.fetch(request(search.replace('127.0.0.1', '127.0.0.2'))), refused);
});

test('no redirect by others leads to a private origin that the operator named', async (t) => {
  const search = await serve(t, (_, outgoing) => outgoing.end('found'));
  const outside = await serve(t, (_, outgoing) => outgoing.writeHead(302, { location: search }).end());
  const http = createOutboundHttp({
    clock,
    secret: () => undefined,
    isAllowedAddress: (address) => address === '127.0.0.2',
    privateOrigins: { p: [search] },
  });
  const elsewhere = outside.replace('127.0.0.1', '127.0.0.2');
  await assert.rejects(http.fetch(request(elsewhere)), { code: 'REFUSED', message: /127\.0\.0\.1 is a private/ });
});

test('a server that does not answer in time, and a caller that gives up, end the request', async (t) => {
  const url = await serve(t, () => {});
  const fake = createFakeClock();
  const timed = createOutboundHttp({ clock: fake, secret: () => undefined, isAllowedAddress: () => true });
  const late = timed.fetch(request(url, { timeoutMs: 30_000 }));
  const failed = assert.rejects(late, {
    code: 'TIMEOUT',
    message: /did not answer within 30000 ms/,
  });
  await fake.advance(30_000);
  await failed;
  const controller = new AbortController();
  const fetching = open.fetch(request(url, {}, { signal: controller.signal }));
  controller.abort();
  await assert.rejects(fetching, { code: 'CANCELLED' });
});

test('a server that breaks off, or is not there, is told', async (t) => {
  const url = await serve(t, (incoming) => incoming.socket.destroy());
  await assert.rejects(open.fetch(request(url)), { code: 'UNAVAILABLE', message: /could not be reached/ });
  await assert.rejects(open.fetch(request('http://127.0.0.1:1/')), { code: 'UNAVAILABLE', message: /ECONNREFUSED/ });
});

test('an empty answer that names an encoding is empty', async (t) => {
  const url = await serve(t, (_, outgoing) => outgoing.writeHead(204, { 'content-encoding': 'gzip' }).end());
  const { blobs } = await open.fetch(request(url));
  assert.equal(blobs[0]?.byteLength, 0);
});

const badRequests: readonly (readonly [JsonObject, RegExp])[] = [
  [{ url: 'nowhere' }, /is not a URL/],
  [{ url: 'file:///etc/passwd' }, /only http and https/],
  [{ url: 'http://me:pass@example.com/' }, /must not hold a user name/],
  [{ url: 'http://example.com/', headers: { Host: 'evil' } }, /"Host" is set by the host/],
  [{ url: 'http://example.com/', headers: { 'x-a': 'b\r\nx-c: d' } }, /holds a line break/],
  [{ url: 'http://example.com/', headers: { 'a b': 'c' } }, /header name "a b" is none/],
  [{ url: 'http://example.com/', method: 'GET /x' }, /method "GET \/x" is none/],
  [{ url: 'http://example.com/', timeoutMs: -1 }, /"timeoutMs" must be a number/],
];
for (const [args, pattern] of badRequests) {
  test(`the request ${JSON.stringify(args)} is refused`, async () => {
    await assert.rejects(guarded.fetch(request('', args)), (error: Error) => pattern.test(error.message));
  });
}

test('a host without permission is refused, naming what to declare', async () => {
  await assert.rejects(guarded.fetch(request('https://example.com/', {}, { permissions: [] })), {
    code: 'REFUSED',
    message: 'The plugin "p" has no permission for example.com: declare "http:example.com" in its manifest.',
  });
});

test('a server that tells what it was sent does not tell a secret to the plugin', async (t) => {
  const value = 'a-longer-s3cret+value';
  const url = await serve(t, (incoming, response) => {
    const told = String(incoming.headers.authorization);
    response.setHeader('x-seen', told);
    response.end(
      Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(`${told} ${Buffer.from(value).toString('base64')}`)]),
    );
  });
  const http = createOutboundHttp({ clock, secret: () => value, isAllowedAddress: () => true });
  const permissions = ['http:*', 'secret:KEY@127.0.0.1'];
  const headers = { authorization: `Bearer ${secretPlaceholder('KEY')}` };
  const { value: head, blobs } = await http.fetch(request(url, { headers }, { permissions }));
  assert.deepEqual([...(blobs?.[0] ?? [])].slice(0, 2), [0xff, 0xfe]);
  const text = Buffer.from(blobs?.[0] ?? []).toString('latin1') + JSON.stringify(head);
  assert.match(text, /Bearer \[redacted\] \[redacted\]/);
  assert.ok(!text.includes(value));
});
