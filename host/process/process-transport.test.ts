import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { isRunning, readProcess } from './process-table.ts';
import { buildPlugin } from './testing/build-plugin.ts';
import { createGeneration, openVolume, type StartOptions, type TestVolume } from './testing/start-generation.ts';

const limit = { timeout: 30_000 };

/** A plugin whose tool `run` runs `body`, with `args`, and with `node:fs` and the like in reach. */
async function startTool(volume: TestVolume, body: string, more: Partial<StartOptions> = {}) {
  const folder = join(volume.root, 'data', 'generations', 'probe', '1');
  const source = join(volume.root, 'data', 'plugins', 'probe', 'index.ts');
  mkdirSync(join(source, '..'), { recursive: true });
  writeFileSync(
    source,
    `import * as fs from 'node:fs';
import * as net from 'node:net';
import * as child from 'node:child_process';
import * as threads from 'node:worker_threads';
import { definePlugin } from '@clay/sdk';

export default definePlugin({
  name: 'probe',
  setup(ctx) {
    ctx.tool({ name: 'run', description: 'Runs.', parameters: { type: 'object' }, run: async (args: any) => { ${body} } });
  },
});
`,
  );
  const plugin = await buildPlugin(source, folder);
  const started = createGeneration(volume, { manifest: { name: 'probe' }, plugin, ...more });
  await started.stage();
  await started.live();
  return started;
}

test(
  'a plugin in a process has an empty environment, its own group, and is the first that the machine takes',
  limit,
  async () => {
    await using volume = openVolume();
    const probe = await startTool(
      volume,
      'return { env: { ...process.env }, argv: process.execArgv, cwd: process.cwd(), has: process.permission.has("fs.write") };',
    );
    const told = (await probe.call('tool:run')) as { env: object; argv: string[]; cwd: string; has: boolean };
    assert.deepEqual([told.env, told.has], [{}, false]);
    assert.equal(told.cwd, join(volume.root, 'data', 'generations', 'probe', '1'));
    assert.ok(!told.argv.some((flag) => /allow-(worker|addons|child|wasi|net)/.test(flag)));
    const [pid = 0] = probe.transport!.pids;
    const entry = readProcess(pid)!;
    assert.equal(entry.group, pid);
    assert.equal(readFileSync(`/proc/${pid}/oom_score_adj`, 'utf8').trim(), '500');
    assert.equal(readdirSync(join(volume.root, 'data', 'children')).length, 1);
    await probe.stop();
    await probe.transport!.ended();
    assert.ok(!isRunning(entry));
    assert.deepEqual(readdirSync(join(volume.root, 'data', 'children')), []);
    assert.deepEqual(
      probe.deaths.map(({ reason, phase }) => [reason, phase]),
      [['requested', 'draining']],
    );
  },
);

