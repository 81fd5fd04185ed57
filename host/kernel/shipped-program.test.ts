import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { JsonObject } from '@clay/sdk';
import { bundleProgram } from '../bundle/program.ts';
import { readProcess } from '../process/process-table.ts';
import { createVolume, type Volume } from './deployments/testing/volume.ts';
import type { PluginSource } from './plugin-source.ts';
import { type ProofClaw, startProofClaw } from './proof/testing/proof-claw.ts';

const limit = { timeout: 60_000 };
const folder = mkdtempSync(join(tmpdir(), 'clay-program-'));
after(() => rmSync(folder, { recursive: true }));

const source = `import { readFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { definePlugin } from '@clay/sdk';

const attempt = (work: () => unknown) => {
  try {
    work();
    return 'done';
  } catch (error: any) {
    return error.code;
  }
};

const begin = (call: any) => {
  call.progress('begun');
  return new Promise(() => {});
};

export default definePlugin({
  name: 'worker',
  setup(ctx) {
    const { greeting = 'Hello' } = ctx.config as { greeting?: string };
    const parameters = { type: 'object' } as const;
    let calls = 0;
    ctx.tool({ name: 'count', description: greeting, parameters, run: () => ({ pid: process.pid, calls: ++calls }) });
    ctx.tool({ name: 'read', description: 'Reads.', parameters, run: (args: any) => attempt(() => readFileSync(args.path)) });
    ctx.tool({ name: 'exec', description: 'Starts.', parameters, run: () => attempt(() => execFileSync('/bin/true')) });
    ctx.tool({ name: 'hang', description: 'Hangs.', parameters, run: (_, call) => begin(call) });
    ctx.tool({
      name: 'once',
      description: 'Hangs at the first attempt.',
      parameters,
      idempotent: true,
      run: (_, call) => (call.attempt === 1 ? begin(call) : call.attempt),
    });
  },
});
`;

before(async () => {
  writeFileSync(join(folder, 'index.ts'), source);
  await bundleProgram(join(import.meta.dirname, '..', '..'), join(folder, 'index.ts'), join(folder, 'program'));
});

/** As it comes with the image; its code is never loaded into the host. */
function worker(manifest: JsonObject = {}): PluginSource {
  return {
    name: 'worker',
    origin: 'image',
    manifest: { name: 'worker', placement: 'process', idle: 'sleep', ...manifest },
    load: () => Promise.reject(new Error('It was loaded into the host.')),
    program: async () => ({ entry: join(folder, 'program', 'main.mjs'), digest: 'one' }),
  };
}

interface Host {
  readonly claw: ProofClaw;
  /** Resolves with the next event of the log of this name. */
  next(event: string): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

async function start(volume: Volume, manifest: JsonObject = {}): Promise<Host> {
  const waiting = new Map<string, () => void>();
  const claw = await startProofClaw({
    root: volume.root,
    shipped: [worker(manifest)],
    onLog: (event) => waiting.get(event)?.(),
  });
  return {
    claw,
    next: (event) => new Promise((resolve) => waiting.set(event, resolve)),
    [Symbol.asyncDispose]: () => claw.stop(),
  };
}

const children = (volume: Volume) => readdirSync(join(volume.root, 'data', 'children')).length;
const told = async (claw: ProofClaw) => (await claw.call('count')) as { readonly pid: number; readonly calls: number };

test('a shipped program starts with its first call, once an earlier host knows what it declares', limit, async () => {
  using volume = createVolume();
  const first = await start(volume);
  assert.equal(children(volume), 1);
  await first.claw.stop();
  await using second = await start(volume);
  assert.equal(second.claw.kernel.plugins()[0]?.state, 'committed');
  assert.equal(second.claw.kernel.registry.get('tool:count')?.description, 'Hello');
  assert.equal(children(volume), 0);
  const { pid, calls } = await told(second.claw);
  assert.deepEqual([calls, children(volume)], [1, 1]);
  assert.notEqual(pid, process.pid);
  await second.claw.stop();
  assert.equal(readProcess(pid), null);
  assert.equal(children(volume), 0);
});

test('it sleeps when nobody has called it for its time, and wakes for the next call', limit, async () => {
  using volume = createVolume({ limits: { pluginIdleMs: 100 } });
  await using host = await start(volume);
  const asleep = host.next('process.asleep');
  const first = await told(host.claw);
  await asleep;
  assert.equal(children(volume), 0);
  assert.equal(host.claw.medic.crashes('worker').length, 0);
  const second = await told(host.claw);
  assert.equal(second.calls, 1);
  assert.notEqual(second.pid, first.pid);
});

test('no call is lost while it falls asleep and wakes', limit, async () => {
  using volume = createVolume({ limits: { pluginIdleMs: 1 } });
  await using host = await start(volume);
  for (let round = 0; round < 10; round++) {
    const falling = host.next('process.asleep');
    const counts = await Promise.all([told(host.claw), told(host.claw), told(host.claw)]);
    assert.equal(counts.length, 3);
    // Some rounds meet it awake, some while it falls, some asleep.
    if (round % 3 === 0) await falling;
  }
  assert.equal(host.claw.medic.crashes('worker').length, 0);
});

test(
  'a call that its process had accepted when it was killed has an unknown outcome; the next finds a new one',
  limit,
  async () => {
    using volume = createVolume();
    await using host = await start(volume);
    const { pid } = await told(host.claw);
    const begun = Promise.withResolvers<unknown>();
    const hanging = host.claw.call('hang', {}, { onProgress: begun.resolve });
    await begun.promise;
    process.kill(pid, 'SIGKILL');
    await assert.rejects(hanging, { code: 'CALL_OUTCOME_UNKNOWN' });
    const next = await told(host.claw);
    assert.equal(next.calls, 1);
    assert.notEqual(next.pid, pid);
    assert.equal(host.claw.medic.crashes('worker').length, 1);
  },
);

test('an idempotent call is run again by the next process', limit, async () => {
  using volume = createVolume();
  await using host = await start(volume);
  const { pid } = await told(host.claw);
  const begun = Promise.withResolvers<unknown>();
  const call = host.claw.call('once', {}, { onProgress: begun.resolve });
  await begun.promise;
  process.kill(pid, 'SIGKILL');
  assert.equal(await call, 2);
});

test('it reads nothing beyond its own program and starts nothing, but for what its manifest names', limit, async () => {
  using volume = createVolume();
  volume.write({ 'public/page.html': 'page', 'data/files/other/a.txt': 'other' });
  const tries = async ({ claw }: Host) => {
    const paths = ['clay.json', 'data/messages.db', 'data/journal.db', 'data/files/other/a.txt', 'public/page.html'];
    const read = (path: string) => claw.call('read', { path });
    const outside = await Promise.all([...paths.map((path) => read(join(volume.root, path))), read('/etc/passwd')]);
    return [...outside, await claw.call('exec')];
  };
  const refused = 'ERR_ACCESS_DENIED';
  const bare = await start(volume);
  assert.deepEqual(await tries(bare), Array(7).fill(refused));
  await bare.claw.stop();
  await using granted = await start(volume, { permissions: ['fs.read:public', 'shell'] });
  assert.deepEqual(await tries(granted), [...Array(4).fill(refused), 'done', refused, 'done']);
});

test('a changed configuration is set up again', limit, async () => {
  using volume = createVolume();
  await (await start(volume)).claw.stop();
  volume.write({ 'clay.json': JSON.stringify({ plugins: { worker: { greeting: 'Grüezi' } } }) });
  await using host = await start(volume);
  assert.equal(host.claw.kernel.registry.get('tool:count')?.description, 'Grüezi');
});
