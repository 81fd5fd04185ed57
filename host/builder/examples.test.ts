import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Json, JsonObject } from '@clay/sdk';
import { systemClock } from '../clock.ts';
import { createGeneration, openVolume, type StartedGeneration } from '../process/testing/start-generation.ts';
import { createBuilder } from './create-builder.ts';

const folder = join(import.meta.dirname, '..', '..', 'examples');
const examples = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== 'extensions')
  .map(({ name }) => name);
const limit = { timeout: 60_000 };

const builder = createBuilder({ clock: systemClock });
after(() => builder.close());

/** An example as the volume has it: built, in a process of its own, proven, and live on a real store. */
async function withExample(name: string, body: (example: StartedGeneration) => Promise<void>): Promise<void> {
  await using volume = openVolume();
  const { code, map, manifest } = await builder.build({ folder: join(folder, name) });
  const build = join(volume.root, 'build');
  mkdirSync(build);
  writeFileSync(join(build, 'main.mjs'), code);
  writeFileSync(join(build, 'main.mjs.map'), map);
  const example = createGeneration(volume, {
    manifest: manifest as unknown as JsonObject,
    plugin: join(build, 'main.mjs'),
  });
  await example.stage();
  await example.live();
  for (const { call, args } of manifest.probes) await example.call(call, args);
  await body(example);
  assert.deepEqual([example.deaths, example.faults], [[], []]);
}

for (const name of examples) {
  test(`the types of the example ${name} are right, tests and all`, limit, async () => {
    assert.equal((await builder.check({ folder: join(folder, name) })).name, name);
  });
}

test('dice is rolled in a process', limit, () =>
  withExample('dice', async (dice) => {
    const { rolled } = (await dice.call('tool:roll', { sides: 2 })) as { rolled: number };
    assert.ok(rolled === 1 || rolled === 2);
  }),
);

test('expenses are kept, summed up and exported in a process', limit, () =>
  withExample('expenses', async (expenses) => {
    await expenses.call('tool:expense_add', { amount: 0.1, category: 'food', date: '2026-11-01' });
    await expenses.call('tool:expense_add', { amount: 0.2, category: 'food', date: '2026-11-02' });
    assert.deepEqual(await expenses.call('tool:expense_summary', {}), {
      sums: [{ of: 'food', total: '0.30', currency: 'EUR', count: 2 }],
    });
    const request = { method: 'GET', path: '/expenses.csv', params: {}, query: {}, headers: {}, body: '' };
    const { body } = (await expenses.call('route:expenses/GET /expenses.csv', request)) as { body: string };
    assert.match(body, /^id,date,amount,currency,category,note\r\n2,2026-11-02,0\.20,EUR,food,\r\n/);
  }),
);

test('feeds reach public hosts only, by the guard of the host', limit, () =>
  withExample('feeds', async (feeds) => {
    await assert.rejects(feeds.call('tool:feed_add', { url: 'http://127.0.0.1/feed' }), { code: 'REFUSED' });
    assert.deepEqual(await feeds.call('tool:feed_list', {}), { feeds: [] });
  }),
);

test('uptime watches, and shows its page, in a process', limit, () =>
  withExample('uptime', async (uptime) => {
    await uptime.call('tool:site_watch', { name: '<b>', url: 'http://127.0.0.1/' });
    for (let round = 0; round < 2; round++) await uptime.call('schedule:uptime/check', {});
    const request = { method: 'GET', path: '/', params: {}, query: {}, headers: {}, body: '' };
    const { body } = (await uptime.call('route:uptime/GET /', request)) as { body: string };
    assert.match(body, /<td>&#60;b&#62;<\/td><td class="down">down<\/td>/);
  }),
);

test('webhooks take what is signed, in a process', limit, () =>
  withExample('webhooks', async (webhooks) => {
    await webhooks.call('tool:webhook_create', { name: 'ci' });
    const request = { method: 'POST', path: '', params: {}, query: {}, headers: {}, body: 'x' };
    const ask = async (route: string, more: JsonObject) =>
      (await webhooks.call(`route:webhooks/${route}`, { ...request, ...more } as Json)) as {
        status: number;
        body: string;
      };
    const setup = await ask('GET /setup/:name', { params: { name: 'ci' } });
    const { url } = JSON.parse(setup.body) as { url: string };
    const path = url.split('/').at(-1)!;
    assert.equal((await ask('POST /in/:path', { params: { path } })).status, 401);
    assert.deepEqual(await webhooks.call('tool:webhook_recent', {}), { deliveries: [] });
  }),
);