test(
  'without a grant a process reads its own build and nothing else, writes nothing, and reaches nobody',
  limit,
  async () => {
    await using volume = openVolume();
    const probe = await startTool(
      volume,
      `const tries: Record<string, () => unknown> = {
       own: () => fs.readFileSync(new URL('main.mjs', import.meta.url)).length > 0,
       folder: () => fs.readdirSync('.').length > 0,
       passwd: () => fs.readFileSync('/etc/passwd'),
       environment: () => fs.readFileSync('/proc/' + process.ppid + '/environ'),
       database: () => fs.readFileSync(args.root + '/data/messages.db'),
       sibling: () => fs.readdirSync(args.root + '/data/generations/probe'),
       prefix: () => fs.readdirSync(args.root + '/data/generations/probe/10'),
       write: () => fs.writeFileSync('x', 'x'),
       exec: () => child.execFileSync('true'),
       worker: () => new threads.Worker('', { eval: true, execArgv: [] }),
       sqlite: () => process.getBuiltinModule('node:sqlite').DatabaseSync.name,
       addon: () => process.dlopen({ exports: {} } as never, '/x.node'),
       proto: () => ({} as any).__proto__ !== undefined || (() => { throw new Error('no __proto__'); })(),
     };
     const told: Record<string, string> = {};
     for (const [name, run] of Object.entries(tries)) {
       try { told[name] = String(run()); } catch (error: any) { told[name] = error.code ?? error.constructor.name; }
     }
     told.connect = await new Promise((resolve) => {
       const socket = net.connect({ port: args.port, host: '127.0.0.1' }, () => resolve('connected'));
       socket.on('error', (error: any) => resolve(error.code));
     }).catch((error) => error.code) as string;
     return told;`,
    );
    mkdirSync(join(volume.root, 'data', 'generations', 'probe', '10'));
    assert.deepEqual(await probe.call('tool:run', { root: volume.root, port: 9 }), {
      own: 'true',
      folder: 'true',
      passwd: 'ERR_ACCESS_DENIED',
      environment: 'ERR_ACCESS_DENIED',
      database: 'ERR_ACCESS_DENIED',
      sibling: 'ERR_ACCESS_DENIED',
      prefix: 'ERR_ACCESS_DENIED',
      write: 'ERR_ACCESS_DENIED',
      exec: 'ERR_ACCESS_DENIED',
      worker: 'ERR_ACCESS_DENIED',
      sqlite: 'TypeError',
      addon: 'ERR_DLOPEN_DISABLED',
      proto: 'Error',
      connect: 'ERR_ACCESS_DENIED',
    });
  },
);

test('a grant opens the folder that it names, and no other whose name begins alike', limit, async () => {
  await using volume = openVolume();
  for (const name of ['public', 'publicity']) mkdirSync(join(volume.root, name), { recursive: true });
  const probe = await startTool(
    volume,
    `const told: Record<string, string> = {};
     for (const path of ['public/a/b', 'publicity/a', 'soul/a']) {
       const file = args.root + '/' + path;
       try { fs.mkdirSync(file, { recursive: true }); fs.readdirSync(file); told[path] = 'written'; } catch (error: any) { told[path] = error.code; }
     }
     try { told['soul'] = String(fs.readdirSync(args.root + '/soul').length); } catch (error: any) { told['soul'] = error.code; }
     return told;`,
    { manifest: { name: 'probe', permissions: ['fs.read:public', 'fs.write:public', 'fs.read:soul'] } },
  );
  assert.deepEqual(await probe.call('tool:run', { root: volume.root }), {
    'public/a/b': 'written',
    'publicity/a': 'ERR_ACCESS_DENIED',
    'soul/a': 'ERR_ACCESS_DENIED',
    soul: '0',
  });
});

test('a build that is not what it was is not started', limit, async () => {
  await using volume = openVolume();
  const starting = startTool(volume, 'return 1;', {
    process: {
      verify: () => {
        throw new Error('changed');
      },
    },
  });
  await assert.rejects(starting, /changed/);
  assert.deepEqual(volume.started[0]?.transport?.pids, []);
});

const isRoot = process.getuid?.() === 0;
test('what may start programs runs as the second user, where there is one, and can signal nobody', {
  ...limit,
  skip: !isRoot && 'skipped: not root',
}, async () => {
  await using volume = openVolume();
  for (const folder of ['', 'data']) chmodSync(join(volume.root, folder), 0o711);
  const probe = await startTool(
    volume,
    'try { process.kill(process.ppid, 0); return "signalled"; } catch (error: any) { return [error.code, process.getuid!()]; }',
    { manifest: { name: 'probe', permissions: ['shell'] }, process: { shellUser: { uid: 61_234, gid: 61_234 } } },
  );
  assert.deepEqual(await probe.call('tool:run'), ['EPERM', 61_234]);
});

test('calls, host functions and streams of bytes cross the pipe whole', limit, async () => {
  await using volume = openVolume();
  const probe = await startTool(
    volume,
    'await ctx.store.set("k", args.text); return { text: await ctx.store.get("k"), keys: await ctx.store.list() };',
  );
  const text = 'grün '.repeat(100_000);
  assert.deepEqual(await probe.call('tool:run', { text }), { text, keys: ['k'] });
  assert.ok(existsSync(join(volume.root, 'data', 'messages.db')));
});
