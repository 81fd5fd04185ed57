import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createFixture } from '../testing/gateway-fixture.ts';
import { layOutPublicFolder } from './lay-out.ts';

const root = mkdtempSync(join(tmpdir(), 'clay-public-'));
const folder = join(root, 'public');
layOutPublicFolder(folder, true);
mkdirSync(join(folder, 'posts'));
mkdirSync(join(folder, '.git'));
mkdirSync(join(folder, 'empty'));
writeFileSync(join(folder, 'posts', 'index.html'), '<h1>Posts</h1>');
writeFileSync(join(folder, 'app.js'), 'export const one = 1;');
writeFileSync(join(folder, '.env'), 'KEY=confidential');
writeFileSync(join(folder, '.git', 'config'), 'confidential');
writeFileSync(join(root, 'secret.txt'), 'confidential');
symlinkSync(join(root, 'secret.txt'), join(folder, 'link.txt'));
symlinkSync(root, join(folder, 'up'));
symlinkSync('app.js', join(folder, 'alias.js'));
symlinkSync('loop', join(folder, 'loop'));

// A claw that the world can reach: whatever is not the public page wants the token.
const { gateway } = await createFixture({ env: { CLAY_ROOT: root, CLAY_HOST: '0.0.0.0' } });
after(async () => {
  await gateway.close();
  rmSync(root, { recursive: true });
});

const visit = (url: string, headers: Record<string, string> = {}, method: 'GET' | 'HEAD' | 'POST' = 'GET') =>
  gateway.publicApp.inject({ method, url, headers: { host: 'claw.example', ...headers } });

test('a visitor without a token sees the front page, its folders and its files', async () => {
  const front = await visit('/');
  assert.equal(front.statusCode, 200);
  assert.match(front.headers['content-type'] as string, /^text\/html/);
  assert.match(front.body, /A claw lives here/);
  assert.equal((await visit('/index.html')).body, front.body);
  assert.equal((await visit('/posts/')).body, '<h1>Posts</h1>');
  assert.equal((await visit('/app.js')).body, 'export const one = 1;');
  assert.equal((await visit('/alias.js')).body, 'export const one = 1;');
  assert.equal((await visit('/activity.json')).json().length, 0);
  const head = await visit('/', {}, 'HEAD');
  assert.equal(head.body, '');
  assert.equal(head.headers['content-length'], String(Buffer.byteLength(front.body)));
});

test('a page of the agent has an origin of its own, so that its scripts have no power over the claw', async () => {
  for (const url of ['/', '/posts/', '/app.js', '/activity.json', '/nothing']) {
    const { headers } = await visit(url, { accept: 'text/html' });
    assert.match(headers['content-security-policy'] as string, /^sandbox (?!.*allow-same-origin)/, url);
    assert.equal(headers['access-control-allow-origin'], '*', url);
    assert.equal(headers['x-content-type-options'], 'nosniff', url);
    assert.equal(headers['set-cookie'], undefined, url);
  }
});

test('a script of the page learns that a file is not there yet, though it asks from an origin of its own', async () => {
  const { statusCode, headers } = await visit('/posts/index.json', { origin: 'null' });
  assert.equal(statusCode, 404);
  assert.equal(headers['access-control-allow-origin'], '*');
  assert.equal(headers['cross-origin-resource-policy'], 'cross-origin');
});

test('an unchanged page is answered by its ETag alone, and a changed one at once', async () => {
  const first = await visit('/app.js');
  const again = await visit('/app.js', { 'if-none-match': first.headers.etag as string });
  assert.equal(again.statusCode, 304);
  assert.equal(again.headers['cache-control'], 'no-cache');
  writeFileSync(join(folder, 'app.js'), 'export const two = 22;');
  const changed = await visit('/app.js', { 'if-none-match': first.headers.etag as string });
  assert.equal(changed.body, 'export const two = 22;');
  writeFileSync(join(folder, 'app.js'), 'export const one = 1;');
  const part = await visit('/app.js', { range: 'bytes=0-5' });
  assert.equal(part.statusCode, 206);
  assert.equal(part.body, 'export');
});

test('nothing outside of the folder, nothing hidden and no list of files is served', async () => {
  const addresses = [
    '/.env',
    '/.git/config',
    '/link.txt',
    '/up/secret.txt',
    '/up/',
    '/empty/',
    '/loop',
    '/%00',
    '/a%5cb',
  ];
  const escapes = [
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/posts/../../secret.txt',
    '//etc/passwd',
  ];
  for (const url of [...addresses, ...escapes, `/${'a'.repeat(300)}`]) {
    const answer = await visit(url);
    assert.equal(answer.statusCode, 404, url);
    assert.doesNotMatch(answer.body, /confidential|root:/, url);
  }
});

test('a folder without its slash is told where it is, on this host', async () => {
  assert.equal((await visit('/posts?x=1')).headers.location, '/posts/?x=1');
  assert.equal((await visit('//posts')).headers.location, '/posts/');
});

test('a person who follows a dead link gets a page, a program what it gets everywhere', async () => {
  const page = await visit('/gone', { accept: 'text/html,*/*' });
  assert.equal(page.statusCode, 404);
  assert.match(page.body, /There is nothing here/);
  assert.equal((await visit('/gone', { accept: 'application/json' })).json().code, 'NOT_FOUND');
  assert.equal((await visit('/api/none')).json().code, 'NOT_FOUND');
});

test('the page stands apart from the control plane: the same visitor may use nothing else', async () => {
  for (const url of ['/api/list-apps', '/api/admin/plugins', '/metrics'])
    assert.ok([401, 403].includes((await visit(url)).statusCode), url);
  assert.equal((await visit('/dev-ui/')).statusCode, 302);
  const message = await gateway.publicApp.inject({
    method: 'POST',
    url: '/msg',
    headers: { host: 'claw.example', origin: 'null' },
    payload: { text: 'hello' },
  });
  assert.equal(message.statusCode, 403);
  assert.equal((await visit('/', {}, 'POST')).statusCode, 404);
});

test('only a new claw is given a front page: one that was emptied or has pages of its own is left as it is', () => {
  const emptied = join(root, 'emptied');
  layOutPublicFolder(emptied, false);
  assert.deepEqual(readdirSync(emptied), []);
  const own = join(root, 'own');
  mkdirSync(own);
  writeFileSync(join(own, 'index.html'), 'mine');
  layOutPublicFolder(own, true);
  assert.deepEqual(readdirSync(own), ['index.html']);
  assert.equal(readFileSync(join(own, 'index.html'), 'utf8'), 'mine');
});
