import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { ClayError, type JsonObject } from '@clay/sdk';
import { systemClock } from '../../clock.ts';
import type { ExtensionsOptions } from './create-extensions.ts';
import { loadExtension } from './extension-build.ts';
import { type Claw, type ClawOptions, openClaw, openLanes } from './testing/open-claw.ts';

/** For all tests of this file. */
const lanes = openLanes();
after(() => lanes[Symbol.asyncDispose]());

const hello = `# DESCRIPTION: Says hello.
def run(args):
    return "hello " + args.get("name", "world")
`;
const shout = (mark: string) => `def run(text: str) -> str:
    """Shouts.

    Args:
      text: what is shouted
    """
    return text.upper() + ${JSON.stringify(mark)}

def test_shouts():
    if run("a") != "A" + ${JSON.stringify(mark)}:
        fail("no")
`;

async function claw(t: TestContext, options: ClawOptions = {}): Promise<Claw> {
  const opened = await openClaw(lanes, options);
  t.after(() => opened[Symbol.asyncDispose]());
  return opened;
}

test('a saved file serves, and its next version takes over', async (t) => {
  const { save, report, tool, extensions, root } = await claw(t);
  save('shout', shout('!'));
  const first = await report('shout');
  assert.deepEqual([first.isGood, first.generation, first.state], [true, 1, 'probation']);
  assert.match(first.text, /shout\.star is good: tool shout.*1 test passed/);
  assert.equal(await tool('shout', { text: 'hi' }), 'HI!');
  save('shout', shout('?'));
  assert.equal((await report('shout', 2)).generation, 2);
  assert.equal(await tool('shout', { text: 'hi' }), 'HI?');
  assert.deepEqual(await extensions.list(), [
    {
      name: 'shout',
      description: 'Shouts.',
      tools: ['shout'],
      hasRun: true,
      state: 'probation',
      generation: 2,
      lastError: null,
    },
  ]);
  const kept = join(root, 'data', 'generations', 'shout', '2');
  assert.deepEqual(readdirSync(kept).sort(), ['build.json', 'extension.star', 'plugin.json']);
  assert.equal(readFileSync(join(kept, 'extension.star'), 'utf8'), shout('?'));
});

test('a bad save leaves the good generation serving, and is told whole', async (t) => {
  const { save, report, tool, extensions } = await claw(t);
  save('shout', shout('!'));
  await report('shout');
  save('shout', 'def run(text: str) -> str:\n    return text.uper() + undefined_name\n');
  const { isGood, text, state, generation } = await report('shout', 2);
  assert.deepEqual([isGood, state, generation], [false, 'refused', 1]);
  assert.match(text, /shout\.star:2:\d+/);
  assert.match(text, /undefined_name/);
  assert.match(text, /Generation 1 goes on serving\./);
  assert.equal(await tool('shout', { text: 'hi' }), 'HI!');
  const [status] = await extensions.list();
  assert.match(status?.lastError ?? '', /undefined_name/);
  assert.deepEqual([status?.state, status?.generation], ['probation', 1]);
  save('shout', `${shout('!')}# mended\n`);
  await report('shout', 3);
  assert.equal((await extensions.list())[0]?.lastError, null);
});

test('a file that comes in two halves is not told as bad in between', async (t) => {
  const { folder, report, reports } = await claw(t);
  const file = join(folder, 'shout.star');
  const source = shout('!');
  writeFileSync(file, source.slice(0, 30));
  await systemClock.sleep(120);
  appendFileSync(file, source.slice(30));
  assert.equal((await report('shout')).isGood, true);
  assert.equal(reports.length, 1);
});

test('a file that cannot be saved is told to its author, and nothing changes', async (t) => {
  const { folder, extensions } = await claw(t);
  mkdirSync(join(folder, 'shout.star', 'in-the-way'), { recursive: true });
  await assert.rejects(extensions.write('shout', shout('!')), {
    code: 'UNAVAILABLE',
    message: /shout\.star could not be saved: /,
  });
  assert.deepEqual(readdirSync(folder), ['shout.star']);
});

