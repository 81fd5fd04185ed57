import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { ClayError, type Json, type JsonObject, type PluginDefinition } from '@clay/sdk';
import { createTestHost } from '@clay/sdk/testing';
import { exampleManifest, exampleSource } from './how-to-write.ts';
import buildAndDeploy from './index.ts';
import manifest from './plugin.json' with { type: 'json' };

/** What the host says to each service, and what it was asked. */
function host(answers: Readonly<Record<string, Json | Error>>) {
  const asked: JsonObject[] = [];
  const provided = Object.fromEntries(
    Object.entries(answers).map(([name, answer]) => [
      `service:plugins.${name}`,
      (args: Json) => {
        asked.push({ [name]: args });
        if (answer instanceof Error) throw answer;
        return answer;
      },
    ]),
  );
  return { asked, open: () => createTestHost({ ...buildAndDeploy, requires: manifest.requires }, { provided }) };
}

test('a plugin is checked by name, or the one that has changed', async () => {
  const { asked, open } = host({ check: { plugin: 'rates', isGood: false, text: 'index.ts:3:5 TS2322 …' } });
  await using claw = await open();
  const report = { plugin: 'rates', passed: false, report: 'index.ts:3:5 TS2322 …' };
  assert.deepEqual(await claw.tool('build_check', {}), report);
  assert.deepEqual(await claw.tool('build_check', { name: 'rates', reason: 'as it was called' }), report);
  assert.deepEqual(asked, [{ check: {} }, { check: { name: 'rates' } }]);
});

test('a deploy answers at once with generation and state, and needs a reason', async () => {
  const { asked, open } = host({ deploy: { plugin: 'rates', generation: 2, state: 'probation', problem: null } });
  await using claw = await open();
  assert.deepEqual(await claw.tool('build_and_deploy', { reason: 'faster' }), {
    plugin: 'rates',
    generation: 2,
    state: 'probation',
    report: 'Generation 2 of "rates" serves, on probation: you hear when it is kept or undone.',
  });
  assert.deepEqual(asked, [{ deploy: { reason: 'faster' } }]);
  await assert.rejects(claw.tool('build_and_deploy', { name: 'rates' }), { code: 'BAD_ARGUMENTS', message: /reason/ });
});

test('what the compiler says comes back whole', async () => {
  const text = Array.from({ length: 200 }, (_, line) => `index.ts:${line}:1 TS2322 wrong`).join('\n');
  const { open } = host({ deploy: new ClayError('BAD_ARGUMENTS', 'rates does not build', { output: text }) });
  await using claw = await open();
  await assert.rejects(claw.tool('build_and_deploy', { name: 'rates', reason: 'x' }), {
    message: 'rates does not build',
    details: { output: text },
  });
});

test('a generation that does not serve is told with its reason, and an unchanged one as such', async () => {
  const problem = 'setup failed at index.ts:7:9: no';
  const refused = host({ deploy: { plugin: 'rates', generation: 3, state: 'rejected', problem } });
  await using claw = await refused.open();
  assert.deepEqual(await claw.tool('build_and_deploy', { reason: 'x' }), {
    plugin: 'rates',
    generation: 3,
    state: 'rejected',
    report: problem,
  });
  const same = host({ deploy: { plugin: 'rates', generation: 2, state: 'unchanged', problem: null } });
  await using other = await same.open();
  const { report } = (await other.tool('build_and_deploy', { reason: 'x' })) as { report: string };
  assert.equal(report, 'Generation 2 of "rates" is this very build, and serves already.');
});

test('plugins are listed with their history and what is wrong with them', async () => {
  const at = Date.UTC(2026, 0, 2);
  const generations = [3, 2, 1, 0].map((generation) => ({ generation, state: 'stopped', at, reason: 'replaced' }));
  const tasks = { name: 'tasks', description: 'Tasks.', origin: 'image', state: 'committed', generation: 0 };
  const { open } = host({
    list: [
      { ...tasks, generations: [], isChanged: false, lastError: null },
      { ...tasks, name: 'rates', origin: 'volume', generations, isChanged: true, lastError: 'it crashed' },
    ],
  });
  await using claw = await open();
  assert.deepEqual(await claw.tool('plugin_list'), {
    plugins: [
      { ...tasks, history: [] },
      {
        ...tasks,
        name: 'rates',
        origin: 'volume',
        history: [3, 2, 1].map((generation) => `${generation} stopped 2026-01-02T00:00:00.000Z: replaced`),
        changed: 'its sources have changed since they were deployed',
        lastError: 'it crashed',
      },
    ],
    count: 2,
  });
});

test('a rollback names its generation, or takes the last good one', async () => {
  const { asked, open } = host({ rollback: { plugin: 'rates', generation: 1, state: 'committed', problem: null } });
  await using claw = await open();
  assert.deepEqual(await claw.tool('plugin_rollback', { name: 'rates' }), {
    plugin: 'rates',
    generation: 1,
    state: 'committed',
    report: 'Generation 1 of "rates" serves.',
  });
  await claw.tool('plugin_rollback', { name: 'rates', to: 0 });
  assert.deepEqual(asked, [{ rollback: { name: 'rates' } }, { rollback: { name: 'rates', to: 0 } }]);
});

test('the sources of what ships are read by path', async () => {
  const { asked, open } = host({ source: { path: 'plugins', entries: ['tasks/'] } });
  await using claw = await open();
  assert.deepEqual(await claw.tool('plugin_source', {}), { path: 'plugins', entries: ['tasks/'] });
  await claw.tool('plugin_source', { path: 'sdk/src/files.ts' });
  assert.deepEqual(asked, [{ source: {} }, { source: { path: 'sdk/src/files.ts' } }]);
});

test('the example that teaches the agent is a plugin that runs', async (t) => {
  const folder = mkdtempSync(join(import.meta.dirname, '.example-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'index.ts');
  writeFileSync(file, exampleSource);
  const { default: plugin }: { readonly default: PluginDefinition } = await import(pathToFileURL(file).href);
  assert.equal(JSON.parse(exampleManifest).name, plugin.name);
  await using claw = await createTestHost(plugin, { http: () => Response.json({ rates: { EUR: 0.9 } }) });
  assert.deepEqual(await claw.tool('rate', { base: 'USD', to: 'EUR' }), { rates: { EUR: 0.9 } });
});
