import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ClayError, type JsonObject } from '@clay/sdk';
import { createTestHost, type TestHost, type TestHostOptions } from '@clay/sdk/testing';
import { measureRecall } from '../bench/recall.ts';
import memory from '../index.ts';
import type { Memory } from '../memory.ts';
import manifest from '../plugin.json' with { type: 'json' };
import { createFakeEmbeddings, type FakeEmbeddings } from '../testing/fake-embeddings.ts';
import { untilEmbedded } from '../testing/until-embedded.ts';
import { fuseRankings } from './reciprocal-rank.ts';

const plugin = { ...memory, tables: manifest.tables };
const url = 'http://embeddings.test/v1/embeddings';
const hourMs = 3600_000;

function start(fake: FakeEmbeddings, embeddings: JsonObject = {}, more: TestHostOptions = {}): Promise<TestHost> {
  const config = { embeddings: { url, model: 'fake', ...embeddings } };
  return createTestHost(plugin, { config, http: fake.answer, ...more });
}

async function remember(claw: TestHost, content: string): Promise<number> {
  return ((await claw.tool('memory', { action: 'store', content })) as { readonly id: number }).id;
}

async function search(claw: TestHost, query: string): Promise<readonly string[]> {
  const found = (await claw.tool('memory', { action: 'search', query })) as unknown as { memories: readonly Memory[] };
  return found.memories.map(({ content }) => content);
}

function vectors(claw: TestHost): readonly number[] {
  const [result] = claw.store.transaction([{ sql: 'SELECT memory_id AS id FROM memory_vectors ORDER BY id' }]);
  return (result?.rows ?? []).map(({ id }) => Number(id));
}

const warnings = (claw: TestHost) => claw.logs.filter(({ level }) => level === 'warn').map(({ event }) => event);
const sizes = ({ asked }: FakeEmbeddings) => asked.map(({ input }) => (input as readonly string[]).length);

test('a memory is found by words that it does not hold, and one that holds them still comes first', async () => {
  const fake = createFakeEmbeddings();
  await using claw = await start(fake);
  await remember(claw, 'The doctor said to walk more');
  await remember(claw, 'The car is in the garage');
  await remember(claw, 'A vehicle tax is due in May');
  await untilEmbedded(claw, 3);
  const two = new Set(['The car is in the garage', 'A vehicle tax is due in May']);
  assert.deepEqual(new Set((await search(claw, 'automobile')).slice(0, 2)), two);
  assert.equal((await search(claw, 'physician'))[0], 'The doctor said to walk more');
  assert.deepEqual((await search(claw, 'vehicle')).slice(0, 2), [
    'A vehicle tax is due in May',
    'The car is in the garage',
  ]);
});

