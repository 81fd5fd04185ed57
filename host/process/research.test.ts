import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { ClayError, type JsonObject } from '@clay/sdk';
import manifest from '../../plugins/research/plugin.json' with { type: 'json' };
import { articlePage, makePdf } from '../../plugins/research/testing/pages.ts';
import { buildPlugin } from './testing/build-plugin.ts';
import { createGeneration, openVolume, type StartedGeneration, type TestVolume } from './testing/start-generation.ts';

/** Nobody waits longer for any page, however it was made. */
const hostileMs = 15_000;

/** Packed beforehand: that takes longer than a page may. */
const bomb = gzipSync(Buffer.alloc(100_000_000, 'x'));

const pages: Readonly<Record<string, RequestListener>> = {
  '/article': (_, out) => out.setHeader('content-type', 'text/html').end(articlePage),
  '/packed': (_, out) =>
    out
      .setHeader('content-type', 'text/html; charset=utf-8')
      .setHeader('content-encoding', 'br')
      .end(brotliCompressSync(articlePage)),
  '/pdf': (_, out) => out.end(makePdf(['Tide tables for 1843'], { title: 'Tables', author: 'The Harbour' })),
  '/latin': (_, out) =>
    out.setHeader('content-type', 'text/html; charset=iso-8859-1').end(Buffer.from('<p>Grüße aus Köln</p>', 'latin1')),
  '/json': (_, out) => out.setHeader('content-type', 'application/json').end('{"tides":[1,2]}'),
  '/metadata': (_, out) => out.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data/' }).end(),
  '/inside': (_, out) => out.writeHead(302, { location: 'http://10.0.0.1/admin' }).end(),
  '/loop': (_, out) => out.writeHead(302, { location: '/loop' }).end(),
  '/hop1': (_, out) => out.writeHead(301, { location: '/hop2' }).end(),
  '/hop2': (_, out) => out.writeHead(307, { location: '/article' }).end(),
  '/large': (_, out) => {
    out.setHeader('content-type', 'text/html').write('<p>It begins.</p>');
    out.end(`<p>${'tide, and mill; '.repeat(700_000)}</p>`);
  },
  '/bomb': (_, out) => out.setHeader('content-type', 'text/plain').setHeader('content-encoding', 'gzip').end(bomb),
  '/slow': (_, out) => {
    out.setHeader('content-type', 'text/html').write('<p>The first part.</p>');
  },
  '/silent': () => {},
  '/broken': (_, out) => {
    out.writeHead(200, { 'content-type': 'text/plain', 'content-length': '1000' });
    out.write('half of it', () => out.destroy());
  },
};

const hostile: Readonly<Record<string, string>> = {
  '50,000 nested elements': `${'<div>'.repeat(50_000)}deep`,
  'a giant attribute': `<p title="${'x'.repeat(4_000_000)}">text</p>`,
  'a million attributes': `<p ${Array.from({ length: 600_000 }, (_, index) => `a${index}`).join(' ')}>text</p>`,
  'thousands of attributes on each of many elements':
    `<p ${Array.from({ length: 300 }, (_, index) => `a${index}=1`).join(' ')}>text`.repeat(2000),
  'a million brackets': '<'.repeat(1_000_000),
  'a million entities': '&amp;'.repeat(900_000),
  'tags that do not end': '<a href="'.repeat(400_000),
  'scripts that do not end': '<script>'.repeat(500_000),
  'comments that do not end': '<!--'.repeat(900_000),
  'nested tables': '<table><tr><td>'.repeat(20_000),
  'a list of 15,000 items': `<ol>${'<li>item</li>'.repeat(15_000)}</ol>`,
  'four megabytes of one paragraph': `<article><p>${'a b, '.repeat(800_000)}</p></article>`,
  'scripts and frames':
    '<script>process.exit(1)</script><iframe src="http://10.0.0.1/"></iframe><img src=x onerror="process.exit(1)"><p>text</p>',
  'a broken PDF': `%PDF-1.7\n${'1 0 obj << /Type /Pages /Kids [1 0 R] /Count 1000000 >> endobj\n'.repeat(1000)}trailer << /Root 1 0 R >>`,
};

const builds = mkdtempSync(join(tmpdir(), 'clay-research-'));
const server = createServer((incoming, outgoing) => {
  const path = incoming.url ?? '';
  const attack = path.startsWith('/hostile/') ? hostile[decodeURIComponent(path.slice('/hostile/'.length))] : undefined;
  const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
  if (page !== undefined) page(incoming, outgoing);
  else if (attack === undefined) outgoing.writeHead(404).end('There is no such page.');
  else outgoing.setHeader('content-type', attack.startsWith('%PDF') ? 'application/pdf' : 'text/html').end(attack);
});
let origin = '';
let volume: TestVolume;
let research: StartedGeneration;

