import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseFeed } from './parse-feed.ts';

const url = 'https://example.com/blog/feed.xml';

test('RSS 2.0 is read, with HTML in titles made plain and links made absolute', () => {
  const { title, items } = parseFeed(
    `<?xml version="1.0"?><!DOCTYPE rss><rss version="2.0" xmlns:dc="x"><channel><title>News &amp; more</title><link>https://example.com</link>
     <item><title><![CDATA[One <b>bold</b> &amp; free]]></title><link>/one</link><guid isPermaLink="false">1</guid>
       <pubDate>Sat, 21 Nov 2026 10:00:00 +0100</pubDate><description>&lt;p&gt;It&#8217;s&lt;/p&gt; here</description></item>
     <item><title>Two</title><guid>https://example.com/two</guid></item></channel></rss>`,
    url,
  );
  assert.equal(title, 'News & more');
  assert.deepEqual(items, [
    {
      id: '1',
      title: 'One bold & free',
      link: 'https://example.com/one',
      publishedAt: '2026-11-21T09:00:00.000Z',
      summary: 'It’s here',
    },
    {
      id: 'https://example.com/two',
      title: 'Two',
      link: 'https://example.com/two',
      publishedAt: null,
      summary: '',
    },
  ]);
});

test('Atom is read: the link to the page itself, and XHTML as its text', () => {
  const { items } = parseFeed(
    `<feed xmlns="http://www.w3.org/2005/Atom"><title type="text">A</title><entry><id>urn:1</id><title>T</title>
     <link rel="edit" href="edit"/><link rel="alternate" href="one"/><updated>2026-11-20T00:00:00Z</updated>
     <content type="xhtml"><div>Some <em>text</em></div></content></entry></feed>`,
    url,
  );
  assert.equal(items[0]?.link, 'https://example.com/blog/one');
  assert.equal(items[0]?.summary, 'Some text');
});

test('RSS 1.0, whose items stand beside the channel, is read', () => {
  const rdf =
    '<rdf:RDF><channel><title>C</title></channel><item><title>I</title><link>https://x.org/i</link><dc:date>2026-01-02</dc:date></item></rdf:RDF>';
  const { title, items } = parseFeed(rdf, url);
  assert.deepEqual([title, items[0]?.id, items[0]?.publishedAt], ['C', 'https://x.org/i', '2026-01-02T00:00:00.000Z']);
});

test('broken XML gives what can be read of it', () => {
  const broken =
    '<rss><channel><title>5 < 6</title></nothing><item><title>One</title><description>never closed <item><title>Two';
  assert.equal(parseFeed(broken, url).title, '5 < 6');
  assert.equal(parseFeed(broken, url).items[0]?.title, 'One');
});

test('a link that is no web address is left out', () => {
  const rss = '<rss><channel><item><title>Click</title><link>javascript:alert(1)</link></item></channel></rss>';
  assert.equal(parseFeed(rss, url).items[0]?.link, null);
});

test('entities that the document declares do not grow', () => {
  const bomb = `<!DOCTYPE a [<!ENTITY b "${'x'.repeat(1000)}">]><rss><channel><title>${'&b;'.repeat(10)}</title></channel></rss>`;
  assert.equal(parseFeed(bomb, url).title.includes('xxx'), false);
});

test('a page is refused with the feeds that it names, and elements too deep are refused', () => {
  const page = '<html><head><link rel="alternate" type="application/rss+xml" href="/feed"></head></html>';
  assert.throws(() => parseFeed(page, url), {
    code: 'BAD_ARGUMENTS',
    message: `${url} is neither RSS nor Atom. It names these feeds: https://example.com/feed.`,
  });
  assert.throws(() => parseFeed('no feed at all', url), { message: /It begins with "no feed at all"/ });
  assert.throws(() => parseFeed('<a>'.repeat(1000), url), { message: /more than 100 elements/ });
});

test('a megabyte of the worst input takes less than two seconds', () => {
  const prefixes = ['', '<rss><channel><title>', '<rss><channel><title><![CDATA['];
  const parts = ['<', '<a', '<a "', '<!--', '<![CDATA[', '</b>', '&amp', '<a b="', 'a ', '<link type='];
  for (const [prefix, part] of prefixes.flatMap((one) => parts.map((other) => [one, other] as const))) {
    const start = performance.now();
    try {
      parseFeed(prefix + part.repeat(1_000_000 / part.length), url);
    } catch (error) {
      assert.equal((error as { code?: string }).code, 'BAD_ARGUMENTS');
    }
    assert.ok(performance.now() - start < 2000, `${prefix}${part} took ${performance.now() - start} ms`);
  }
});
