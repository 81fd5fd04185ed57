import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClayError, type Json, type JsonObject } from '@clay/sdk';
import { createTestHost, type Provided } from '@clay/sdk/testing';
import uptime from './index.ts';
import manifest from './plugin.json' with { type: 'json' };
import { judge } from './site-state.ts';

const plugin = { ...uptime, tables: manifest.tables, optional: manifest.optional };
const round = 5 * 60_000;

/** A host whose sites answer with what `world.status` says, and whose person hears `world.told`. */
async function createWorld(send?: Provided) {
  const world = { status: 200, told: [] as string[] };
  const record: Provided = (args: Json) => {
    world.told.push(String((args as JsonObject).text));
    return {};
  };
  const host = await createTestHost(plugin, {
    http: () => new Response('', { status: world.status }),
    provided: { 'service:chat.send': send ?? record },
  });
  return { host, world };
}

async function onlySite(status: Promise<Json>): Promise<JsonObject> {
  return ((await status) as { sites: JsonObject[] }).sites[0]!;
}

test('it takes several failures in a row to be down, and one success to be up', () => {
  const hiccup = judge({ state: 'up', failures: 0 }, false, 2);
  assert.deepEqual(hiccup, { state: 'up', failures: 1 });
  assert.deepEqual(judge(hiccup, false, 2), { state: 'down', failures: 2 });
  assert.deepEqual(judge(hiccup, true, 2), { state: 'up', failures: 0 });
  assert.deepEqual(judge({ state: 'unknown', failures: 0 }, false, 2), { state: 'unknown', failures: 1 });
});

test('a person is told once when a site goes down, and once when it comes back', async () => {
  const { host, world } = await createWorld();
  await using _ = host;
  await host.tool('site_watch', { name: 'Shop', url: 'https://shop.example' });
  await host.advance(round);
  world.status = 503;
  await host.advance(4 * round);
  world.status = 200;
  await host.advance(2 * round);
  assert.deepEqual(world.told, [
    'Shop is down since 2026-01-01 00:15 UTC: status 503',
    'Shop is up again since 2026-01-01 00:30 UTC.',
  ]);
});

test('what could not be told is told at the next round', async () => {
  let attempts = 0;
  const { host, world } = await createWorld(() => {
    attempts++;
    if (attempts === 1) throw new ClayError('UNAVAILABLE', 'the channel is away');
    return {};
  });
  await using _ = host;
  world.status = 500;
  await host.tool('site_watch', { name: 'Shop', url: 'https://shop.example' });
  await host.advance(4 * round);
  assert.equal(attempts, 2);
  assert.equal(host.logs[0]?.event, 'not.told');
});

test('a claw that can send no messages watches all the same', async () => {
  await using host = await createTestHost(plugin, { http: () => new Response('', { status: 500 }) });
  await host.tool('site_watch', { name: 'Shop', url: 'https://shop.example' });
  await host.advance(4 * round);
  assert.equal((await onlySite(host.tool('site_status'))).state, 'down');
  assert.equal(host.logs.length, 1);
});

test('the status tells the state, the reason and how often the site was up', async () => {
  const { host, world } = await createWorld();
  await using _ = host;
  await host.tool('site_watch', { name: 'Shop', url: 'https://shop.example' });
  await host.advance(2 * round);
  world.status = 404;
  await host.advance(round);
  assert.deepEqual(await onlySite(host.tool('site_status')), {
    name: 'Shop',
    url: 'https://shop.example',
    state: 'up',
    since: '2026-01-01T00:05:00.000Z',
    reason: 'status 404',
    dayPercent: 66.66,
    monthPercent: 66.66,
    meanMs: 0,
  });
});

test('the history of a month is kept', async () => {
  const { host } = await createWorld();
  await using _ = host;
  await host.tool('site_watch', { name: 'Shop', url: 'https://shop.example' });
  await host.advance(round);
  await host.clock.advance(0);
  const rows = () =>
    host.store.transaction([{ sql: 'SELECT count(*) AS count, min(at) AS first FROM uptime_checks' }])[0]?.rows[0];
  assert.equal(rows()?.count, 1);
  host.store.transaction([{ sql: 'UPDATE uptime_checks SET at = 0' }]);
  await host.advance(round);
  assert.deepEqual(rows(), { count: 1, first: host.clock.now() });
});

test('the page shows names as text, and neither addresses nor reasons', async () => {
  const { host, world } = await createWorld();
  await using _ = host;
  world.status = 500;
  await host.tool('site_watch', { name: '<script>"&', url: 'https://internal.example' });
  await host.advance(2 * round);
  const { headers, body } = await host.route('GET', '/');
  assert.equal(headers?.['content-type'], 'text/html; charset=utf-8');
  assert.match(body, /<td>&#60;script&#62;&#34;&#38;<\/td><td class="down">down<\/td>/);
  assert.match(body, /1 of 1 sites is down\./);
  assert.doesNotMatch(body, /<script|internal\.example|status 500/);
});

test('a site that is removed is neither checked nor shown, and is unknown from then on', async () => {
  const { host } = await createWorld();
  await using _ = host;
  await host.tool('site_watch', { name: 'Shop', url: 'https://shop.example' });
  await host.tool('site_unwatch', { name: 'Shop' });
  await host.advance(round);
  assert.equal(host.requests.length, 0);
  await assert.rejects(host.tool('site_unwatch', { name: 'Shop' }), { code: 'NOT_FOUND' });
});
