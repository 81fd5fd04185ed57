import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '@clay/sdk';
import { createTestHost } from '@clay/sdk/testing';
import feeds from './index.ts';
import manifest from './plugin.json' with { type: 'json' };

const plugin = { ...feeds, tables: manifest.tables };
const url = 'https://example.com/feed.xml';
const halfAnHour = 30 * 60_000;

const rss = (...titles: readonly string[]) =>
  new Response(
    `<rss><channel><title>Example</title>${titles
      .map((title) => `<item><title>${title}</title><link>https://example.com/${title}</link></item>`)
      .join('')}</channel></rss>`,
    { headers: { etag: `"${titles.length}"` } },
  );

async function titlesOf(news: Promise<unknown>): Promise<unknown> {
  return ((await news) as { items: { title: string }[] }).items.map(({ title }) => title);
}

async function onlyFeed(list: Promise<unknown>): Promise<JsonObject> {
  return ((await list) as { feeds: JsonObject[] }).feeds[0]!;
}

test('each item of a feed is told once, the newest first', async () => {
  let current = ['b', 'a'];
  await using host = await createTestHost(plugin, { http: () => rss(...current) });
  assert.deepEqual(await host.tool('feed_add', { url }), { followed: 'Example', items: 2 });
  assert.deepEqual(await titlesOf(host.tool('feed_news')), ['b', 'a']);
  current = ['c', 'b', 'a'];
  await host.advance(halfAnHour);
  assert.deepEqual(await titlesOf(host.tool('feed_news')), ['c']);
  assert.deepEqual(await titlesOf(host.tool('feed_news')), []);
});

test('what is not taken stays unread', async () => {
  await using host = await createTestHost(plugin, { http: () => rss('c', 'b', 'a') });
  await host.tool('feed_add', { url });
  const news = (await host.tool('feed_news', { url, limit: 2 })) as { left: number };
  assert.equal(news.left, 1);
  assert.deepEqual(await titlesOf(host.tool('feed_news')), ['a']);
});

test('a poll tells the server which version is known', async () => {
  const http = (request: Request) =>
    request.headers.has('if-none-match') ? new Response(null, { status: 304 }) : rss('a');
  await using host = await createTestHost(plugin, { http });
  await host.tool('feed_add', { url });
  await host.advance(halfAnHour);
  assert.equal(host.requests[1]?.headers.get('if-none-match'), '"1"');
  assert.equal((await onlyFeed(host.tool('feed_list'))).checkedAt, '2026-01-01T00:30:00.000Z');
});

test('a feed that fails keeps its items and tells why, until it works again', async () => {
  let isDown = false;
  await using host = await createTestHost(plugin, {
    http: () => (isDown ? new Response('', { status: 503 }) : rss('a')),
  });
  await host.tool('feed_add', { url });
  isDown = true;
  await host.advance(halfAnHour);
  const { error, unread } = await onlyFeed(host.tool('feed_list'));
  assert.deepEqual({ error, unread }, { error: `${url} answered with status 503.`, unread: 1 });
  isDown = false;
  await host.advance(halfAnHour);
  assert.equal((await onlyFeed(host.tool('feed_list'))).error, null);
});

test('a feed in another encoding is read as it says', async () => {
  const bytes = Buffer.from(
    '<?xml version="1.0" encoding="iso-8859-1"?><rss><channel><title>Caf\xe9</title></channel></rss>',
    'latin1',
  );
  await using host = await createTestHost(plugin, { http: () => new Response(bytes) });
  assert.deepEqual(await host.tool('feed_add', { url }), { followed: 'Café', items: 0 });
});

test('a feed that is removed takes its items with it, and is unknown from then on', async () => {
  await using host = await createTestHost(plugin, { http: () => rss('a') });
  await host.tool('feed_add', { url });
  assert.deepEqual(await host.tool('feed_remove', { url }), { removed: 'Example' });
  assert.deepEqual(await host.tool('feed_news'), { items: [], left: 0 });
  await assert.rejects(host.tool('feed_remove', { url }), { code: 'NOT_FOUND', message: /is not followed/ });
});

test('no more feeds are followed than the operator allows', async () => {
  await using host = await createTestHost(plugin, { http: () => rss('a'), config: { maxFeeds: 1 } });
  await host.tool('feed_add', { url });
  await host.tool('feed_add', { url });
  await assert.rejects(host.tool('feed_add', { url: 'https://example.com/other.xml' }), { code: 'TOO_LARGE' });
});