test('a file whose own test fails never serves', async (t) => {
  const { save, report, tools, extensions } = await claw(t);
  save('shout', `${shout('!')}\ndef test_fails():\n    fail("as it should")\n`);
  const { isGood, text } = await report('shout');
  assert.equal(isGood, false);
  assert.match(text, /test_fails failed[\s\S]*as it should[\s\S]*Nothing of it serves\./);
  assert.deepEqual(tools(), ['taken']);
  assert.deepEqual(
    (await extensions.list()).map(({ state, generation }) => [state, generation]),
    [['refused', null]],
  );
});

test('a tool that somebody else provides is refused, naming both', async (t) => {
  const { save, report, tool } = await claw(t);
  save('thief', 'def taken(x: str) -> str:\n    """Steals."""\n    return x\ntool(taken)\n');
  const { isGood, text } = await report('thief');
  assert.equal(isGood, false);
  assert.match(text, /tool:taken is provided by plugin "shipped" already.*"thief"/);
  assert.equal(await tool('taken'), 'mine');
});

test('what was refused for the name of another serves as soon as that one makes way', async (t) => {
  const { save, report, folder, tool } = await claw(t);
  const two = (mark: string) =>
    `def same(x: str) -> str:\n    """Same."""\n    return ${JSON.stringify(mark)}\ntool(same)\n`;
  save('first', two('first'));
  await report('first');
  save('second', two('second'));
  assert.match((await report('second')).text, /tool:same is provided by plugin "first" already/);
  unlinkSync(join(folder, 'first.star'));
  assert.equal((await report('second', 2)).isGood, true);
  assert.equal(await tool('same', { x: '' }), 'second');
  save('third', two('third'));
  assert.equal((await report('third')).isGood, false);
  save('second', hello);
  assert.equal((await report('third', 2)).isGood, true);
  assert.equal(await tool('same', { x: '' }), 'third');
});

test('a save that no lane can look at is tried again', async (t) => {
  let failures = 1;
  const tired: ExtensionsOptions['lanes'] = {
    async inspect(script, signal) {
      if (failures-- > 0) throw new ClayError('UNAVAILABLE', 'No lane can be started: no memory.');
      return lanes.inspect(script, signal);
    },
    transport: (script, life) => lanes.transport(script, life),
  };
  const { save, report, tool } = await claw(t, { lanes: tired });
  save('shout', shout('!'));
  assert.match((await report('shout')).text, /No lane can be started: no memory\. It is tried again in 1 s\./);
  assert.equal((await report('shout', 2)).isGood, true);
  assert.equal(await tool('shout', { text: 'a' }), 'A!');
});

test('200 files saved at once all serve', async (t) => {
  const { save, report, tool } = await claw(t);
  const names = Array.from({ length: 200 }, (_, index) => `many${index}`);
  for (const name of names) save(name, shout(name));
  for (const name of names) assert.equal((await report(name)).isGood, true, (await report(name)).text);
  assert.equal(await tool('many199', { text: 'a' }), 'Amany199');
});

test('a script that would never end is refused with its line, and its neighbours serve on', async (t) => {
  const { save, report, tool } = await claw(t);
  save('shout', shout('!'));
  await report('shout');
  save('endless', 'def spin():\n    for a in range(1 << 40):\n        pass\nspin()\n');
  const { isGood, text } = await report('endless');
  assert.equal(isGood, false);
  assert.match(text, /endless\.star/);
  assert.equal(await tool('shout', { text: 'a' }), 'A!');
});

