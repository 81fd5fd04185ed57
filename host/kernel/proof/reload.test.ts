import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ClayError, type Json } from '@clay/sdk';
import { processesOf, untilProcesses } from './testing/leftovers.ts';
import { callNeighbours, inlineNeighbour, type Neighbours } from './testing/neighbours.ts';
import { pluginSource, toolSource } from './testing/plugin-source.ts';
import { foldersOf, type ProofClaw, startProofClaw } from './testing/proof-claw.ts';

const limit = { timeout: 40_000 };
let claw: ProofClaw;
let neighbours: Neighbours;

before(async () => {
  claw = await startProofClaw({ shipped: [inlineNeighbour], ceilings: { author: ['call:service:plugins.deploy'] } });
  neighbours = await callNeighbours(claw);
});
after(async () => {
  await neighbours.end();
  await claw[Symbol.asyncDispose]();
});

const saying = (name: string, says: string) => pluginSource(name, toolSource(name, `return '${says}';`));

async function deploy(name: string, source: string, more = {}) {
  const admission = await claw.deploy(name, source, more);
  assert.equal(admission.problem, null);
  return admission;
}

/** Its tool waits until there is a file `go` in its folder, then does the rest. */
function waiting(name: string, rest: string, drainMs = 30_000) {
  const folder = join(claw.root, 'data', 'files', name);
  mkdirSync(folder, { recursive: true });
  const run = `call.progress('begun'); while (!fs.existsSync('${folder}/go')) await new Promise((r) => setTimeout(r, 5)); ${rest}`;
  const source = pluginSource(name, toolSource(name, run), `import * as fs from 'node:fs';`);
  const begin = async () => {
    const begun = Promise.withResolvers<void>();
    const value = claw.call(name, {}, { onProgress: () => begun.resolve() });
    value.catch(() => 'whoever waits for it hears of it');
    await begun.promise;
    return { value };
  };
  const manifest = { limits: { drainMs } };
  return { source, manifest, begin, go: () => writeFileSync(join(folder, 'go'), '') };
}

