import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '@clay/sdk';
import { createTestHost, type HttpAnswer, type TestHost } from '@clay/sdk/testing';
import research from './index.ts';
import manifest from './plugin.json' with { type: 'json' };

const plugin = { ...research, tables: manifest.tables };

function start(http: HttpAnswer) {
  return createTestHost(plugin, { http, config: { hostDelayMs: 0, pageChars: 3000 } });
}

async function readAll(host: TestHost, urls: readonly string[], more: JsonObject = {}): Promise<readonly JsonObject[]> {
  const { pages } = (await host.tool('web_read', { urls, ...more })) as { pages: readonly JsonObject[] };
  return pages;
}

const robots = `# who may read
User-agent: GreedyBot
User-agent: OtherBot
Disallow: /

User-agent: *
Disallow: /private/
Allow: /private/but-this$
Crawl-delay: 2
`;

test('several pages are read side by side, each in its share, and each failure stands by its page', async () => {
  await using host = await start(({ url }) => {
    if (url.endsWith('/robots.txt')) return new Response('', { status: 404 });
    if (url.endsWith('/gone')) return new Response('', { status: 410 });
    return new Response(`${url} ${'text '.repeat(2000)}`);
  });
  const urls = [
    'https://a.example/1',
    'https://b.example/gone',
    'nonsense',
    'https://c.example/1',
    'https://a.example/1',
  ];
  const told = (await host.tool('web_read', { urls })) as { read: number; pages: readonly JsonObject[] };
  assert.equal(told.read, 2);
  assert.equal(told.pages.length, 4);
  const [first, gone, nonsense, last] = told.pages as readonly [JsonObject, JsonObject, JsonObject, JsonObject];
  assert.match(String(first.text), /origin="web" source="https:\/\/a\.example\/1"/);
  assert.ok(Number(first.next_start) <= 750);
  assert.equal(last.characters, 'https://c.example/1 '.length + 10_000);
  assert.partialDeepStrictEqual(gone, { url: 'https://b.example/gone', code: 'NOT_FOUND' });
  assert.partialDeepStrictEqual(nonsense, { url: 'nonsense', code: 'BAD_ARGUMENTS' });
  const [second] = await readAll(host, ['https://a.example/1'], { start: Number(first.next_start) });
  assert.equal(second?.start, first.next_start);
});

test('where robots.txt asks programs not to read, several pages are not read, and a single one is', async () => {
  await using host = await start(({ url }) => new Response(url.endsWith('/robots.txt') ? robots : 'the page'));
  const pages = await readAll(host, ['https://a.example/private/x', 'https://a.example/private/but-this']);
  assert.partialDeepStrictEqual(pages[0], {
    code: 'REFUSED',
    error:
      'The robots.txt of a.example asks programs not to read /private/x. Use another source, or tell the person; web_fetch reads a single page that a person asked for.',
  });
  const crawled = readAll(host, ['https://a.example/open']);
  await host.advance(2000);
  assert.match(String((await crawled)[0]?.text), /the page/);
  const asked = host.requests.map(({ url }) => url);
  assert.equal(asked.filter((url) => url.endsWith('/robots.txt')).length, 1);
  assert.ok(!asked.includes('https://a.example/private/x'));
  const one = host.tool('web_fetch', { url: 'https://a.example/private/x' });
  await host.advance(2000);
  assert.match(String(((await one) as JsonObject).text), /the page/);
});

test('a pause that robots.txt asks for is kept between pages', async () => {
  await using host = await start(({ url }) => new Response(url.endsWith('/robots.txt') ? robots : 'the page'));
  const reading = readAll(host, ['https://a.example/1', 'https://a.example/2']);
  await host.advance(0);
  const pages = () => host.requests.filter(({ url }) => !url.endsWith('/robots.txt')).length;
  await host.advance(1999);
  assert.equal(pages(), 1);
  await host.advance(1);
  assert.equal((await reading).length, 2);
  assert.equal(pages(), 2);
});

test('a rule for us counts more than one for all, also among many names', async () => {
  const many = Array.from({ length: 1000 }, (_, index) => `User-agent: Bot${index}`).join('\n');
  const text = `${many}\nUser-agent: claybot\nDisallow: /no\nUser-agent: *\nDisallow: /\n`;
  await using host = await start(({ url }) => new Response(url.endsWith('/robots.txt') ? text : 'the page'));
  const pages = await readAll(host, ['https://a.example/no', 'https://a.example/yes']);
  assert.deepEqual(
    pages.map(({ code }) => code),
    ['REFUSED', undefined],
  );
});

test('a hostile robots.txt of many names and rules is read in time', async () => {
  const text = `${Array.from({ length: 15_000 }, (_, index) => `User-agent: b${index}`).join('\n')}\n${'Disallow: /*a*b*c\n'.repeat(15_000)}`;
  await using host = await start(({ url }) => new Response(url.endsWith('/robots.txt') ? text : 'the page'));
  const started = performance.now();
  const [page] = await readAll(host, [`https://a.example/${'a'.repeat(1900)}`]);
  assert.match(String(page?.text), /the page/);
  assert.ok(performance.now() - started < 5000);
});

test('a site whose robots.txt fails is not crawled, and the reason is told', async () => {
  await using host = await start(({ url }) => new Response('x', { status: url.endsWith('/robots.txt') ? 503 : 200 }));
  const [page] = await readAll(host, ['https://a.example/1']);
  assert.partialDeepStrictEqual(page, {
    code: 'UNAVAILABLE',
    error: 'https://a.example/robots.txt could not be read, so nothing there is crawled: the server answered 503',
  });
  assert.equal(host.requests.length, 1);
});

test('where a page redirects to, robots.txt counts too', async () => {
  await using host = await start(({ url }) => {
    if (url.endsWith('/robots.txt')) return new Response(url.includes('b.example') ? robots : '');
    const response = new Response('moved');
    Object.defineProperty(response, 'url', { value: 'https://b.example/private/x' });
    return response;
  });
  const [page] = await readAll(host, ['https://a.example/1']);
  assert.equal(page?.code, 'REFUSED');
  assert.match(String(page?.error), /robots\.txt of b\.example/);
});

test('the research agent reads by the tools that obey robots.txt, and is told to cite', async () => {
  await using host = await start(() => new Response(''));
  const declared = host.capabilities.get('agent:research')?.details.definition as JsonObject;
  assert.deepEqual(declared.tools, ['web_search', 'web_read']);
  assert.match(String(declared.instruction), /Sources:/);
  for (const tool of declared.tools as string[]) assert.ok(host.capabilities.has(`tool:${tool}`));
});
