import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ClayError } from '@clay/sdk';
import { isRunning, readProcess } from '../../process/process-table.ts';
import { callNeighbours, inlineNeighbour, type Neighbours } from './testing/neighbours.ts';
import { pluginSource, toolSource } from './testing/plugin-source.ts';
import { type DeployMore, type ProofClaw, startProofClaw } from './testing/proof-claw.ts';

const limit = { timeout: 40_000 };
let claw: ProofClaw;
let neighbours: Neighbours;

before(async () => {
  claw = await startProofClaw({
    shipped: [inlineNeighbour],
    ceilings: { grandparent: ['shell'], user: ['call:tool:wide'] },
  });
  neighbours = await callNeighbours(claw);
});
after(async () => {
  await neighbours.end();
  await claw[Symbol.asyncDispose]();
});

/** Deploys a plugin whose one tool is named after it, and waits until it is proven. */
async function prove(name: string, setup = toolSource(name, `return 'old';`), more: DeployMore = {}) {
  const { generation, problem } = await claw.deploy(name, pluginSource(name, setup), more);
  assert.equal(problem, null);
  await claw.reached(name, generation, 'committed');
  return generation;
}

describe('a generation that breaks a promise', { concurrency: 4 }, () => {
  test('parameters narrower than what somebody requires are refused, and named', limit, async () => {
    const schema = (required: string) =>
      `ctx.tool({ name: 'wide', description: 'wide', run: () => 'old',
        parameters: { type: 'object', properties: { text: { type: 'string' } }, required: [${required}] } });`;
    await prove('wide', schema(''));
    await prove('user', toolSource('user', `return ctx.call('tool:wide', {});`), {
      manifest: { requires: ['tool:wide'], permissions: ['call:tool:wide'] },
    });
    const narrow = await claw.deploy('wide', pluginSource('wide', schema(`'text'`)));
    assert.equal(narrow.state, 'rejected');
    assert.match(
      narrow.problem ?? '',
      /"user" requires tool:wide, whose parameters have become narrower: "text" is required now/,
    );
    const gone = await claw.deploy('wide', pluginSource('wide', toolSource('other', 'return 1;')));
    assert.match(gone.problem ?? '', /"user" requires tool:wide, which this generation no longer provides/);
    assert.equal(await claw.call('wide'), 'old');
    assert.match(claw.failures('wide', gone.generation)[0]?.text ?? '', /no longer provides/);
  });

  test('two tools of one name are refused, whether both are its own or one is another plugin’s', limit, async () => {
    await prove('twice');
    const own = toolSource('twice', 'return 1;');
    const { state, problem } = await claw.deploy('twice', pluginSource('twice', own + own));
    assert.equal(state, 'rejected');
    assert.match(problem ?? '', /declares tool:twice twice/);
    const other = await claw.deploy('twice', pluginSource('twice', own + toolSource('inline_echo', 'return 1;')));
    assert.match(other.problem ?? '', /tool:inline_echo is provided by plugin "inline-neighbour" already/);
    assert.equal(await claw.call('twice'), 'old');
  });

  test('what does not build never becomes a generation, and its author is told all of it', limit, async () => {
    await prove('unbuilt');
    const attempts: readonly (readonly [string, DeployMore, RegExp])[] = [
      [pluginSource('unbuilt', '', `import '../../../etc/passwd.ts';`), {}, /index\.ts:2:8[\s\S]*IMPORT_OUTSIDE/],
      [
        pluginSource('unbuilt', '', `import net from 'node:net'; net.createServer().listen(80);`),
        {},
        /index\.ts:2:17[\s\S]*ctx\.http/,
      ],
      [
        pluginSource('unbuilt', ''),
        { manifest: { engine: '2' } },
        /plugin\.json:\d+:\d+[\s\S]*protocol 2; this host speaks 1/,
      ],
      ['export default {{', {}, /index\.ts:1:\d+/],
    ];
    for (const [source, more, text] of attempts) {
      await assert.rejects(claw.deploy('unbuilt', source, more), (error) => {
        assert.ok(error instanceof ClayError);
        assert.match(String(error.details.output), text);
        return true;
      });
      assert.match(claw.failures('unbuilt', null).at(-1)?.text ?? '', text);
    }
    assert.equal(claw.medic.generations('unbuilt').length, 1);
    assert.equal(await claw.call('unbuilt'), 'old');
  });

  test('one that replies and dies has replied, and is undone', limit, async () => {
    await prove('replier');
    const run = `setImmediate(() => process.exit(1)); return 'said';`;
    const { generation } = await claw.deploy('replier', pluginSource('replier', toolSource('replier', run)));
    assert.equal(await claw.call('replier'), 'said');
    await claw.reached('replier', generation, 'quarantined');
    assert.equal(await claw.call('replier'), 'old');
  });

  test('answers that are said twice, or to what nobody asked, change nothing', limit, async () => {
    const run = `
      const frame = (text: string) => { const head = Buffer.alloc(5); head.writeUInt32BE(Buffer.byteLength(text), 0); head.writeUInt8(1, 4); return Buffer.concat([head, Buffer.from(text)]); };
      for (const id of [call.id, 'pump-1', 'probe-1']) fs.writeSync(4, frame(JSON.stringify({ type: 'reply', id, value: 'forged' })));
      return 'late';`;
    const source = pluginSource('liar', toolSource('liar', run), `import * as fs from 'node:fs';`);
    const { generation, problem } = await claw.deploy('liar', source);
    assert.equal(problem, null);
    for (let n = 0; n < 5; n++) assert.equal(await claw.call('liar'), 'forged');
    assert.equal(await claw.reached('liar', generation, 'committed', 'quarantined'), 'committed');
  });

  test('a grandchild goes with the generation that left it behind', limit, async () => {
    await prove('grandparent');
    const run = `const child = spawn('sleep', ['300'], { stdio: 'ignore', detached: true });
      await new Promise((resolve) => setTimeout(resolve, 700));
      setTimeout(() => process.exit(1), 5);
      return child.pid;`;
    const { generation, problem } = await claw.deploy(
      'grandparent',
      pluginSource('grandparent', toolSource('grandparent', run), `import { spawn } from 'node:child_process';`),
      { manifest: { permissions: ['shell'] } },
    );
    assert.equal(problem, null);
    const crashed = claw.untilNews((one) => one.plugin === 'grandparent' && one.state === 'crashed');
    const pid = Number(await claw.call('grandparent'));
    assert.equal((await crashed).generation, generation);
    const left = readProcess(pid);
    assert.ok(left === null || !isRunning(left));
  });

  test('a lease that is not let go is taken all the same', limit, async () => {
    const holder = (says: string, release: string) =>
      `ctx.lease({ name: 'bot', onGrant: () => { holds = true; return async () => { ${release} }; } });
       let holds = false;
       ${toolSource('holder', `return ['${says}', holds];`)}`;
    const manifest = { leases: ['bot'] };
    await prove('holder', holder('old', 'await new Promise(() => {});'), { manifest });
    assert.deepEqual(await claw.call('holder'), ['old', true]);
    const { generation, problem } = await claw.deploy('holder', pluginSource('holder', holder('new', '')), {
      manifest,
    });
    assert.equal(problem, null);
    assert.deepEqual(await claw.call('holder'), ['new', true]);
    await claw.reached('holder', generation, 'committed');
  });

  test('one that could not go live is undone, although it was proven', limit, async () => {
    await prove('sleeper');
    const setup = `${toolSource('sleeper', `return 'new';`)} ctx.onLive(() => { throw new Error('no bed'); });`;
    const { state, problem } = await claw.deploy('sleeper', pluginSource('sleeper', setup));
    assert.equal(state, 'quarantined');
    assert.match(problem ?? '', /no bed[\s\S]*data\/plugins\/sleeper\/index\.ts:7:\d+/);
    assert.equal(await claw.call('sleeper'), 'old');
  });

  test('one whose calls fail more often than its predecessor’s is taken back', limit, async () => {
    await prove('failing');
    const source = pluginSource('failing', toolSource('failing', `throw new Error('not today');`));
    const { generation } = await claw.deploy('failing', source);
    const calls = Array.from({ length: 20 }, () => claw.call('failing').then(String, ({ message }) => message));
    assert.equal(await claw.reached('failing', generation, 'committed', 'stopped'), 'stopped');
    assert.deepEqual(new Set(await Promise.all(calls)), new Set(['not today']));
    const told = claw.news.find((one) => one.plugin === 'failing' && one.kind === 'told');
    assert.match(told?.text ?? '', /20 of its 20 calls failed, against 0 % before it/);
    assert.deepEqual(claw.rows('failing', generation), [
      'built',
      'staged',
      'probation',
      'rolled-back',
      'draining',
      'stopped',
    ]);
    assert.match(claw.failures('failing', generation)[0]?.text ?? '', /20 of its 20 calls failed/);
    assert.equal(await claw.call('failing'), 'old');
  });
});

test('types that do not fit keep a generation from its commit', limit, async () => {
  await using checked = await startProofClaw({ isChecked: true });
  const source = pluginSource(
    'typed',
    `${toolSource('typed', `return 'new';`)} const wrong: number = 'text'; void wrong;`,
  );
  const { generation, state } = await checked.deploy('typed', source);
  assert.ok(state === 'probation' || state === 'stopped' || state === 'draining', state);
  await checked.reached('typed', generation, 'stopped');
  assert.deepEqual(checked.rows('typed', generation).slice(2), ['probation', 'rolled-back', 'draining', 'stopped']);
  const [{ text, file } = { text: '', file: null }] = checked.failures('typed', generation);
  assert.equal(file?.category, 'check');
  assert.match(text, /index\.ts:7:\d+[\s\S]*not assignable to type 'number'/);
  await assert.rejects(checked.call('typed'), { code: 'CAPABILITY_UNKNOWN' });
});
