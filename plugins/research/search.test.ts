import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClayError, type JsonObject } from '@clay/sdk';
import { createTestHost, type HttpAnswer, type TestHostOptions } from '@clay/sdk/testing';
import research from './index.ts';
import manifest from './plugin.json' with { type: 'json' };
import { duckDuckGoPage } from './testing/pages.ts';

const plugin = { ...research, tables: manifest.tables };

const engines = {
  brave: 'api.search.brave.com',
  searxng: 'search.example',
  wikipedia: 'en.wikipedia.org',
  duckduckgo: 'html.duckduckgo.com',
} as const;
type Engine = keyof typeof engines;

const good: Readonly<Record<Engine, () => Response>> = {
  brave: () =>
    Response.json({ web: { results: [{ title: 'From Brave', url: 'https://brave.result/', description: 'b' }] } }),
  searxng: () =>
    Response.json({
      results: [{ title: 'From SearXNG', url: 'https://searxng.result/', content: 's' }, { url: 'javascript:1' }],
    }),
  wikipedia: () =>
    Response.json({
      pages: [
        {
          key: 'Tide_mill',
          title: 'Tide mill',
          description: 'water mill',
          excerpt: 'A <span class="searchmatch">tide mill</span> &amp; its pond&#39;s water',
        },
      ],
    }),
  duckduckgo: () => new Response(duckDuckGoPage, { headers: { 'content-type': 'text/html' } }),
};

/** A web of four engines; what a test does not name is down. */
function web(answers: Partial<Record<Engine, () => Response>>): HttpAnswer {
  return ({ url }) => {
    const engine = (Object.keys(engines) as Engine[]).find((one) => new URL(url).hostname === engines[one]);
    const answer = engine && answers[engine];
    if (answer === undefined) throw new ClayError('UNAVAILABLE', `${new URL(url).hostname} could not be reached: down`);
    return answer();
  };
}

const start = (http: HttpAnswer, more: Partial<TestHostOptions> = {}) => createTestHost(plugin, { http, ...more });
const key = { secrets: { BRAVE_API_KEY: 'brave-key' } };
const searxng = { config: { searxngUrl: 'https://search.example/' } };
const hostsOf = (requests: readonly Request[]) => requests.map(({ url }) => new URL(url).hostname);

test('with a key Brave is asked, and nobody else', async () => {
  await using host = await start(web(good), { ...key, ...searxng });
  const found = (await host.tool('web_search', { query: 'tide mills & ponds', limit: 3 })) as JsonObject;
  assert.partialDeepStrictEqual(found, { query: 'tide mills & ponds', provider: 'brave', count: 1 });
  assert.equal(found.failures, undefined);
  const [request] = host.requests;
  assert.equal(request?.headers.get('x-subscription-token'), 'brave-key');
  assert.equal(request?.url, 'https://api.search.brave.com/res/v1/web/search?q=tide+mills+%26+ponds&count=3');
  assert.deepEqual(hostsOf(host.requests), ['api.search.brave.com']);
  assert.match(
    String(found.results),
    /^<foreign-\w+ origin="web" source="search by brave">\n.*\n1\. From Brave\n {3}https:\/\/brave\.result\/\n {3}b\n<\/foreign-\w+>$/,
  );
});

test('without a key SearXNG is asked where it is configured, and what is no address is left out', async () => {
  await using host = await start(web(good), searxng);
  const found = (await host.tool('web_search', { query: 'x' })) as JsonObject;
  assert.partialDeepStrictEqual(found, { provider: 'searxng', count: 1 });
  assert.equal(host.requests[0]?.url, 'https://search.example/search?q=x&format=json');
});

test('without either DuckDuckGo and Wikipedia are asked together, and every address stands once', async () => {
  await using host = await start(web(good));
  const found = (await host.tool('web_search', { query: 'tide mill' })) as JsonObject;
  assert.partialDeepStrictEqual(found, { provider: 'duckduckgo and wikipedia', count: 2 });
  const text = String(found.results);
  assert.match(
    text,
    /\n1\. Tide mills & ponds\n {3}https:\/\/example\.org\/tide\?a=1\n {3}All about tide mills\.\n2\. Tide mill\n {3}https:\/\/en\.wikipedia\.org\/wiki\/Tide_mill\n {3}water mill: A tide mill & its pond's water\n/,
  );
  assert.doesNotMatch(text, /Buy mills/);
});