test('a script reads and writes its own files, and nothing beyond them', async (t) => {
  const { save, report, service, root } = await claw(t);
  const source = `def run(args):
    if args["do"] == "write":
        return write_file(args["path"], "text")
    return read_file(args["path"])
`;
  save('clerk', source);
  await report('clerk');
  const run = async (what: string, path: string) => {
    try {
      return ((await service('run', { name: 'clerk', args: { do: what, path } })) as { output: string }).output;
    } catch (error) {
      return `failed: ${error instanceof Error ? error.message : ''}`;
    }
  };
  assert.equal(await run('write', 'files/clerk/a/b.txt'), 'Wrote 4 bytes to files/clerk/a/b.txt');
  assert.equal(await run('read', 'files/clerk/a/b.txt'), 'text');
  assert.equal(readFileSync(join(root, 'data', 'files', 'clerk', 'a', 'b.txt'), 'utf8'), 'text');
  const own = join(root, 'data', 'files', 'clerk');
  symlinkSync('/etc/hostname', join(own, 'link'));
  execFileSync('mkfifo', [join(own, 'pipe')]);
  writeFileSync(join(own, 'huge'), '');
  truncateSync(join(own, 'huge'), 10 * 1024 ** 3);
  const paths = ['../../clay.json', '/etc/passwd', 'files/clerk/link', '/dev/zero', 'files/clerk/pipe'];
  for (const path of [...paths, 'files/clerk/huge', 'data/messages.db', 'soul/SOUL.md', 'files/other/x'])
    assert.match(await run('read', path), /^(ERROR|failed): /, path);
  for (const path of [...paths, 'public/x', 'files/other/x', 'data/extensions/evil.star'])
    assert.match(await run('write', path), /^(ERROR|failed): /, path);
  assert.deepEqual(readdirSync(own).sort(), ['a', 'huge', 'link', 'pipe']);
});

test('a file with the name of a plugin is refused, and its removal touches nobody', async (t) => {
  const { save, report, folder, tool, extensions } = await claw(t);
  save('shipped', hello);
  assert.match((await report('shipped')).text, /a plugin that ships with Clay is called "shipped" already/);
  await assert.rejects(extensions.write('shipped', hello), { code: 'CONFLICT' });
  unlinkSync(join(folder, 'shipped.star'));
  await report('shipped', 2);
  assert.equal(await tool('taken'), 'mine');
  assert.deepEqual(await extensions.list(), []);
});

test('a deleted file is retired, and comes back as a new generation', async (t) => {
  const { save, report, folder, tools, extensions } = await claw(t);
  save('shout', shout('!'));
  await report('shout');
  unlinkSync(join(folder, 'shout.star'));
  assert.equal((await report('shout', 2)).state, 'retired');
  assert.deepEqual(tools(), ['taken']);
  assert.deepEqual(await extensions.list(), []);
  save('shout', shout('!'));
  assert.equal((await report('shout', 3)).isGood, true);
  assert.deepEqual(tools(), ['shout', 'taken']);
});

test('names that cannot be, and files that cannot be scripts, are told and listed', async (t) => {
  const { save, report, extensions, folder } = await claw(t);
  save('My_Tool', hello);
  assert.match((await report('My_Tool')).text, /Call it "my-tool"/);
  mkdirSync(join(folder, 'folder.star'));
  assert.match((await report('folder')).text, /folder\.star is a folder/);
  assert.deepEqual(
    (await extensions.list()).map(({ name, state }) => `${name} ${state}`),
    ['My_Tool refused', 'folder refused'],
  );
});

test('the original way to run an extension takes a name with or without ending, and texts', async (t) => {
  const { save, report, service } = await claw(t);
  save('hello', hello);
  save('tools-only', 'def x(a: str) -> str:\n    """X."""\n    return a\ntool(x)\n');
  await report('hello');
  await report('tools-only');
  assert.deepEqual(await service('run', { name: 'hello', args: { name: 'Ada' } }), { output: 'hello Ada' });
  assert.deepEqual(await service('run', { name: 'hello.star' }), { output: 'hello world' });
  await assert.rejects(service('run', { name: 'tools-only' }), {
    code: 'BAD_ARGUMENTS',
    message: /no run\(\).*names: x/,
  });
  await assert.rejects(service('run', { name: 'absent' }), {
    code: 'NOT_FOUND',
    message: 'There is no extension "absent". There are: hello, tools-only.',
  });
});

