import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClayError, type Json, type JsonObject } from '@clay/sdk';
import { createTestHost } from '@clay/sdk/testing';
import { exampleExtension } from './how-to-write.ts';
import extensions from './index.ts';
import manifest from './plugin.json' with { type: 'json' };

/** What the host says to each service, and what it was asked. */
function host(answers: Readonly<Record<string, Json | Error>>) {
  const asked: JsonObject[] = [];
  const provided = Object.fromEntries(
    Object.entries(answers).map(([name, answer]) => [
      `service:extensions.${name}`,
      (args: Json) => {
        asked.push({ [name]: args });
        if (answer instanceof Error) throw answer;
        return answer;
      },
    ]),
  );
  return { asked, open: () => createTestHost({ ...extensions, requires: manifest.requires }, { provided }) };
}

const weather = {
  name: 'weather',
  description: 'The weather.',
  tools: ['weather'],
  hasRun: true,
  state: 'committed',
  generation: 3,
  lastError: null,
};

test('extensions are listed with what is wrong with them and how they are called', async () => {
  const broken = { ...weather, name: 'broken', tools: [], hasRun: false, generation: null, state: 'refused' };
  const { open } = host({ list: [weather, { ...broken, lastError: 'broken.star:1:1 …' }] });
  await using claw = await open();
  assert.deepEqual(await claw.tool('extension_list'), {
    extensions: [
      {
        name: 'weather',
        description: 'The weather.',
        tools: ['weather'],
        state: 'committed',
        generation: 3,
        calledBy: 'weather, extension_run',
      },
      {
        name: 'broken',
        description: 'The weather.',
        tools: [],
        state: 'refused',
        generation: null,
        calledBy: 'nobody',
        lastError: 'broken.star:1:1 …',
      },
    ],
    count: 2,
  });
});

test('an extension is run with its arguments, and a failure comes as it is', async () => {
  const { asked, open } = host({ run: { output: 'hello Ada' } });
  await using claw = await open();
  assert.deepEqual(await claw.tool('extension_run', { name: 'hello.star', args: { name: 'Ada' } }), {
    output: 'hello Ada',
  });
  await claw.tool('extension_run', { name: 'hello' });
  assert.deepEqual(asked, [
    { run: { name: 'hello.star', args: { name: 'Ada' } } },
    { run: { name: 'hello', args: {} } },
  ]);
  await assert.rejects(claw.tool('extension_run', {}), { code: 'BAD_ARGUMENTS' });
  const failing = host({ run: new ClayError('INTERNAL', 'hello.star:3:5: oh no', { output: 'printed before' }) });
  await using other = await failing.open();
  await assert.rejects(other.tool('extension_run', { name: 'hello' }), {
    code: 'INTERNAL',
    message: 'hello.star:3:5: oh no',
    details: { output: 'printed before' },
  });
});

test('a written extension is told with its generation, and a refused one with the whole report', async () => {
  const good = { isSaved: true, isGood: true, text: 'a.star is good', tools: ['a'], generation: 1, state: 'probation' };
  const { open } = host({ write: { ...good, problem: null } });
  await using claw = await open();
  assert.deepEqual(await claw.tool('extension_write', { name: 'a', source: 'x' }), {
    saved: true,
    state: 'probation',
    generation: 1,
    tools: ['a'],
    report: 'a.star is good',
  });
  const bad = host({ write: { ...good, isSaved: false, isGood: false, text: 'a.star:1:1 bad', problem: null } });
  await using refusing = await bad.open();
  assert.deepEqual(await refusing.tool('extension_write', { name: 'a', source: 'x' }), {
    saved: false,
    report: 'a.star:1:1 bad\n\nNothing was saved. Mend it and write it again.',
  });
  const clash = host({ write: { ...good, state: 'rejected', problem: 'tool:a is provided by "b" already' } });
  await using clashing = await clash.open();
  assert.deepEqual(await clashing.tool('extension_write', { name: 'a', source: 'x' }), {
    saved: true,
    state: 'rejected',
    generation: 1,
    tools: ['a'],
    report: 'It was saved, and does not serve: tool:a is provided by "b" already',
  });
});

test('an extension is tested as it lies there', async () => {
  const { open, asked } = host({ test: { isGood: false, text: 'test_x failed after 1 ms' } });
  await using claw = await open();
  assert.deepEqual(await claw.tool('extension_test', { name: 'a' }), {
    passed: false,
    report: 'test_x failed after 1 ms',
  });
  assert.deepEqual(asked, [{ test: { name: 'a' } }]);
});

test('the description of extension_write teaches by an example that is whole', async () => {
  const { open } = host({});
  await using claw = await open();
  const { description } = claw.capabilities.get('tool:extension_write')!;
  assert.ok(description.includes(exampleExtension));
  assert.ok(description.length < 4_000, `${description.length} characters`);
});

test('a person who types /extensions sees which there are, and what is wrong with them', async () => {
  const { open } = host({
    list: [weather, { ...weather, name: 'broken', state: 'refused', lastError: 'x.star:1:1 bad\nmore' }],
  });
  await using claw = await open();
  assert.equal(
    await claw.command('extensions'),
    '- **weather** (committed) The weather.\n- **broken** (refused: x.star:1:1 bad) The weather.',
  );
  await using empty = await host({ list: [] }).open();
  assert.equal(await empty.command('extensions'), 'There is no extension yet.');
});