test('who fails is named with the reason, and the next one is asked', async () => {
  const answers = {
    ...good,
    brave: () => new Response('', { status: 429 }),
    searxng: () => new Response('', { status: 403 }),
    duckduckgo: () => new Response('<div class="anomaly-modal"></div>', { status: 202 }),
  };
  await using host = await start(web(answers), { ...key, ...searxng });
  const found = (await host.tool('web_search', { query: 'tide mill' })) as JsonObject;
  assert.equal(found.provider, 'wikipedia');
  assert.deepEqual(found.failures, [
    { provider: 'brave', error: 'api.search.brave.com answered HTTP 429: it was asked too often.' },
    {
      provider: 'searxng',
      error: 'search.example answered HTTP 403. Its settings.yml needs "search: formats: [html, json]".',
    },
    {
      provider: 'duckduckgo',
      error: 'DuckDuckGo asked for a captcha, as it does when programs ask it often; it is left alone for 10 min.',
    },
  ]);
});

test('after a captcha DuckDuckGo is left alone for a while', async () => {
  let isCaptcha = true;
  const duckduckgo = () => (isCaptcha ? new Response('<script src="/anomaly.js">') : good.duckduckgo());
  await using host = await start(web({ ...good, duckduckgo }));
  const asked = () => hostsOf(host.requests).filter((name) => name === engines.duckduckgo).length;
  await host.tool('web_search', { query: 'one' });
  isCaptcha = false;
  await host.advance(4 * 60_000);
  const second = (await host.tool('web_search', { query: 'two' })) as JsonObject;
  assert.match(JSON.stringify(second.failures), /left alone for 6 more min/);
  assert.equal(asked(), 1);
  await host.advance(6 * 60_000);
  const third = (await host.tool('web_search', { query: 'three' })) as JsonObject;
  assert.equal(third.provider, 'duckduckgo and wikipedia');
  assert.equal(asked(), 2);
});

test('when nobody answers, the error names each reason and what the operator can do', async () => {
  await using host = await start(web({ brave: () => new Response('<html>') }), key);
  await assert.rejects(host.tool('web_search', { query: 'x' }), (error: ClayError) => {
    assert.equal(error.code, 'UNAVAILABLE');
    assert.match(error.message, /^No search engine answered.*BRAVE_API_KEY.*searxngUrl/);
    assert.equal(
      error.details.output,
      'brave: api.search.brave.com answered with what is no JSON.\nduckduckgo: html.duckduckgo.com could not be reached: down\nwikipedia: en.wikipedia.org could not be reached: down',
    );
    return true;
  });
});

test('a search that finds nothing is no error', async () => {
  await using host = await start(web({ wikipedia: () => Response.json({ pages: [] }) }));
  const found = (await host.tool('web_search', { query: 'xyzzy' })) as JsonObject;
  assert.partialDeepStrictEqual(found, { count: 0, provider: 'wikipedia', results: '' });
  assert.match(JSON.stringify(found.failures), /duckduckgo/);
});

test('an answer of another shape than promised finds nothing', async () => {
  for (const body of ['null', '[]', '{"web":{"results":"x"}}', '{"web":{"results":[null,1,{"url":7}]}}']) {
    await using host = await start(web({ brave: () => new Response(body), wikipedia: good.wikipedia }), key);
    const found = (await host.tool('web_search', { query: 'x' })) as JsonObject;
    assert.equal(found.provider, 'wikipedia');
  }
});

test('the operator’s SearXNG is asked by searches, and is no page to read', async () => {
  await using host = await start(web(good), searxng);
  await assert.rejects(host.tool('web_fetch', { url: 'https://search.example/config' }), {
    code: 'REFUSED',
    message: /is the operator's search engine/,
  });
  assert.equal(host.requests.length, 0);
});

test('a SearXNG behind a private address says how the operator opens it', async () => {
  const refused = () => {
    throw new ClayError('REFUSED', '10.0.0.7 is a private address.');
  };
  await using host = await start(web({ ...good, searxng: refused }), searxng);
  const found = (await host.tool('web_search', { query: 'x' })) as JsonObject;
  assert.match(
    JSON.stringify(found.failures),
    /\\"privateOrigins\\": \{ \\"research\\": \[\\"https:\/\/search\.example\\"\] \}/,
  );
});

test('a search needs words, and gives no more than asked for', async () => {
  await using host = await start(web(good));
  for (const args of [
    {},
    { query: '  ' },
    { query: 'x', limit: 0 },
    { query: 'x', limit: 21 },
    { query: 'x'.repeat(501) },
  ])
    await assert.rejects(host.tool('web_search', args), { code: 'BAD_ARGUMENTS' });
  const found = (await host.tool('web_search', { query: 'x', limit: 1 })) as JsonObject;
  assert.equal(found.count, 1);
});
