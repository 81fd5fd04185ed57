import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { type Claw, startClaw } from '../claw.ts';
import { systemClock } from '../clock.ts';
import { loadConfig } from '../config/load.ts';
import { createLog } from '../log.ts';
import { runClay } from './testing/run-clay.ts';

/** A real claw, with its builder, lanes and medic: what an author meets. */
const root = mkdtempSync(join(tmpdir(), 'clay-author-'));
const here = { env: { CLAY_ROOT: root } };
const plugins = join(root, 'data', 'plugins');
let claw: Claw;
before(async () => {
  const env = { PATH: process.env.PATH, CLAY_ROOT: root, CLAY_PORT: '0', ADK_PORT: '0' };
  const { config } = loadConfig({ env, defaultRoot: root, isTerminal: false });
  const write = (line: string) => process.stderr.write(`${line}\n`);
  const log = createLog({ level: 'error', format: 'json', write, clock: systemClock });
  claw = await startClaw(config, env, '1.2.3', log, {
    begin: () => ({ death: 'none', upMs: 0, diedAt: 0 }),
    services: { want: () => undefined },
  });
  await claw.deployed;
});
after(async () => {
  await claw.stop();
  rmSync(root, { recursive: true });
});

async function tools(): Promise<readonly string[]> {
  const { out } = await runClay(['tools', '--json'], here);
  return JSON.parse(out).map(({ name }: { readonly name: string }) => name);
}

const run = promisify(execFile);

test('a new plugin passes its own tests and the compiler, is found sound, and serves', async () => {
  const made = await runClay(['new', 'plugin', 'greet-er'], here);
  assert.equal(made.code, 0, made.err);
  const folder = join(plugins, 'greet-er');
  const tests = await run(process.execPath, ['--test', '--test-reporter=tap'], {
    cwd: folder,
    env: { PATH: process.env.PATH },
  });
  assert.match(tests.stdout, /# pass 2\n# fail 0/);
  const compiler = join(import.meta.dirname, '..', '..', 'node_modules', '.bin', 'tsc');
  await run(compiler, ['-p', folder]);
  const checked = await runClay(['check', folder], here);
  assert.deepEqual([checked.code, checked.err], [0, ''], checked.out);
  const deployed = await runClay(['dev', folder, '--once'], here);
  assert.match(deployed.out, /greet-er: generation 1 serves \(probation\)\./, deployed.err);
  assert.equal(deployed.code, 0);
  assert.ok((await tools()).includes('greet_er'));
  const { out } = await runClay(['generations', 'greet-er'], here);
  assert.match(out, /^greet-er +\*1 +(probation|committed)/);
});

test('dev deploys every save, tells what is wrong with file and line, and lets the generation before serve on', async () => {
  const elsewhere = join(root, 'elsewhere');
  await runClay(['new', 'plugin', 'worker', '--in', elsewhere], here);
  const folder = join(elsewhere, 'worker');
  const index = join(folder, 'index.ts');
  const good = readFileSync(index, 'utf8');
  let seen = '';
  const changed: (() => void)[] = [];
  let interrupt = (): void => {};
  const sees = async (pattern: RegExp): Promise<void> => {
    const late = AbortSignal.timeout(20_000);
    const isLate = new Promise<void>((resolve) => late.addEventListener('abort', () => resolve()));
    while (!pattern.test(seen) && !late.aborted) {
      await Promise.race([new Promise<void>((resolve) => changed.push(resolve)), isLate]);
    }
    assert.match(seen, pattern);
    seen = '';
  };
  const running = runClay(['dev', folder], {
    ...here,
    onStart(child) {
      interrupt = () => child.kill('SIGINT');
      child.stdout.on('data', (data) => {
        seen += String(data);
        for (const wake of changed.splice(0)) wake();
      });
    },
  });
  try {
    await sees(/worker: generation 1 serves \(probation\)/);
    writeFileSync(index, good.replace('definePlugin({', 'definePlugin({{'));
    await sees(/does not build: 1 error\.\n\nindex\.ts:\d+:\d+: error SYNTAX/);
    assert.ok((await tools()).includes('worker'), 'what served goes on');
    writeFileSync(index, good.replace('Hello', 'Good day'));
    await sees(/The tests of plugin "worker" failed: 1 of 2\.[\s\S]*index\.test\.ts:\d+:\d+/);
    const tests = join(folder, 'index.test.ts');
    writeFileSync(tests, readFileSync(tests, 'utf8').replace('Hello', 'Good day'));
    await sees(/worker: generation 2 serves \(probation\)/);
    writeFileSync(index, good.replace('setup(ctx) {', "setup(ctx) {\n    throw new Error('not today');"));
    await sees(/not today/);
  } finally {
    interrupt();
  }
  const { code, err } = await running;
  assert.equal(code, 0, err);
  assert.match(err, /deploying \S+worker to http:\/\/127\.0\.0\.1:\d+ on every save · Ctrl-C ends/);
});

test('a new extension is sound, and one that is broken is told whole and not saved', async () => {
  const elsewhere = join(root, 'scripts');
  const made = await runClay(['new', 'extension', 'word-count', '--in', elsewhere], here);
  assert.equal(made.code, 0, made.err);
  const file = join(elsewhere, 'word-count.star');
  const checked = await runClay(['check', file], here);
  assert.equal(checked.code, 0, checked.out + checked.err);
  const deployed = await runClay(['dev', file, '--once'], here);
  assert.match(deployed.out, /word-count: generation 1 serves \(probation\)\./, deployed.err);
  assert.ok((await tools()).includes('word_count'));
  const good = readFileSync(file, 'utf8');
  writeFileSync(file, good.replace('return "%d words', 'return undefined_name + "%d words'));
  const broken = await runClay(['check', file], here);
  assert.equal(broken.code, 1);
  assert.match(broken.out, /word-count\.star:\d+:\d+: .*undefined_name/);
  const refused = await runClay(['dev', file, '--once'], here);
  assert.equal(refused.code, 1);
  assert.match(refused.out, /was not saved[\s\S]*word-count\.star:\d+:\d+: .*undefined_name/);
  assert.equal(readFileSync(join(root, 'data', 'extensions', 'word-count.star'), 'utf8'), good);
  assert.ok(!existsSync(join(root, 'data', 'plugins', 'word-count')));
});

test('a deploy tells what the plugin asks for above its ceiling, and how to allow it', async () => {
  await runClay(['new', 'plugin', 'shellish'], here);
  const manifest = join(plugins, 'shellish', 'plugin.json');
  writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('"permissions": []', '"permissions": ["shell"]'));
  const { code, out } = await runClay(['dev', join(plugins, 'shellish'), '--once'], here);
  assert.equal(code, 0, out);
  assert.match(out, /shellish asks for more than it may: shell\n {2}To allow it: clay grant shellish shell\n/);
});

