import assert from 'node:assert/strict';
import { appendFileSync, chmodSync, cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { JsonObject, PluginDefinition, Schema } from '@clay/sdk';
import { type ProofClaw, type ProofOptions, startProofClaw } from '../proof/testing/proof-claw.ts';
import { createVolume, saying, shippedSaying, type Volume } from './testing/volume.ts';

const limit = { timeout: 60_000 };

/** A host on a volume, with one plugin that ships, brought in line as `startClaw` does. */
async function start(
  volume: Volume,
  shipped: PluginDefinition<Schema> = shippedSaying('greeter', 'shipped', { version: '1' }),
  more: Partial<ProofOptions> = {},
): Promise<ProofClaw> {
  const claw = await startProofClaw({ root: volume.root, shipped: [shipped], ...more });
  await claw.kernel.settled();
  await claw.deployments.start();
  return claw;
}

async function override(claw: ProofClaw, says = 'mine', manifest = {}) {
  const admission = await claw.deploy('greeter', saying('greeter', says), { manifest });
  if (admission.problem === null) await claw.reached('greeter', admission.generation, 'committed');
  return admission;
}

const rebases = (claw: ProofClaw) =>
  claw.medic
    .generations('greeter')
    .flatMap(({ generation }) => claw.failures('greeter', generation))
    .filter(({ file }) => file.category === 'rebase');

const provider = shippedSaying('provider', 'x');

test('an override has the rights of what it replaces, and no other', limit, async () => {
  const shipped = shippedSaying('greeter', 'shipped', {
    permissions: ['http:*.example.com', 'memory.read'],
    requires: ['tool:provider'],
  });
  const ceilings = { '*': ['shell', 'http:*', 'memory.write'] };
  await using claw = await startProofClaw({ shipped: [provider, shipped], ceilings });
  const permissions = ['http:*', 'shell', 'memory.read', 'memory.write', 'fs.read:files/greeter'];
  await override(claw, 'mine', { permissions, optional: ['tool:provider', 'service:plugins.deploy'] });
  const status = claw.kernel.plugins().find(({ name }) => name === 'greeter') ?? assert.fail();
  assert.deepEqual(status.permissions, ['http:*.example.com', 'memory.read', 'call:tool:provider']);
  assert.deepEqual(status.withheld, ['fs.read:files/greeter', 'http:*', 'memory.write', 'shell']);
  assert.equal(status.origin, 'volume');
});

test('an override starts programs only where the agent may, whatever what it replaces asks before', limit, async () => {
  const shipped = shippedSaying('greeter', 'shipped', { permissions: ['shell'] });
  const withheldWith = async (settings: JsonObject) => {
    using volume = createVolume(settings);
    await using claw = await start(volume, shipped);
    await override(claw, 'mine', { permissions: ['shell'] });
    return claw.kernel.plugins().find(({ name }) => name === 'greeter')?.withheld;
  };
  assert.deepEqual(await withheldWith({}), ['shell']);
  assert.deepEqual(await withheldWith({ shell: 'on' }), []);
  assert.deepEqual(await withheldWith({ shell: 'on', approvals: ['shell'] }), ['shell']);
  assert.deepEqual(await withheldWith({ ceilings: { greeter: ['shell'] } }), []);
});

test('what is protected is replaced only with a person’s yes, and only as long as that stands', limit, async () => {
  using volume = createVolume();
  const shipped = shippedSaying('greeter', 'shipped', { protected: true });
  {
    await using claw = await start(volume, shipped);
    await assert.rejects(override(claw), { code: 'NEEDS_APPROVAL', message: /adding "greeter" to "overrides"/ });
    assert.equal(await claw.call('greeter'), 'shipped');
  }
  volume.write({ 'clay.json': '{ "overrides": ["greeter"] }' });
  {
    await using claw = await start(volume, shipped);
    await override(claw);
    assert.equal(await claw.call('greeter'), 'mine');
  }
  {
    await using claw = await start(volume, shipped);
    assert.equal(await claw.call('greeter'), 'mine');
    assert.deepEqual(rebases(claw), []);
  }
  volume.write({ 'clay.json': '{}' });
  await using claw = await start(volume, shipped);
  await claw.reached('greeter', 0, 'committed');
  assert.equal(await claw.call('greeter'), 'shipped');
  assert.ok(!claw.rows('greeter', 1).includes('quarantined'));
  assert.match(rebases(claw)[0]?.text ?? '', /Your "greeter" was put aside: .*only a person/);
});

test('what ships and cannot be read is not replaced: nobody knows what it may do', limit, async () => {
  using volume = createVolume();
  const broken = { ...shippedSaying('greeter', 'shipped'), requires: ['nonsense'] };
  await using claw = await start(volume, broken);
  await assert.rejects(override(claw), { code: 'REFUSED', message: /ships with the claw and cannot be read/ });
});

test('after an upgrade of what it replaces an override is built again, and its author told once', limit, async () => {
  using volume = createVolume();
  {
    await using claw = await start(volume);
    await override(claw);
  }
  const upgraded = shippedSaying('greeter', 'shipped', { version: '2' });
  {
    await using claw = await start(volume, upgraded);
    assert.equal(await claw.call('greeter'), 'mine');
    const [told = assert.fail(), ...others] = rebases(claw);
    assert.equal(others.length, 0);
    assert.match(
      told.text,
      /has changed with the image; your "greeter" in its place is the same as before, and serves/,
    );
    assert.match(told.text, /delete data\/plugins\/greeter and deploy, or roll "greeter" back to generation 0/);
  }
  {
    await using claw = await start(volume, upgraded);
    assert.equal(rebases(claw).length, 1);
  }
});

test(
  'an override that no longer builds against the new base serves on as it is, and its author is told why',
  limit,
  async () => {
    using volume = createVolume();
    {
      await using claw = await start(volume);
      await override(claw);
    }
    appendFileSync(join(volume.root, 'data/plugins/greeter/index.ts'), 'export default {');
    await using claw = await start(volume, shippedSaying('greeter', 'shipped', { version: '2' }));
    assert.equal(await claw.call('greeter'), 'mine');
    assert.match(rebases(claw)[0]?.text ?? '', /could not be built again: Plugin "greeter" does not build/);
    assert.match(claw.failures('greeter', null)[0]?.text ?? '', /index\.ts:\d+:\d+: error SYNTAX/);
  },
);

test('a rollback to generation 0 brings back what ships, and it stays', limit, async () => {
  using volume = createVolume();
  {
    await using claw = await start(volume);
    await override(claw);
    assert.deepEqual((await claw.medic.rollback('greeter', { to: 0 })).problem, null);
    assert.equal(await claw.call('greeter'), 'shipped');
  }
  await using claw = await start(volume, shippedSaying('greeter', 'newer', { version: '2' }));
  assert.equal(await claw.call('greeter'), 'newer');
  assert.deepEqual(rebases(claw), []);
});

test('with its folder deleted and deployed, or at the next start, what ships is back', limit, async () => {
  using volume = createVolume();
  {
    await using claw = await start(volume);
    await override(claw);
    volume.remove('data/plugins/greeter');
    const back = await claw.deployments.deployer.deploy({ plugin: 'greeter', files: null, reason: 'gone' });
    assert.deepEqual([back.generation, back.state, back.problem], [0, 'committed', null]);
    assert.equal(await claw.call('greeter'), 'shipped');
    await override(claw, 'again');
  }
  volume.remove('data/plugins/greeter');
  await using claw = await start(volume);
  await claw.reached('greeter', 0, 'committed');
  assert.equal(await claw.call('greeter'), 'shipped');
});

test('a whole folder of plugins that is not there takes nothing along', limit, async () => {
  using volume = createVolume();
  {
    await using claw = await start(volume);
    await override(claw);
  }
  volume.remove('data/plugins');
  await using claw = await start(volume);
  assert.equal(await claw.call('greeter'), 'mine');
  assert.ok(claw.log.some(({ event }) => event === 'sources.gone'));
});

test('a kept build that was changed on the disk is not run, and what ships serves', limit, async () => {
  using volume = createVolume();
  {
    await using claw = await start(volume);
    await override(claw);
  }
  const main = join(volume.root, 'data/generations/greeter/1/main.mjs');
  chmodSync(main, 0o644);
  appendFileSync(main, '\n// changed\n');
  await using claw = await start(volume);
  await claw.reached('greeter', 0, 'committed');
  assert.equal(await claw.call('greeter'), 'shipped');
  assert.match(claw.failures('greeter', 1)[0]?.text ?? '', /will not be run: main\.mjs is not the file that was built/);
});

test(
  'a kept build that was replaced by another whole one is not run either: the journal knows its hash',
  limit,
  async () => {
    using volume = createVolume();
    const folder = (number: number) => join(volume.root, `data/generations/greeter/${number}`);
    {
      await using claw = await start(volume);
      await override(claw, 'good');
      await override(claw, 'evil');
      await claw.medic.rollback('greeter', { to: 1 });
    }
    rmSync(folder(1), { recursive: true });
    cpSync(folder(2), folder(1), { recursive: true });
    await using claw = await start(volume);
    await claw.reached('greeter', 1, 'rejected');
    assert.match(claw.failures('greeter', 1)[0]?.text ?? '', /but the journal knows [0-9a-f]{64}/);
  },
);

test('a folder that a host left which died before it wrote down the generation is in nobody’s way', limit, async () => {
  using volume = createVolume();
  volume.write({ 'data/generations/greeter/1/main.mjs': 'left over', 'data/generations/greeter/.1.half/main.mjs': '' });
  await using claw = await start(volume);
  assert.equal((await override(claw)).generation, 1);
  assert.equal(await claw.call('greeter'), 'mine');
});

test('an extension whose name ships now makes way', limit, async () => {
  using volume = createVolume();
  volume.write({
    'data/extensions/greeter.star': 'def greeter() -> str:\n    """Says it."""\n    return "star"\n\ntool(greeter)\n',
  });
  {
    await using claw = await startProofClaw({ root: volume.root });
    await claw.deployments.extensions.start();
    await claw.reached('greeter', 1, 'committed');
    assert.equal(await claw.call('greeter'), 'star');
    await claw.deployments.extensions.close();
    await claw.deployments.lanes.close();
  }
  await using claw = await start(volume);
  await claw.reached('greeter', 0, 'committed');
  assert.equal(await claw.call('greeter'), 'shipped');
});