test('what was there before gets its vectors in batches with a pause between, and then nothing is asked', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'clay-memory-'));
  try {
    const database = join(folder, 'messages.db');
    await using before = await createTestHost(plugin, { database });
    for (let n = 0; n < 10; n += 1) await remember(before, `fact number ${n}`);
    await before.stop();

    const fake = createFakeEmbeddings();
    await using claw = await start(fake, { batchSize: 4, pauseMs: 1000 }, { database });
    await claw.advance(0);
    assert.deepEqual([sizes(fake), vectors(claw)], [[4], [7, 8, 9, 10]], 'new memories come first');
    await claw.advance(999);
    assert.deepEqual(sizes(fake), [4]);
    await claw.advance(1);
    assert.deepEqual(sizes(fake), [4, 4]);
    await claw.stop();

    await using restarted = await start(fake, { batchSize: 4, pauseMs: 1000 }, { database });
    await untilEmbedded(restarted, 10);
    assert.deepEqual(sizes(fake), [4, 4, 2], 'a restart goes on where it was');
    await restarted.advance(24 * hourMs);
    assert.deepEqual(sizes(fake), [4, 4, 2]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('while the endpoint hangs, storing and searching by words go on', async () => {
  const fake = createFakeEmbeddings();
  await using claw = await start(fake);
  await remember(claw, 'The flat has a balcony');
  await untilEmbedded(claw, 1);
  fake.mood = 'silent';
  await remember(claw, 'The car is in the garage');
  await claw.advance(1000);
  assert.equal(sizes(fake).length, 2, 'the second memory is on its way');
  await remember(claw, 'The doctor said to walk more');
  fake.mood = 'broken';
  assert.deepEqual(await search(claw, 'garage'), ['The car is in the garage']);
  assert.deepEqual(warnings(claw), ['embeddings.skipped']);
});

test('a broken endpoint is told once, left alone for longer and longer, and used again when it answers', async () => {
  const fake = createFakeEmbeddings();
  await using claw = await start(fake);
  await remember(claw, 'The flat has a balcony');
  await untilEmbedded(claw, 1);
  await claw.advance(hourMs);
  fake.mood = 'broken';
  await remember(claw, 'The car is in the garage');
  await claw.advance(hourMs);
  assert.equal(sizes(fake).length, 1 + 7, 'after 0, 30, 90, 210, 450, 930 and 1,890 seconds');
  assert.deepEqual(warnings(claw), ['embeddings.failed']);
  assert.match(JSON.stringify(claw.logs), /HTTP 503: The model is being loaded/);
  assert.deepEqual(await search(claw, 'automobile'), []);
  assert.deepEqual(await search(claw, 'car'), ['The car is in the garage']);
  assert.equal(sizes(fake).length, 1 + 7 + 1, 'a search that failed keeps the next ones from asking');
  fake.mood = 'well';
  await untilEmbedded(claw, 2);
  assert.equal((await search(claw, 'automobile'))[0], 'The car is in the garage');
  assert.ok(claw.logs.some(({ event }) => event === 'embeddings.recovered'));
});

test('a probe asks nobody, and so does a search before there are vectors', async () => {
  const fake = createFakeEmbeddings();
  fake.mood = 'broken';
  await using claw = await start(fake);
  await claw.probe();
  await search(claw, 'garage');
  assert.deepEqual(sizes(fake), []);
});

test('an answer that is none is a failure, not a vector', async () => {
  const fake = createFakeEmbeddings();
  fake.mood = 'senseless';
  await using claw = await start(fake);
  await remember(claw, 'The car is in the garage');
  await claw.advance(1000);
  assert.deepEqual(vectors(claw), []);
  assert.match(JSON.stringify(claw.logs), /what are no 1 embeddings/);
});

test('another model or length embeds everything anew', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'clay-memory-'));
  try {
    const database = join(folder, 'messages.db');
    const fake = createFakeEmbeddings();
    for (const embeddings of [{}, { model: 'other' }, { model: 'other', dimensions: 64 }] as readonly JsonObject[]) {
      await using claw = await start(fake, embeddings, { database });
      if (vectors(claw).length === 0) for (const word of ['one', 'two', 'three']) await remember(claw, word);
      await untilAsked(claw, fake, 'three', embeddings);
      assert.deepEqual(vectors(claw), [1, 2, 3]);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** Until a text went there with these settings, and all memories have vectors. */
async function untilAsked(claw: TestHost, fake: FakeEmbeddings, text: string, settings: JsonObject): Promise<void> {
  const wanted = { model: 'fake', ...settings };
  const isAsked = () =>
    fake.asked.some(
      ({ model, dimensions, input }) =>
        model === wanted.model &&
        dimensions === (settings.dimensions as number | undefined) &&
        (input as readonly string[]).includes(text),
    );
  while (!isAsked()) await claw.advance(1000);
  await untilEmbedded(claw, 3);
}

test('a forgotten memory has no vector, and a changed one a new one', async () => {
  const fake = createFakeEmbeddings();
  await using claw = await start(fake);
  const car = await remember(claw, 'The car is in the garage');
  const flat = await remember(claw, 'The flat has a balcony');
  await untilEmbedded(claw, 2);
  assert.deepEqual(
    new Set(await search(claw, 'automobile')),
    new Set(['The car is in the garage', 'The flat has a balcony']),
  );
  await claw.tool('memory', { action: 'forget', id: car });
  assert.deepEqual(vectors(claw), [flat]);
  assert.deepEqual(await search(claw, 'automobile'), ['The flat has a balcony']);

  await claw.tool('memory', { action: 'update', id: flat, importance: 5 });
  assert.deepEqual(vectors(claw), [flat], 'its words are the same');
  await claw.tool('memory', { action: 'update', id: flat, content: 'The surgeon has a balcony' });
  await untilEmbedded(claw, 1);
  await remember(claw, 'Nothing in particular');
  await untilEmbedded(claw, 2);
  assert.equal((await search(claw, 'doctor'))[0], 'The surgeon has a balcony');
});

test('a text that the endpoint refuses is told, and holds up no other', async () => {
  const fake = createFakeEmbeddings();
  await using claw = await start(fake);
  await remember(claw, `this is ${fake.refused}`);
  await remember(claw, 'The car is in the garage');
  await remember(claw, 'The flat has a balcony');
  await untilEmbedded(claw, 2);
  await claw.advance(hourMs);
  const refused = claw.logs.filter(({ event }) => event === 'embeddings.refused');
  assert.deepEqual([refused.length, refused[0]?.fields?.memory], [1, 1]);
  const before = fake.asked.length;
  await claw.advance(hourMs);
  assert.equal(fake.asked.length, before);
  assert.deepEqual(await search(claw, fake.refused), [`this is ${fake.refused}`]);
});

test('the key goes into the header only, and who withholds it or the address is told how to open them', async () => {
  const fake = createFakeEmbeddings();
  const key = 'EMBEDDINGS_API_KEY';
  await using claw = await start(fake, { key, dimensions: 64 }, { secrets: { [key]: 'sk-1' } });
  await remember(claw, 'The car is in the garage');
  await untilEmbedded(claw, 1);
  assert.equal(claw.requests[0]?.headers.get('authorization'), 'Bearer sk-1');
  assert.deepEqual(fake.asked[0], { model: 'fake', input: ['The car is in the garage'], dimensions: 64 });

  await using withheld = await start(fake, { key });
  await remember(withheld, 'The car is in the garage');
  await withheld.advance(1000);
  assert.match(
    String(withheld.logs[0]?.fields?.error),
    /"ceilings": \{ "memory": \["secret:EMBEDDINGS_API_KEY@embeddings\.test"\] \}/,
  );

  const guard = () => {
    throw new ClayError('REFUSED', 'embeddings.test is at 10.0.0.7, which is not public.');
  };
  await using guarded = await start(fake, {}, { http: guard });
  await remember(guarded, 'The car is in the garage');
  await guarded.advance(1000);
  assert.match(
    String(guarded.logs[0]?.fields?.error),
    /"privateOrigins": \{ "memory": \["http:\/\/embeddings\.test"\] \}/,
  );
});

test('without an endpoint nothing is sent anywhere', async () => {
  await using claw = await createTestHost(plugin);
  await remember(claw, 'The car is in the garage');
  await claw.advance(hourMs);
  assert.deepEqual(await search(claw, 'car'), ['The car is in the garage']);
  assert.deepEqual([claw.requests.length, claw.clock.pending], [0, 0]);
});

test('rankings are fused by place: what stands well in both comes before what is first in one', () => {
  assert.deepEqual(
    fuseRankings([
      [1, 2, 3],
      [4, 2],
    ]),
    [2, 1, 4, 3],
  );
  assert.deepEqual(fuseRankings([[3, 1], []]), [3, 1]);
});

test('of the public questions those with words of the answer, slips of the pen too, are answered by words alone', async () => {
  const { recallByKind, missed } = await measureRecall();
  assert.deepEqual([recallByKind.said, recallByKind.slipped], [1, 1], missed.join('\n'));
});