test('the agent checks, writes and tests; what is bad is not saved', async (t) => {
  const { service, folder, tool, reports } = await claw(t);
  const bad = (await service('write', { name: 'shout', source: 'def run(:\n' })) as JsonObject;
  assert.deepEqual([bad.isSaved, bad.isGood, bad.generation], [false, false, null]);
  assert.match(String(bad.text), /shout\.star:1:/);
  assert.equal((bad.diagnostics as readonly JsonObject[])[0]?.line, 1);
  assert.deepEqual(readdirSync(folder), []);
  const good = (await service('write', { name: 'shout.star', source: shout('!') })) as JsonObject;
  assert.deepEqual([good.isSaved, good.isGood, good.generation, good.state], [true, true, 1, 'probation']);
  assert.deepEqual(readdirSync(folder), ['shout.star']);
  assert.equal(await tool('shout', { text: 'a' }), 'A!');
  const tested = (await service('test', { name: 'shout' })) as { tests: { name: string; isPassed: boolean }[] };
  assert.deepEqual(
    tested.tests.map(({ name, isPassed }) => [name, isPassed]),
    [['test_shouts', true]],
  );
  const checked = (await service('check', { name: 'shout', source: shout('?') })) as JsonObject;
  assert.equal(checked.isGood, true);
  assert.equal(await tool('shout', { text: 'a' }), 'A!');
  const again = (await service('write', { name: 'shout', source: shout('!') })) as JsonObject;
  assert.equal(again.state, 'unchanged');
  await systemClock.sleep(150);
  assert.equal(reports.length, 2, 'the watcher does not tell what was written by the host itself');
  for (const name of ['../evil', 'a/b', 'UPPER', ''])
    await assert.rejects(service('write', { name, source: 'x' }), { code: 'BAD_ARGUMENTS' });
  await assert.rejects(service('test', { name: '../../etc/passwd' }), { code: 'BAD_ARGUMENTS' });
  symlinkSync('/etc/passwd', join(folder, 'link.star'));
  await assert.rejects(service('test', { name: 'link' }), { code: 'REFUSED', message: /out of the folder/ });
  await assert.rejects(service('test', { name: 'absent' }), { code: 'NOT_FOUND', message: /There are:/ });
  await assert.rejects(service('write', { name: 'big', source: 'x'.repeat(2 ** 21) }), { code: 'TOO_LARGE' });
});

test('of many saves in a row the last one serves', async (t) => {
  const { save, extensions, tool, report } = await claw(t);
  for (let round = 0; round < 10; round++) {
    save('shout', shout(`${round}`));
    await systemClock.sleep(round * 12);
  }
  await extensions.write('other', hello);
  for (let seen = 1; ; seen++) {
    await report('shout', seen);
    if ((await tool('shout', { text: '' })) === '9') break;
  }
});

test('a host that comes back starts what served, without a look at what has not changed', async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'clay-extensions-'));
  const before = await claw(t, { root });
  before.save('shout', shout('!'));
  before.save('gone', hello);
  await before.report('shout');
  await before.report('gone');
  await before.stop();
  unlinkSync(join(before.folder, 'gone.star'));
  before.save('new', hello);
  const looked: string[] = [];
  const watchful: ExtensionsOptions['lanes'] = {
    inspect(script, signal) {
      looked.push(script.name);
      return lanes.inspect(script, signal);
    },
    transport: (script, life) => lanes.transport(script, life),
  };
  const now = await claw(t, { root, lanes: watchful });
  assert.deepEqual(looked, ['new']);
  assert.equal(await now.tool('shout', { text: 'x' }), 'X!');
  assert.deepEqual(
    (await now.extensions.list()).map(({ name, generation }) => `${name} ${generation}`),
    ['new 1', 'shout 1'],
  );
});

test('a bad file that still lies there after a restart is listed, and told to nobody again', async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'clay-extensions-'));
  const before = await claw(t, { root });
  before.save('bad', 'x = (\n');
  await before.report('bad');
  await before.stop();
  const now = await claw(t, { root });
  assert.deepEqual(now.reports, []);
  const [status] = await now.extensions.list();
  assert.match(status?.lastError ?? '', /bad\.star:2:1/);
  now.save('bad', 'y = (\n');
  assert.equal((await now.report('bad')).isGood, false);
  now.save('bad', hello);
  assert.equal((await now.report('bad', 2)).isGood, true);
  now.save('bad', 'y = (\n');
  assert.equal((await now.report('bad', 3)).isGood, false);
});

