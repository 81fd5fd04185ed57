import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type ClayError, definePlugin, type Json, type Schema } from '@clay/sdk';
import { systemClock } from '../../clock.ts';
import type { Build } from '../../generations/build.ts';
import { createHostFunctions, type HostFunctionsOptions } from '../../generations/host-functions.ts';
import { parseManifest } from '../../manifest/parse-manifest.ts';
import type { HostCapability } from '../host-capabilities.ts';
import { type ProofClaw, startProofClaw } from '../proof/testing/proof-claw.ts';
import { grantPermissions } from '../read-manifest.ts';
import { listLog } from '../testing/kernel-fixture.ts';
import { createVolume, saying, shippedSaying } from './testing/volume.ts';

const limit = { timeout: 60_000 };

/** What somebody without leave must not reach, each saying that it was reached. */
const guarded = [
  'tool:bash',
  'service:plugins.deploy',
  'service:plugins.rollback',
  'service:plugins.source',
  'service:extensions.write',
  'service:extensions.run',
  'service:memory.search',
  'service:memory.store',
  'service:memory.everything',
  'service:soul.read',
  'service:tasks.list',
  'service:tasks.change',
  'service:llm.ask',
] as const;

/** By permission: what it opens of that, and nothing else. */
const opened: Readonly<Record<string, readonly string[]>> = {
  'memory.read': ['service:memory.search'],
  'memory.write': ['service:memory.store'],
  'soul.read': ['service:soul.read'],
  'tasks.read': ['service:tasks.list'],
  'tasks.write': ['service:tasks.change'],
  llm: ['service:llm.ask'],
  'call:tool:bash': ['tool:bash'],
  'call:service:plugins.deploy': ['service:plugins.deploy'],
  'call:service:plugins.*': ['service:plugins.deploy', 'service:plugins.rollback', 'service:plugins.source'],
  'call:service:memory.*': ['service:memory.everything'],
  'fs.read:public': [],
  'http:*': [],
};

const ceilings = { '*': Object.keys(opened) };
const volume = createVolume({ ceilings });
let claw: ProofClaw;

const memory = definePlugin<Schema>({
  name: 'memory',
  setup(ctx) {
    ctx.prompt({ name: 'memory', placement: 'system', order: 1, render: () => 'memories' });
  },
});

/** Everything but the tool is the host's here, so that nothing else decides. */
const services: readonly HostCapability[] = guarded
  .filter((name) => name.startsWith('service:'))
  .map((name) => ({
    kind: 'service',
    name: name.slice('service:'.length),
    description: name,
    parameters: null,
    run: () => 'reached',
  }));

before(async () => {
  claw = await startProofClaw({ root: volume.root, shipped: [shippedSaying('bash', 'reached'), memory] });
  claw.kernel.provide(services);
  await claw.deployments.start();
});
after(async () => {
  await claw.deployments.extensions.close();
  await claw.deployments.lanes.close();
  await claw[Symbol.asyncDispose]();
  volume[Symbol.dispose]();
});

/** A plugin whose one tool calls what it is told to. */
function caller(name: string): string {
  return `import { definePlugin } from '@clay/sdk';
export default definePlugin({
  name: '${name}',
  setup(ctx) {
    ctx.tool({ name: '${name}', description: 'Calls.', parameters: { type: 'object' },
      run: (args) => ctx.call(String((args as { name: string }).name), {}) });
  },
});
`;
}

async function reach(tool: string): Promise<readonly string[]> {
  const reached: string[] = [];
  for (const name of guarded) {
    const value: Json = await claw.call(tool, { name }).catch((error: ClayError) => {
      assert.equal(error.code, 'REFUSED', `${name}: ${error.message}`);
      assert.ok(error.message.includes(name), error.message);
      return null;
    });
    if (value !== null) reached.push(name);
  }
  return reached;
}

for (const [index, [permission, names]] of Object.entries(opened).entries()) {
  test(`a plugin of the volume with ${permission} reaches ${names.join(' and ') || 'nothing'}`, limit, async () => {
    const plugin = `caller${index}`;
    const manifest = { permissions: [permission], optional: [...guarded] };
    const { problem } = await claw.deploy(plugin, caller(plugin), { manifest });
    assert.equal(problem, null);
    assert.deepEqual(await reach(plugin), names);
  });
}

test('what a plugin does not name in its manifest it does not reach, whatever it may', limit, async () => {
  await claw.deploy('silent', caller('silent'), { manifest: { permissions: ['call:service:*', 'memory.read'] } });
  for (const name of guarded)
    await assert.rejects(claw.call('silent', { name }), { code: 'CAPABILITY_UNDECLARED' }, name);
});