describe('a reload', { concurrency: 5 }, () => {
  test('takes the helper module as it is now', limit, async () => {
    const source = pluginSource('helped', toolSource('helped', 'return help;'), `import { help } from './help.ts';`);
    for (const says of ['one', 'two']) {
      await deploy('helped', source, { files: { 'help.ts': `export const help = '${says}';` } });
      assert.equal(await claw.call('helped'), says);
    }
  });

  test('has happened when it says so: the next call gets the new code, every time', limit, async () => {
    for (let n = 1; n <= 12; n++) {
      const { generation } = await deploy('prompt', saying('prompt', `say ${n}`));
      assert.deepEqual([generation, await claw.call('prompt')], [n, `say ${n}`]);
    }
  });

  test('changes names and code in one step, and a failed one changes neither', limit, async () => {
    const described = (says: string) =>
      pluginSource('described', `ctx.tool({ name: 'described', description: '${says}', run: () => '${says}' });`);
    await deploy('described', described('one'));
    const seen: (string | undefined)[] = [];
    const calls: Promise<Json>[] = [];
    const remove = claw.kernel.registry.onChange(() => {
      seen.push(claw.kernel.registry.get('tool:described')?.description);
      calls.push(claw.call('described'));
    });
    await claw.deploy('described', described('broken').replace('ctx.tool', `throw new Error('half'); ctx.tool`));
    await deploy('described', described('two'));
    remove();
    assert.ok(seen.includes('two') && !seen.includes(undefined) && !seen.includes('broken'), JSON.stringify(seen));
    assert.deepEqual(await Promise.all(calls), seen);
  });

  test('lets a call that is under way give its result', limit, async () => {
    const old = waiting('patient', `return 'old result';`);
    await deploy('patient', old.source, old);
    const { value } = await old.begin();
    const next = await deploy('patient', saying('patient', 'new'));
    assert.equal(await claw.call('patient'), 'new');
    await claw.reached('patient', next.generation, 'committed');
    old.go();
    assert.equal(await value, 'old result');
    await claw.reached('patient', 1, 'stopped');
  });

  test('ends a call that would block it for ever, and leaves nothing of the old one', limit, async () => {
    const old = waiting('stubborn', '', 200);
    await deploy('stubborn', old.source, old);
    await claw.reached('stubborn', 1, 'committed');
    const { value } = await old.begin();
    const next = await deploy('stubborn', saying('stubborn', 'new'));
    await claw.reached('stubborn', next.generation, 'committed');
    await claw.reached('stubborn', 1, 'stopped');
    await assert.rejects(value, (error) => error instanceof ClayError && error.code === 'CALL_OUTCOME_UNKNOWN');
    assert.equal(processesOf('stubborn').length, 1);
    assert.deepEqual(
      claw.kernel.plugins().find(({ name }) => name === 'stubborn')?.holds,
      ['process', 'line'],
      'of the new one alone',
    );
  });

  test('goes on although the build of the old one is deleted while that loads the rest of it', limit, async () => {
    const old = waiting('lazy', `const { late } = await import('./late.ts'); return late;`);
    await deploy('lazy', old.source, { ...old, files: { 'late.ts': `export const late = 'loaded late';` } });
    const { value } = await old.begin();
    await deploy('lazy', saying('lazy', 'new'));
    rmSync(join(claw.root, 'data', 'generations', 'lazy', '1'), { recursive: true });
    old.go();
    assert.equal(await value, 'loaded late');
  });

  test('may be asked for by a call of the very plugin that is reloaded', limit, async () => {
    const asking = (says: string) =>
      pluginSource(
        'author',
        toolSource(
          'author',
          `if (args.ask) return ctx.call('service:plugins.deploy', { name: 'author', reason: 'better' }); return '${says}';`,
        ),
      );
    const manifest = { requires: ['service:plugins.deploy'], permissions: ['call:service:plugins.deploy'] };
    await deploy('author', asking('old'), { manifest });
    await claw.reached('author', 1, 'committed');
    writeFileSync(join(claw.root, 'data', 'plugins', 'author', 'index.ts'), asking('new'));
    const answer = (await claw.call('author', { ask: true })) as { generation: number; state: string };
    assert.deepEqual([answer.generation, answer.state], [2, 'probation']);
    assert.equal(await claw.call('author'), 'new');
    await claw.reached('author', 1, 'stopped');
    await claw.reached('author', 2, 'committed');
  });

  test('is not made of a build that was held back, however often it is written again', limit, async () => {
    const bad = pluginSource('again', toolSource('again', 'process.exit(1);'));
    await deploy('again', saying('again', 'old'));
    await claw.reached('again', 1, 'committed');
    const { generation } = await deploy('again', bad);
    await assert.rejects(claw.call('again'));
    await claw.reached('again', generation, 'quarantined');
    for (const _ of [1, 2]) {
      const { state, problem } = await claw.deploy('again', bad);
      assert.equal(state, 'rejected');
      assert.match(problem ?? '', /this very build is quarantined; change it, or lift the quarantine/);
      assert.equal(await claw.call('again'), 'old');
      await deploy('again', saying('again', 'between'));
      assert.equal(await claw.call('again'), 'between');
      await deploy('again', saying('again', 'old'));
    }
    await claw.medic.unquarantine('again', generation);
    assert.equal((await claw.deploy('again', bad)).state, 'probation');
  });

  test('with the very same build changes nothing', limit, async () => {
    await deploy('same', saying('same', 'one'));
    const { state, generation } = await claw.deploy('same', saying('same', 'one'));
    assert.deepEqual([state, generation], ['unchanged', 1]);
    assert.deepEqual(foldersOf(claw.root, 'same'), [1]);
  });

  test('keeps ten generations on the disk, and what serves among them', limit, async () => {
    for (let n = 1; n <= 15; n++) await deploy('kept', saying('kept', `say ${n}`));
    await claw.reached('kept', 15, 'committed');
    // One that still lets a call end is kept until then.
    await untilProcesses('kept', 1);
    assert.deepEqual(foldersOf(claw.root, 'kept'), [6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
    assert.deepEqual(
      readdirSync(join(claw.root, 'data', 'generations', 'kept')).filter((name) => !/^\d+$/.test(name)),
      ['sources.stamp'],
      'no copies of data, and nothing half written',
    );
    assert.equal(claw.medic.generations('kept').length, 10);
    assert.equal(await claw.call('kept'), 'say 15');
  });
});