test('what a person has taken back or forbidden stays so over a restart, while its text still lies there', async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'clay-extensions-'));
  const before = await claw(t, { root, probationMs: 1 });
  const committed = new Promise<void>((resolve) => {
    before.medic.onNews(({ state }) => state === 'committed' && resolve());
  });
  before.save('shout', shout('!'));
  await committed;
  before.save('shout', shout('?'));
  await before.report('shout', 2);
  await before.medic.rollback('shout');
  before.save('bad', hello);
  await before.report('bad');
  await before.medic.quarantine('bad', 1, 'it is rude');
  await before.stop();
  const now = await claw(t, { root });
  assert.deepEqual(now.reports, []);
  assert.equal(await now.tool('shout', { text: 'a' }), 'A!');
  assert.deepEqual(
    (await now.extensions.list()).map(({ name, generation }) => [name, generation]),
    [
      ['bad', null],
      ['shout', 1],
    ],
  );
  assert.deepEqual(
    now.medic.generations('bad').map(({ generation }) => generation),
    [1],
  );
  now.save('bad', `${hello}# changed\n`);
  assert.equal((await now.report('bad')).isGood, true);
  now.save('bad', hello);
  assert.match(
    (await now.report('bad', 2)).text,
    /generation 1 and is quarantined.*clay unquarantine bad 1\s+Generation 2 goes on/,
  );
  now.save('shout', shout('.'));
  assert.equal((await now.report('shout')).generation, 3);
});

test('a kept generation that was changed on the disk is not started', async (t) => {
  const { save, report, root } = await claw(t);
  const load = () => loadExtension({ lanes, generations: join(root, 'data', 'generations') }, 'shout', 1);
  save('shout', shout('!'));
  await report('shout');
  const file = join(root, 'data', 'generations', 'shout', '1', 'extension.star');
  assert.equal((await load()).plugin, 'shout');
  rmSync(file);
  await assert.rejects(load(), { code: 'NOT_FOUND', message: /extension\.star is missing/ });
  writeFileSync(file, shout('evil'));
  await assert.rejects(load(), { code: 'CONFLICT', message: /was changed on the disk/ });
});

test('after a rollback the list shows what serves again', async (t) => {
  const { save, report, extensions, medic, tool } = await claw(t, { probationMs: 1 });
  const committed = new Promise<void>((resolve) => {
    medic.onNews(({ state }) => state === 'committed' && resolve());
  });
  save('shout', shout('!'));
  await committed;
  save(
    'shout',
    `${shout('?')}\ndef more(x: str) -> str:\n    """More."""\n    return x\ntool(run, name = "shout")\ntool(more)\n`,
  );
  assert.equal((await report('shout', 2)).isGood, true, (await report('shout', 2)).text);
  await medic.rollback('shout');
  assert.equal(await tool('shout', { text: 'a' }), 'A!');
  const [status] = await extensions.list();
  assert.deepEqual([status?.generation, status?.tools], [1, ['shout']]);
});

test('a new claw finds a greeting in its folder, once', async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'clay-extensions-'));
  const first = await claw(t, { root, hello });
  assert.deepEqual(await first.service('run', { name: 'hello' }), { output: 'hello world' });
  unlinkSync(join(first.folder, 'hello.star'));
  await first.report('hello', 2);
  await first.stop();
  const second = await claw(t, { root, hello });
  assert.ok(existsSync(second.folder));
  assert.deepEqual(await second.extensions.list(), []);
});

test('a save is callable within 150 ms, as a rule', async (t) => {
  const { save, report, tool } = await claw(t);
  const times: number[] = [];
  for (let round = 1; round <= 20; round++) {
    const start = performance.now();
    save('shout', shout(`${round}`));
    await report('shout', round);
    assert.equal(await tool('shout', { text: '' }), `${round}`);
    times.push(performance.now() - start);
  }
  const sorted = times.slice(1).sort((a, b) => a - b);
  t.diagnostic(`save to callable: p50 ${sorted[9]?.toFixed(0)} ms, p95 ${sorted[17]?.toFixed(0)} ms`);
  // The 95th of a hundred is measured by the benchmark, on a machine that does nothing else.
  assert.ok(sorted[9]! < 150, `p50 ${sorted[9]} ms`);
});
