import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type ProofClaw, startProofClaw } from '../proof/testing/proof-claw.ts';
import { createVolume, saying } from './testing/volume.ts';

const limit = { timeout: 60_000 };
const volume = createVolume();
let claw: ProofClaw;

before(async () => {
  claw = await startProofClaw({ root: volume.root, isChecked: true });
});
after(async () => {
  await claw[Symbol.asyncDispose]();
  volume[Symbol.dispose]();
});

const deploy = (plugin: string, files: Readonly<Record<string, string>> | null = null, from: ProofClaw = claw) =>
  from.deployments.deployer.deploy({
    plugin,
    files: files === null ? null : new Map(Object.entries(files)),
    reason: 'test',
  });
const write = (files: Readonly<Record<string, string>>) =>
  volume.write(Object.fromEntries(Object.entries(files).map(([path, text]) => [`data/plugins/${path}`, text])));
const read = (path: string) => readFileSync(join(volume.root, 'data', 'plugins', path), 'utf8');
const count = (plugin: string) => claw.failures(plugin, null).length;

test('a folder and a single file become generations, and the same again is no news', limit, async () => {
  write({ 'folder/index.ts': `import { says } from './says.ts';\n${saying('folder', 'x').replace("'x'", 'says')}` });
  write({ 'folder/says.ts': "export const says = 'folder';\n", 'single.ts': saying('single', 'single') });
  for (const plugin of ['folder', 'single']) {
    const { generation, state, problem } = await deploy(plugin);
    assert.deepEqual([generation, state, problem], [1, 'probation', null]);
    assert.equal(await claw.call(plugin), plugin);
    assert.equal((await deploy(plugin)).state, 'unchanged');
  }
});

test('what is sent is put into the folder, but not when it does not build', limit, async () => {
  await deploy('sent', { 'index.ts': saying('sent', 'one') });
  assert.match(read('sent/index.ts'), /'one'/);
  const { generation } = await deploy('sent', { 'index.ts': saying('sent', 'two'), 'notes.md': '# Notes' });
  assert.deepEqual([generation, await claw.call('sent')], [2, 'two']);
  await assert.rejects(deploy('sent', { 'index.ts': 'export default {' }), { code: 'BAD_ARGUMENTS' });
  await assert.rejects(deploy('sent', { 'index.ts': saying('sent', 'x'), '../out.ts': '' }), { code: 'REFUSED' });
  assert.match(read('sent/index.ts'), /'two'/);
  assert.equal(await claw.call('sent'), 'two');
});

for (const name of ['host', 'constructor', '__proto__', '../x', 'Big', '', 'x'.repeat(49)]) {
  test(`nothing can be called ${JSON.stringify(name)}`, async () => {
    await assert.rejects(deploy(name, { 'index.ts': saying('x', 'x') }), { code: 'BAD_ARGUMENTS' });
    await assert.rejects(claw.deployments.deployer.check({ plugin: name, files: null }), { code: 'BAD_ARGUMENTS' });
  });
}

test('a name that nothing has is told with those there are, and is nothing for the log of failures', async () => {
  await assert.rejects(deploy('nowhere'), { code: 'NOT_FOUND', message: /data\/plugins\/nowhere.*There are: / });
  await assert.rejects(claw.deployments.deployer.check({ plugin: 'nowhere', files: null }), { code: 'NOT_FOUND' });
  assert.equal(count('nowhere'), 0);
});

test('an extension keeps its name', async () => {
  volume.write({ 'data/extensions/taken.star': 'def run():\n    return 1\n' });
  await assert.rejects(deploy('taken', { 'index.ts': saying('taken', 'x') }), {
    code: 'CONFLICT',
    message: /The extension taken\.star is called "taken" already/,
  });
  assert.ok(!existsSync(join(volume.root, 'data/plugins/taken')));
});

test('what does not build is told whole, to the caller and in the log, and what served goes on', limit, async () => {
  write({ 'unbuilt/index.ts': saying('unbuilt', 'good') });
  await deploy('unbuilt');
  const bad = `import { b } from './b.ts';\nimport fs from 'node:net';\n${saying('unbuilt', 'bad')}\nconsole.log(b, fs);\n`;
  write({ 'unbuilt/index.ts': bad });
  const error = await deploy('unbuilt').catch((thrown) => thrown);
  assert.equal(error.code, 'BAD_ARGUMENTS');
  for (const place of [/^index\.ts:1:\d+: error IMPORT_UNKNOWN/m, /^index\.ts:2:\d+: error IMPORT_BUILTIN/m]) {
    assert.match(error.details.output, place);
    assert.match(claw.failures('unbuilt', null)[0]?.text.replaceAll(/^ +/gm, '') ?? '', place);
  }
  const [{ text, file } = assert.fail()] = claw.failures('unbuilt', null);
  assert.equal(file.headline, error.message);
  assert.match(text, /Generation 1 \(\w+\) serves\./);
  assert.equal(await claw.call('unbuilt'), 'good');
});