before(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await buildPlugin(join(import.meta.dirname, '../../plugins/research/index.ts'), builds);
  volume = openVolume();
  research = createGeneration(volume, {
    manifest: { ...manifest, placement: 'process' },
    plugin: join(builds, 'main.mjs'),
    config: { hostDelayMs: 0, timeoutMs: 2000, cacheMinutes: 0 },
    http: { isAllowedAddress: (address) => address === '127.0.0.1' },
  });
  await research.stage();
  await research.live();
});

after(async () => {
  await volume[Symbol.asyncDispose]();
  server.closeAllConnections();
  server.close();
  rmSync(builds, { recursive: true, force: true });
});

async function read(path: string, more: JsonObject = {}) {
  const page = (await research.call(
    'tool:web_fetch',
    { url: origin + path, ...more },
    { timeoutMs: hostileMs },
  )) as JsonObject;
  return { ...page, text: String(page.text), notes: page.notes ?? [] };
}

test('pages of each type are fetched through the guard and read in a process of their own', async () => {
  const article = await read('/article');
  assert.match(article.text, /\| Rupelmonde \| {2}\| 18 \|/);
  assert.match(article.text, new RegExp(`\\[flood tide\\]\\(${origin}/tides/flood.html\\)`));
  assert.equal((await read('/packed')).text.length, article.text.length - '/article'.length + '/packed'.length);
  assert.match((await read('/pdf')).text, /# Tables\n\nThe Harbour\n\nTide tables for 1843/);
  assert.match((await read('/latin')).text, /\nGrüße aus Köln\n/);
  assert.match((await read('/json')).text, /\n {2}"tides": \[\n/);
});

test('redirects are followed and counted, and none leads to a private address', async () => {
  assert.equal(((await read('/hop1')) as JsonObject).url, `${origin}/article`);
  await assert.rejects(read('/loop'), { code: 'REFUSED', message: /redirected more than 5 times/ });
  await assert.rejects(read('/metadata'), { code: 'REFUSED', message: /169\.254\.169\.254 is a private/ });
  await assert.rejects(read('/inside'), { code: 'REFUSED', message: /10\.0\.0\.1 is a private/ });
});

test('a body too large, too slow, packed to burst or broken off is read as far as it came', async () => {
  const large = await read('/large');
  assert.match(large.text, /It begins\.\n\ntide, and mill;/);
  assert.match(String(large.notes), /larger than the limit: this is its beginning, 5000000 bytes/);
  const bomb = await read('/bomb');
  assert.match(String(bomb.notes), /beginning, 5000000 bytes/);
  const slow = await read('/slow');
  assert.match(slow.text, /\nThe first part\.\n/);
  assert.match(String(slow.notes), /did not come to its end in time/);
  const broken = await read('/broken');
  assert.match(broken.text, /\nhalf of it\n/);
  assert.match(String(broken.notes), /The server broke off/);
});

test('a server that says nothing, or has no such page, is told', async () => {
  await assert.rejects(read('/silent'), { code: 'TIMEOUT', message: /did not answer within 2000 ms/ });
  await assert.rejects(read('/none'), (error) => {
    assert.ok(error instanceof ClayError);
    assert.equal(error.code, 'NOT_FOUND');
    assert.match(error.details.output ?? '', /origin="web"[\s\S]*\nThere is no such page\.\n/);
    return true;
  });
});

test('a caller that gives up is not answered, and the next one is', async () => {
  const controller = new AbortController();
  const reading = research.call('tool:web_fetch', { url: `${origin}/silent` }, { signal: controller.signal });
  controller.abort();
  await assert.rejects(reading, { code: 'CANCELLED' });
  assert.match((await read('/json')).text, /tides/);
});

for (const what of Object.keys(hostile)) {
  test(`hostile: ${what}`, { timeout: hostileMs + 5000 }, async () => {
    for (const whole of [false, true]) {
      const outcome = await read(`/hostile/${encodeURIComponent(what)}`, { whole }).catch((error: unknown) => error);
      if (outcome instanceof ClayError) assert.equal(outcome.code, 'BAD_ARGUMENTS', outcome.message);
      else assert.match((outcome as { text: string }).text, /^<foreign-[0-9a-f]{16} origin="web"/);
    }
    assert.deepEqual(research.deaths, []);
  });
}
