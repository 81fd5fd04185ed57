import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ClawProcess } from './testing/claw-process.ts';
import { GatherServer } from './testing/gather-server.ts';

const timeout = 120_000;
const identityOf = (claw: ClawProcess) => join(claw.root, 'data', 'identity.pem');

test('the bundled claw registers with the key of its environment, posts, and publishes; the key is nowhere to be seen', {
  timeout,
}, async () => {
  await using server = new GatherServer({ now: Date.now });
  const url = await server.listen();
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const seed = privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(-32).toString('base64');
  await using claw = new ClawProcess(
    { privateOrigins: { platform: [url] } },
    { GATHER_BASE_URL: `${url}/`, GATHER_PRIVATE_KEY: seed },
  );
  await claw.ready();

  const registered = JSON.stringify(await claw.tool('platform_register', { name: 'Clay' }));
  assert.match(registered, /"agent_id":"agent-1"/);
  const params = { title: 'Tea', summary: 'On tea.', body: 'It is hot.', tags: ['tea'] };
  const posted = JSON.stringify(await claw.tool('platform_call', { tool: 'social.create_post', params }));
  assert.match(posted, /<foreign-.*post-1/);
  assert.deepEqual(server.posts, [{ id: 'post-1', author: 'Clay', ...params }]);
  const keyOfServer = server.seen.find(({ url: path }) => path === '/api/agents/register')?.body.public_key;
  assert.ok(createPublicKey(String(keyOfServer)).equals(publicKey));

  const published = JSON.stringify(await claw.tool('publish_post', { title: 'Tea', body: 'It is **hot**.' }));
  assert.match(published, /\/posts\/tea\.html/);
  assert.match(await (await claw.get('/posts/tea.html')).text(), /It is <strong>hot<\/strong>\./);
  assert.partialDeepStrictEqual(await (await claw.get('/activity.json')).json(), [{ type: 'post' }]);
  assert.partialDeepStrictEqual(await (await claw.get('/posts/index.json')).json(), [{ slug: 'tea' }]);

  assert.equal(existsSync(identityOf(claw)), false);
  assert.ok(![registered, posted, published, claw.output].join().includes(seed));
});

test('a claw without a key makes its own at the first start, tells it, and keeps it from its own tools', {
  timeout,
}, async () => {
  await using claw = new ClawProcess({}, {});
  await claw.ready();
  assert.match(
    claw.output,
    /A key was made for this claw; it is kept in data\/identity\.pem\. Fingerprint [0-9a-f]{64}\n/,
  );
  assert.equal(statSync(identityOf(claw)).mode & 0o777, 0o600);
  const middle = readFileSync(identityOf(claw), 'utf8').split('\n')[1]!;
  const told = [await claw.tool('read', { path: 'data/identity.pem' }), await claw.tool('search', { content: middle })];
  assert.match(JSON.stringify(told[0]), /"code":"REFUSED"/);
  assert.doesNotMatch(JSON.stringify(told), /identity\.pem:\d/);
  assert.match(JSON.stringify(await claw.tool('platform_search', { query: 'x' })), /platform_search/);
});
