import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ClawProcess } from './testing/claw-process.ts';
import { GatherServer } from './testing/gather-server.ts';

const timeout = 120_000;

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

  assert.equal(existsSync(join(claw.root, 'data', 'identity.pem')), false);
  assert.ok(![registered, posted, published, claw.output].join().includes(seed));
});