test('a permission above the ceiling is none, and is told', limit, async () => {
  const manifest = { permissions: ['call:service:extensions.write', 'shell', 'soul.write'], optional: [...guarded] };
  await claw.deploy('high', caller('high'), { manifest });
  assert.deepEqual(await reach('high'), []);
  const { withheld, permissions } = claw.kernel.plugins().find(({ name }) => name === 'high') ?? assert.fail();
  assert.deepEqual(withheld, ['call:service:extensions.write', 'shell', 'soul.write']);
  assert.deepEqual(permissions, []);
});

test('a plugin that requires what it may not use is refused, with the permission to ask for', limit, async () => {
  const { state, problem } = await claw.deploy('needy', caller('needy'), {
    manifest: { requires: ['tool:bash', 'service:memory.store'] },
  });
  assert.equal(state, 'rejected');
  assert.match(
    problem ?? '',
    /requires what it may not use: tool:bash \(permission "call:tool:bash"\), service:memory\.store \(permission "memory\.write"\)/,
  );
});

test('an extension reaches no more, even if its whole lane were the script’s own', limit, async () => {
  for (const [permission, names] of Object.entries(opened)) {
    const parsed = parseManifest({ name: 'star', optional: [...guarded], permissions: [permission] });
    const manifest = 'manifest' in parsed ? parsed.manifest : assert.fail();
    const build = { origin: 'extension', plugin: 'star', hash: '', manifest } as Partial<Build> as Build;
    const { permissions } = grantPermissions(build, { ceilings, shell: 'ask' }, listLog([]));
    const nothing = { store: assert.fail, http: {}, files: {}, secret: assert.fail, clock: systemClock };
    const serve = createHostFunctions({
      ...(nothing as unknown as HostFunctionsOptions),
      manifest,
      origin: 'extension',
      permissions,
      call: async () => 'reached',
    });
    const reached = await Promise.all(
      guarded.map(async (capability) => {
        const request = { method: 'call', args: { capability }, blobs: [], parent: null };
        const answer = await serve(request as never).catch((error: ClayError) => error.code);
        return typeof answer === 'string' ? [] : [capability];
      }),
    );
    assert.deepEqual(reached.flat(), names, permission);
  }
});

const taken: readonly (readonly [string, string, RegExp])[] = [
  ['a service of another plugin', 'memory.search', /service:memory\.search is provided by plugin "host" already/],
  ['a service that nobody provides now', 'chat.send', /"thief" cannot provide service:chat\.send/],
  ['a free name', 'anything.at-all', /"thief" cannot provide service:anything\.at-all/],
  ['a name that begins like its own', 'thiefs.x', /"thief" cannot provide service:thiefs\.x/],
];
for (const [what, name, told] of taken) {
  test(`a plugin of the volume cannot provide ${what}`, limit, async () => {
    const [service, method] = name.split('.') as [string, string];
    const source = saying('thief', 'x').replace(
      '  setup(ctx) {',
      `  setup(ctx) {\n    ctx.service({ name: '${service}', methods: { '${method}': { description: 'x', run: () => 1 } } });`,
    );
    const { state, problem } = await claw.deploy('thief', source);
    assert.equal(state, 'rejected');
    assert.match(problem ?? '', told);
  });
}

test('a plugin provides services under its own name, but not one that a permission opens', limit, async () => {
  const source = (plugin: string, method: string) =>
    saying(plugin, 'x').replace(
      '  setup(ctx) {',
      `  setup(ctx) {\n    ctx.service({ name: '${plugin}', methods: { '${method}': { description: 'x', run: () => 'own' } } });`,
    );
  assert.equal((await claw.deploy('honest', source('honest', 'look'))).problem, null);
  assert.equal(await claw.kernel.router.call({ capability: 'service:honest.look', args: {}, caller: 'test' }), 'own');
  const chat = await claw.deploy('chat', source('chat', 'send'));
  assert.match(chat.problem ?? '', /"chat" cannot provide service:chat\.send/);
  assert.equal((await claw.deploy('chat', source('chat', 'hello'))).problem, null);
});

test('a prompt section and a tool of what ships, and those of the host, stay theirs', limit, async () => {
  const section = (name: string) =>
    saying('poser', 'x').replace(
      '  setup(ctx) {',
      `  setup(ctx) {\n    ctx.prompt({ name: '${name}', placement: 'system', order: 1, render: () => 'x' });`,
    );
  const tool = await claw.deploy(
    'poser',
    saying('poser', 'x').replace("name: 'poser', description", "name: 'bash', description"),
  );
  assert.match(tool.problem ?? '', /tool:bash is provided by plugin "bash" already/);
  const prompt = await claw.deploy('poser', section('memory'));
  assert.match(prompt.problem ?? '', /prompt:memory is provided by plugin "memory" already/);
});
