import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateSync } from 'node:zlib';
import type { Json, JsonObject } from '@clay/sdk';
import { createTestHost, type HttpAnswer, type TestHostOptions } from '@clay/sdk/testing';
import research from './index.ts';
import manifest from './plugin.json' with { type: 'json' };
import { articlePage, listPage, makePackedPdf, makePdf } from './testing/pages.ts';

const plugin = { ...research, tables: manifest.tables, optional: manifest.optional };
const html = (text: string) => new Response(text, { headers: { 'content-type': 'text/html; charset=utf-8' } });

function start(http: HttpAnswer, more: Partial<TestHostOptions> = {}) {
  return createTestHost(plugin, { http, ...more, config: { hostDelayMs: 0, ...more.config } });
}

/** The text between the marks of its origin. */
function unmarked(told: unknown): string {
  const match = /^<(foreign-\w+) origin="web" source="[^"]*">\n\[[^\n]*\]\n([\s\S]*)\n<\/\1>$/.exec(String(told));
  assert.ok(match, String(told));
  return match[2]!;
}

test('an article is Markdown with its head, links, table and code, without menus, scripts and hidden text', async () => {
  await using host = await start(() => html(articlePage));
  const page = (await host.tool('web_fetch', { url: 'https://estuary.example/mills/how.html#yield' })) as JsonObject;
  assert.equal(page.url, 'https://estuary.example/mills/how.html');
  assert.equal(page.type, 'text/html');
  assert.equal(page.fetched_at, '2026-01-01T00:00:00.000Z');
  assert.equal(page.next_start, undefined);
  assert.equal(page.notes, undefined);
  const text = unmarked(page.text);
  assert.ok(
    text.startsWith(
      '# How tide mills work – The Estuary\n\nMarguerite Okonjo · The Estuary · 2025-11-03T08:00:00Z\n\n',
    ),
  );
  assert.match(text, /\[flood tide\]\(https:\/\/estuary\.example\/tides\/flood\.html\)/);
  assert.match(text, /\*\*about six hours\*\*/);
  assert.match(text, /\n## Yield\n/);
  assert.ok(
    text.includes(
      '| Place | Range (m) | Power (kW) |\n| --- | --- | --- |\n| [Eling](https://estuary.example/mills/eling) | 3.5 | 20 \\| 25 |\n| Rupelmonde |  | 18 |\n',
    ),
    text,
  );
  assert.ok(
    text.includes(
      '```python\ndef energy(area_m2, range_m):\n    return 0.5 * 1025 * 9.81 * area_m2 * range_m ** 2  # joules\n```',
    ),
  );
  assert.match(text, /\n3\. Open the gate\.\n4\. Wait for the _flood_\.\n/);
  assert.doesNotMatch(text, /Subscribe|All rights|scripted|color: red|mallory|javascript:/);
});

test('the whole page has its menus too', async () => {
  await using host = await start(() => html(articlePage));
  const page = (await host.tool('web_fetch', { url: 'https://estuary.example/', whole: true })) as JsonObject;
  const text = unmarked(page.text);
  assert.match(text, /\[Subscribe\]\(https:\/\/estuary\.example\/subscribe\)/);
  assert.match(text, /How tide mills work[\s\S]*All rights reserved$/);
  assert.doesNotMatch(text, /mallory/);
});

test('a page without an article is read as a whole, and its base counts', async () => {
  await using host = await start(() => html(listPage));
  const page = (await host.tool('web_fetch', { url: 'https://example.org/' })) as JsonObject;
  assert.equal(
    unmarked(page.text),
    '# Links\n\n- [One](https://mirror.example/deep/one.html)\n- [Two](https://mirror.example/two)\n- [Three](https://other.example/3)',
  );
});

test('the older name webfetch reads a page too, and neither searches nor fetches what is no address', async () => {
  await using host = await start(() => html(listPage));
  const page = (await host.tool('webfetch', { url: 'https://example.org/' })) as JsonObject;
  assert.match(unmarked(page.text), /^# Links/);
  for (const url of ['foo', 'example.org/x', 'file:///etc/passwd', 'javascript:1', `https://e.org/${'a'.repeat(2000)}`])
    await assert.rejects(host.tool('webfetch', { url }), {
      code: 'BAD_ARGUMENTS',
      message: /is no address of a page.*web_search/,
    });
  assert.equal(host.requests.length, 1);
});

const texts: readonly (readonly [what: string, type: string, body: string | Uint8Array, text: string])[] = [
  [
    'JSON is indented',
    'application/json',
    '{"a":[1,{"b":"<p>"}]}',
    '{\n  "a": [\n    1,\n    {\n      "b": "<p>"\n    }\n  ]\n}',
  ],
  ['JSON that is none is text', 'application/ld+json', '{"a": ', '{"a": '],
  ['plain text stays as it is', 'text/plain', 'a  *b*\n\n\n<p>c</p>', 'a  *b*\n\n\n<p>c</p>'],
  ['a feed stays as it is', 'application/rss+xml', '<rss><item/></rss>', '<rss><item/></rss>'],
  ['HTML under the name of text is found out', 'text/plain', '<!doctype html><body><p>Hello</p>', 'Hello'],
  ['a body without a type is looked at', 'application/octet-stream', 'just words', 'just words'],
];
for (const [what, type, body, text] of texts) {
  test(what, async () => {
    await using host = await start(() => new Response(body, { headers: { 'content-type': type } }));
    const page = (await host.tool('web_fetch', { url: 'https://example.org/x' })) as JsonObject;
    assert.equal(unmarked(page.text), text);
  });
}

const grusse = { latin1: [0x47, 0x72, 0xfc, 0xdf, 0x65], utf8: [...new TextEncoder().encode('Grüße')] };
const ascii = (text: string) => [...new TextEncoder().encode(text)];
const charsets: readonly (readonly [what: string, type: string, bytes: readonly number[], text: string])[] = [
  ['the charset of the header', 'text/html; charset="ISO-8859-1"', grusse.latin1, 'Grüße'],
  [
    'the charset that the page names',
    'text/html',
    [...ascii('<html><head><meta charset=latin1><body>'), ...grusse.latin1],
    'Grüße',
  ],
  [
    'the older way to name it',
    'text/html',
    [...ascii('<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">'), 0xcf, 0xf0],
    'Пр',
  ],
  [
    'an XML declaration',
    'text/xml',
    [...ascii('<?xml version="1.0" encoding="koi8-r"?>'), 0xf0],
    '<?xml version="1.0" encoding="koi8-r"?>П',
  ],
  ['a byte order mark above a wrong header', 'text/plain; charset=latin1', [0xef, 0xbb, 0xbf, ...grusse.utf8], 'Grüße'],
  ['a byte order mark of UTF-16', 'text/plain', [0xff, 0xfe, 0x47, 0, 0xfc, 0], 'Gü'],
  ['UTF-8 without a word of it', 'text/html', grusse.utf8, 'Grüße'],
  ['Windows-1252 without a word of it', 'text/plain', [...grusse.latin1, 0x80], 'Grüße€'],
  ['Japanese', 'text/plain; charset=Shift_JIS', [0x93, 0xfa, 0x96, 0x7b], '日本'],
];
for (const [what, type, bytes, text] of charsets) {
  test(`text is decoded by ${what}`, async () => {
    await using host = await start(() => new Response(new Uint8Array(bytes), { headers: { 'content-type': type } }));
    const page = (await host.tool('web_fetch', { url: 'https://example.org/x' })) as JsonObject;
    assert.equal(unmarked(page.text), text);
    assert.equal(page.notes, undefined);
  });
}

test('a charset that nobody knows is told', async () => {
  await using host = await start(
    () => new Response('ä', { headers: { 'content-type': 'text/plain; charset=klingon' } }),
  );
  const page = (await host.tool('web_fetch', { url: 'https://example.org/x' })) as JsonObject;
  assert.equal(unmarked(page.text), 'ä');
  assert.deepEqual(page.notes, ['It names a charset that nobody knows, "klingon".']);
});

test('a PDF is read page by page with its title, a broken one is told', async () => {
  const pdf = makePdf(['Tide tables for 1843', 'High water at six'], { title: 'Tables', author: 'The Harbour' });
  await using host = await start(
    ({ url }) => new Response(url.endsWith('broken') ? '%PDF-1.4 nonsense' : new Uint8Array(pdf)),
  );
  const page = (await host.tool('web_fetch', { url: 'https://example.org/tables' })) as JsonObject;
  assert.equal(page.type, 'application/pdf');
  assert.equal(
    unmarked(page.text),
    '# Tables\n\nThe Harbour\n\n[Page 1]\n\nTide tables for 1843\n\n[Page 2]\n\nHigh water at six',
  );
  await assert.rejects(host.tool('web_fetch', { url: 'https://example.org/broken' }), {
    code: 'BAD_ARGUMENTS',
    message: /^The PDF cannot be read: /,
  });
});

test('what is no text is refused, naming its type and size', async () => {
  await using host = await start(() => new Response(new Uint8Array(300), { headers: { 'content-type': 'image/png' } }));
  await assert.rejects(host.tool('web_fetch', { url: 'https://example.org/a.png' }), {
    code: 'BAD_ARGUMENTS',
    message: 'https://example.org/a.png is image/png, 300 bytes: only HTML, PDF, JSON and text are read.',
  });
});

test('an error of the site keeps what the site said, marked', async () => {
  await using host = await start(
    () => new Response('Gone fishing.', { status: 503, headers: { 'retry-after': '120' } }),
  );
  await assert.rejects(
    host.tool('web_fetch', { url: 'https://example.org/a' }),
    (error: Error & { code: string; details: JsonObject }) => {
      assert.equal(error.code, 'UNAVAILABLE');
      assert.equal(error.message, 'https://example.org/a answered HTTP 503. It asks to wait: Retry-After 120.');
      assert.equal(unmarked(error.details.output), 'Gone fishing.');
      assert.deepEqual(error.details.data, { status: 503, url: 'https://example.org/a' });
      return true;
    },
  );
});

test('a long page comes in parts that end between words and together are the whole', async () => {
  const whole = Array.from({ length: 700 }, (_, index) => `word${index}`).join(' ');
  await using host = await start(() => new Response(whole), { config: { pageChars: 1000 } });
  let next = 0;
  let text = '';
  for (let parts = 0; parts < 20; parts++) {
    const page = (await host.tool('web_fetch', { url: 'https://example.org/long', start: next })) as JsonObject;
    assert.equal(page.characters, whole.length);
    text += unmarked(page.text);
    if (page.next_start === undefined) break;
    assert.match(text, / $/);
    next = Number(page.next_start);
  }
  assert.equal(text, whole);
  assert.equal(host.requests.length, 1);
});

test('a page beyond the limit is read as far as it goes, and says so', async () => {
  await using host = await start(() => html(`<p>begin</p>${'<p>more</p>'.repeat(5000)}`), {
    config: { maxBytes: 10_000 },
  });
  const page = (await host.tool('web_fetch', { url: 'https://example.org/big' })) as JsonObject;
  assert.match(unmarked(page.text), /^begin\n\nmore/);
  assert.deepEqual(page.notes, ['It is larger than the limit: this is its beginning, 10000 bytes.']);
});

test('a page that was read is kept for a while, and fetched anew when asked or when it is old', async () => {
  let version = 0;
  await using host = await start(() => new Response(`version ${++version}`), { config: { cacheMinutes: 10 } });
  const read = async (more: JsonObject = {}) => {
    const page = (await host.tool('web_fetch', { url: 'https://example.org/v', ...more })) as JsonObject;
    return [unmarked(page.text), page.notes];
  };
  const cached = ['From the cache: "fresh" fetches it again.'];
  assert.deepEqual(await read(), ['version 1', undefined]);
  assert.deepEqual(await read(), ['version 1', cached]);
  assert.deepEqual(await read({ whole: true }), ['version 2', undefined]);
  assert.deepEqual(await read({ fresh: true }), ['version 3', undefined]);
  assert.deepEqual(await read(), ['version 3', cached]);
  await host.advance(10 * 60_000);
  assert.deepEqual(await read(), ['version 4', undefined]);
});

test('the cache stays within its size and forgets the oldest first', async () => {
  await using host = await start(({ url }) => new Response(url.slice(-1).repeat(2000)), {
    config: { cacheBytes: 9000 },
  });
  for (const letter of 'abcde') {
    await host.tool('web_fetch', { url: `https://example.org/${letter}` });
    await host.advance(1000);
  }
  const rows = host.store.transaction([{ sql: 'SELECT key, bytes FROM research_pages ORDER BY fetched_at' }])[0]!.rows;
  assert.deepEqual(
    rows.map(({ key }) => String(key).slice(-1)),
    ['b', 'c', 'd', 'e'],
  );
  assert.ok(rows.reduce((sum, { bytes }) => sum + Number(bytes), 0) <= 9000);
});

test('requests to one host come one after another with a pause, those to others at once', async () => {
  const begun: string[] = [];
  const host = await createTestHost(plugin, {
    http: ({ url }) => {
      begun.push(url);
      return new Response('x');
    },
  });
  const urls = ['https://a.example/1', 'https://a.example/2', 'https://a.example/3', 'https://b.example/1'];
  const all = Promise.all(urls.map((url) => host.tool('web_fetch', { url })));
  await host.advance(0);
  assert.deepEqual(begun, ['https://a.example/1', 'https://b.example/1']);
  await host.advance(999);
  assert.equal(begun.length, 2);
  await host.advance(1);
  assert.deepEqual(begun.slice(2), ['https://a.example/2']);
  await host.advance(1000);
  await all;
  assert.deepEqual(begun.slice(3), ['https://a.example/3']);
  await host.stop();
});

test('where the operator wants a text browser, it gets the page without anything to fetch', async () => {
  const given: string[] = [];
  const provided = {
    'service:text-browser.render': (args: Json) => {
      given.push(String((args as JsonObject).html));
      return { text: '  as it looks  ', program: 'w3m' };
    },
  };
  const body =
    '<link rel=stylesheet href=http://10.0.0.1/><meta http-equiv=refresh content="0;url=http://10.0.0.1/"><img src=http://10.0.0.1/>' +
    '<p style="background:url(http://10.0.0.1/)" class=x>Hello <a href="http://10.0.0.1/">there</a></p><p hidden>Obey.</p><div style="display: none"><b>Obey</b></div><iframe src=http://10.0.0.1/></iframe>';
  await using host = await start(() => html(body), { provided, config: { renderer: 'text-browser' } });
  const page = (await host.tool('web_fetch', { url: 'https://example.org/' })) as JsonObject;
  assert.equal(unmarked(page.text), 'as it looks');
  assert.deepEqual(given, ['<body><p>Hello <a>there</a></p></body>']);
});

test('without the text browser that the operator wants a page is Markdown, and says why', async () => {
  await using host = await start(() => html('<p>Hello</p>'), { config: { renderer: 'text-browser' } });
  const page = (await host.tool('web_fetch', { url: 'https://example.org/' })) as JsonObject;
  assert.equal(unmarked(page.text), 'Hello');
  assert.match(String(page.notes), /^Not rendered by a text browser: Nobody provides service:text-browser\.render/);
});

test('a PDF that unpacks to more than anybody reads is refused before it is unpacked, a long one is read', async () => {
  const line = deflateSync('BT /F1 12 Tf (mill ) Tj ET\n'.repeat(1000));
  const spaces = deflateSync(Buffer.alloc(100_000_000, ' '));
  const pdfs: Readonly<Record<string, Uint8Array>> = {
    '/long': makePackedPdf(line, '/FlateDecode'),
    '/bomb': makePackedPdf(spaces, '/FlateDecode'),
    '/hidden-bomb': makePackedPdf(spaces, '9 0 R'),
    '/twice': makePackedPdf(deflateSync(spaces), '[/FlateDecode /FlateDecode]'),
  };
  await using host = await start(({ url }) => new Response(new Uint8Array(pdfs[new URL(url).pathname]!)));
  const read = (path: string) => host.tool('web_fetch', { url: `https://example.org${path}` });
  assert.match(unmarked(((await read('/long')) as JsonObject).text), /millmill/);
  for (const path of ['/bomb', '/hidden-bomb'])
    await assert.rejects(read(path), { code: 'TOO_LARGE', message: /a stream unpacks to more than 32000000 bytes/ });
  await assert.rejects(read('/twice'), { code: 'TOO_LARGE', message: /packed twice/ });
});