test('a plugin of one file is deployed from where it lies, and nothing is copied within the claw', async () => {
  const source = (name: string) => `import { definePlugin } from '@clay/sdk';
export default definePlugin({
  name: '${name}',
  setup(ctx) {
    ctx.command({ name: '${name}', description: 'Says its name.', run: () => '${name}' });
  },
});
`;
  const inside = join(plugins, 'inside.ts');
  writeFileSync(inside, source('inside'));
  const outside = join(root, 'outside.ts');
  writeFileSync(outside, source('outside'));
  for (const file of [inside, outside]) {
    const { code, out, err } = await runClay(['dev', file, '--once'], here);
    assert.deepEqual([code, err], [0, ''], out);
  }
  assert.ok(!existsSync(join(plugins, 'inside')));
  assert.equal(readFileSync(join(plugins, 'outside', 'outside.ts'), 'utf8'), source('outside'));
});

test('what lies in the claw is found by its name alone', async () => {
  const { code, out } = await runClay(['check', 'hello'], here);
  assert.deepEqual([code, out.includes('error')], [0, false], out);
});

test('a place that is no plugin is named, with what to do', async () => {
  const none = await runClay(['dev', join(root, 'nowhere')], here);
  assert.deepEqual(
    [none.code, /There is no \S+nowhere\. Make one with "clay new plugin NAME"/.test(none.err)],
    [1, true],
  );
  const text = join(root, 'note.md');
  writeFileSync(text, '');
  assert.match((await runClay(['check', text], here)).err, /note\.md is no plugin: name its folder/);
});