test('types that do not fit are told whole in the log, the first as its headline', limit, async () => {
  const wrong = `${saying('untyped', 'x')}\nexport const a: number = 'text';\nexport const b: string = 1;\n`;
  const { generation } = await deploy('untyped', { 'index.ts': wrong });
  await claw.reached('untyped', generation, 'stopped', 'rejected');
  const { file, text } =
    claw.failures('untyped', generation).find((one) => one.file.category === 'check') ?? assert.fail();
  assert.match(file.headline, /^index\.ts:9:14: error TS2322: /);
  assert.match(text, /index\.ts:10:14: error TS2322: /);
});

test('a check tells of both compilers and changes nothing', limit, async () => {
  const before = readdirSync(join(volume.root, 'data', 'plugins')).sort();
  const check = (text: string) =>
    claw.deployments.deployer.check({ plugin: 'checked', files: new Map([['index.ts', text]]) });
  assert.deepEqual(await check(saying('checked', 'x')), {
    plugin: 'checked',
    isGood: true,
    text: '"checked" builds, and its types and tests are right.',
    diagnostics: [],
  });
  const bad = await check(`import './none.ts';\n${saying('checked', 'x')}\nexport const a: number = 'text';\n`);
  assert.equal(bad.isGood, false);
  assert.match(bad.text, /index\.ts:1:\d+: error IMPORT_UNKNOWN/);
  assert.match(bad.text, /index\.ts:10:14: error TS2322/);
  assert.ok(bad.diagnostics.some(({ code, line }) => code === 'TS2322' && line === 10));
  assert.deepEqual(readdirSync(join(volume.root, 'data', 'plugins')).sort(), before);
  assert.equal(count('checked'), 0);
  assert.ok(!claw.medic.generations().some(({ plugin }) => plugin === 'checked'));
});

const manifests: readonly (readonly [string, string, RegExp])[] = [
  ['is no JSON', '{\n  "name": "manifest",\n}', /plugin\.json:3:1: error MANIFEST: This is not JSON/],
  ['names another plugin', '{ "name": "other" }', /plugin\.json:1:3: .*"other", but it was sent as "manifest"/],
  [
    'wants a newer SDK',
    '{ "name": "manifest", "engine": "2-3" }',
    /plugin\.json:1:23: .*needs a newer SDK than this host has/,
  ],
  ['has a range upside down', '{ "name": "manifest", "engine": "1-0" }', /a range from 1 down to 0/],
  [
    'asks for what does not exist',
    '{ "name": "manifest", "permissions": ["root"] }',
    /permissions\[0\].*"root" does not exist/,
  ],
  ['calls itself the host', '{ "name": "host" }', /No plugin can be called "host"/],
];
for (const [what, text, told] of manifests) {
  test(`a manifest that ${what} is told with its place, before anything runs`, async () => {
    const before = count('manifest');
    const error = await deploy('manifest', { 'index.ts': saying('manifest', 'x'), 'plugin.json': text }).catch(
      (thrown) => thrown,
    );
    assert.equal(error.code, 'BAD_ARGUMENTS');
    assert.match(error.details.output, told);
    assert.equal(count('manifest'), before + 1);
    assert.ok(!claw.medic.generations().some(({ plugin }) => plugin === 'manifest'));
  });
}

test('without a name the one that has changed is meant, also by the next host', limit, async () => {
  using own = createVolume();
  const put = (name: string, says: string) => own.write({ [`data/plugins/${name}.ts`]: saying(name, says) });
  put('a', 'one');
  put('b', 'one');
  {
    await using first = await startProofClaw({ root: own.root });
    const { deployer } = first.deployments;
    assert.throws(() => deployer.onlyChanged(), {
      code: 'BAD_ARGUMENTS',
      message: /Several plugins have changed \(a, b\)/,
    });
    await deploy('a', null, first);
    assert.equal(deployer.onlyChanged(), 'b');
    await deploy('b', null, first);
    assert.throws(() => deployer.onlyChanged(), { code: 'BAD_ARGUMENTS', message: /No plugin .* has changed/ });
  }
  put('b', 'two');
  await using second = await startProofClaw({ root: own.root });
  assert.equal(second.deployments.deployer.onlyChanged(), 'b');
});

test('deployed after its sources were deleted, a plugin goes', limit, async () => {
  write({ 'going.ts': saying('going', 'here') });
  const { generation } = await deploy('going');
  volume.remove('data/plugins/going.ts');
  const gone = await deploy('going');
  assert.deepEqual([gone.generation, gone.state], [generation, 'stopped']);
  assert.match(gone.problem ?? '', /data\/plugins\/going was deleted: nothing serves in its place/);
  await assert.rejects(claw.call('going'), { code: 'CAPABILITY_UNKNOWN' });
  await assert.rejects(deploy('going'), { code: 'NOT_FOUND' });
});
