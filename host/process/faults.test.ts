import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ClayError } from '@clay/sdk';
import { descendantsOf, isRunning, listProcesses, type ProcessEntry } from './process-table.ts';
import { buildPlugin } from './testing/build-plugin.ts';
import { deaths, type FaultCase, fastPings, faultCases, faultSource, maySignal, type Place } from './testing/faults.ts';
import { createGeneration, openVolume, type StartedGeneration } from './testing/start-generation.ts';

const limit = { timeout: 30_000 };
const volume = openVolume();
let neighbour: StartedGeneration;
let builds = 0;

async function build(name: string, source: string): Promise<string> {
  builds += 1;
  const folder = join(volume.root, 'data', 'plugins', name);
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'index.ts');
  writeFileSync(file, source);
  return buildPlugin(file, join(volume.root, 'data', 'generations', name, String(builds)));
}

/** Starts a fault plugin under the name that its tables and its tool have. */
async function startFaulty({ code, manifest = {}, limits }: Pick<FaultCase, 'code' | 'manifest' | 'limits'>) {
  const plugin = await build('faulty', faultSource(code));
  return createGeneration(volume, {
    manifest: { name: 'faulty', ...manifest },
    plugin,
    generation: builds,
    ...(limits === undefined ? {} : { process: { limits } }),
  });
}

before(async () => {
  neighbour = createGeneration(volume, {
    manifest: { name: 'neighbour' },
    plugin: await build('neighbour', faultSource({ run: 'return args;' }).replace("'faulty'", "'neighbour'")),
  });
  await neighbour.stage();
  await neighbour.live();
});
after(() => volume[Symbol.asyncDispose]());

/** Calls the neighbour without a pause while `work` runs: every call has to give back what it was given. */
async function besideNeighbour(work: () => Promise<void>): Promise<void> {
  let isWorking = true;
  const pump = async () => {
    let calls = 0;
    do {
      const args = { n: ++calls };
      assert.deepEqual(await neighbour.call('tool:run', args, { id: `pump-${calls}` }), args);
    } while (isWorking);
    return calls;
  };
  const pumping = pump();
  try {
    await work();
  } finally {
    isWorking = false;
  }
  assert.ok((await pumping) > 1);
}

/** Processes that were started meanwhile and are still there. */
function leftBehind(before: readonly ProcessEntry[]): readonly ProcessEntry[] {
  const known = new Set(before.map(({ pid }) => pid));
  return descendantsOf(process.pid, listProcesses()).filter((entry) => !known.has(entry.pid) && !entry.isZombie);
}

async function failing(step: Promise<unknown>): Promise<ClayError> {
  return step.then(
    (value): never => assert.fail(`it gave ${JSON.stringify(value)}`),
    (error: unknown) => {
      assert.ok(error instanceof ClayError, String(error));
      return error;
    },
  );
}

/** Takes a generation through its life until a step fails; gives that step with its error. */
async function live(faulty: StartedGeneration): Promise<readonly [string, ClayError] | null> {
  const steps = {
    stage: () => faulty.stage(),
    live: () => faulty.live(),
    call: () => faulty.call('tool:run', {}, { timeoutMs: 4_000 }),
  };
  for (const [name, step] of Object.entries(steps)) {
    try {
      await step();
    } catch (error) {
      assert.ok(error instanceof ClayError, String(error));
      return [name, error];
    }
  }
  return null;
}

for (const fault of faultCases) {
  test(`a plugin that ${fault.name} costs nobody but itself`, limit, async () => {
    const running = descendantsOf(process.pid, listProcesses());
    const faulty = await startFaulty(fault);
    await besideNeighbour(async () => {
      const failed = await live(faulty);
      // A process that dies a moment after it went live may take the call with it.
      if (fault.fails !== null) {
        assert.equal(failed?.[0], fault.fails[0], String(failed?.[1]));
        assert.match(failed?.[1].message ?? '', fault.fails[1]);
      } else if (fault.ends.length === 0) assert.equal(failed, null);
      if (fault.ends.length > 0) await faulty.death();
      await faulty.stop(0);
      await faulty.transport!.ended();
    });
    const [death, ...more] = faulty.deaths;
    assert.ok(death !== undefined && more.length === 0);
    const expected = fault.ends.length > 0 ? fault.ends : [['requested', death.exitCode ?? death.signal] as const];
    assert.ok(
      expected.some(([reason, how]) => reason === death.reason && how === (death.exitCode ?? death.signal)),
      `${death.message} ${JSON.stringify([death.reason, death.exitCode, death.signal])}\n${death.output}`,
    );
    if (fault.isLocated === true)
      assert.match(death.location ?? '', /plugins\/faulty\/index\.ts:\d+:\d+$/, death.output);
    assert.match(death.signature, /^[0-9a-f]{16}$/);
    assert.deepEqual(leftBehind(running), []);
  });
}

/** The step that notices a fault at a place, and the phase that the record then names. */
const places: readonly (readonly [Place, 'stage' | 'live' | 'call' | 'stop', string])[] = [
  ['load', 'stage', 'load'],
  ['setup', 'stage', 'setup'],
  ['probe', 'live', 'staged'],
  ['live', 'live', 'live'],
  ['run', 'call', 'live'],
  ['release', 'stop', 'draining'],
];

for (const [name, code, reason, how] of deaths) {
  for (const [place, step, phase] of places) {
    // Before it has greeted, and while it is being stopped, the host only waits so long: it does not ask.
    const isTimedOut = name === 'spins' && place === 'load';
    test(`a plugin that ${name} in "${place}" is known to have died there`, limit, async () => {
      const running = descendantsOf(process.pid, listProcesses());
      const faulty = await startFaulty({
        code: { [place]: code },
        limits: fastPings,
        manifest: { ...maySignal, ...(isTimedOut ? { limits: { startMs: 700 } } : {}) },
      });
      await besideNeighbour(async () => {
        const failed = await live(faulty);
        assert.equal(failed?.[0] ?? 'stop', step, String(failed?.[1]));
        await faulty.stop(0);
        await faulty.transport!.ended();
      });
      const [death] = faulty.deaths;
      assert.ok(death !== undefined);
      assert.equal(death.phase, phase);
      assert.deepEqual(
        [death.reason, death.exitCode ?? death.signal],
        isTimedOut ? ['requested', 'SIGKILL'] : [reason, how],
        death.message,
      );
      // Node prints its own stack when it aborts; from `process.kill` and from a loop there is none to be had.
      if (name === 'aborts') assert.match(death.location ?? '', /plugins\/faulty\/index\.ts:\d+:\d+$/, death.output);
      const asked = { probe: 'probe:faulty/probe', run: 'tool:run' }[place as string];
      if (asked !== undefined)
        assert.deepEqual(
          death.calls.map(({ capability, isAcked }) => [capability, isAcked]),
          [[asked, true]],
        );
      assert.deepEqual(leftBehind(running), []);
    });
  }
}

test('the record of an exhausted heap holds the report of Node', limit, async () => {
  const faulty = await startFaulty({
    code: { run: 'const all: object[] = []; for (;;) all.push(new Array(1000).fill({}));' },
    manifest: { limits: { memoryMb: 32 } },
    limits: { residentBytes: 2 ** 40 },
  });
  await faulty.stage();
  await faulty.live();
  await failing(faulty.call('tool:run'));
  const { report, output, message } = await faulty.death();
  assert.match(report?.event ?? '', /heap/);
  assert.match(message, /heap out of memory/);
  assert.ok(!output.includes('"reportVersion"'));
});

test('the same fault has the same signature in every generation, another fault another', limit, async () => {
  const signatures: string[] = [];
  for (const text of ['throw new Error("a");', 'throw new Error("a");', '\n\nthrow new Error("b");']) {
    const faulty = await startFaulty({ code: { live: `setTimeout(() => { ${text} }, 1);` } });
    await live(faulty);
    signatures.push((await faulty.death()).signature);
    await faulty.stop(0);
  }
  assert.equal(new Set(signatures).size, 2);
  assert.equal(signatures[0], signatures[1]);
});

test('calls that were never accepted are told apart from those that were', limit, async () => {
  const faulty = await startFaulty({ code: { run: 'for (;;) {}' } });
  await faulty.stage();
  await faulty.live();
  const spinning = Promise.withResolvers<void>();
  const accepted = failing(faulty.call('tool:run', {}, { onAck: () => spinning.resolve() }));
  await spinning.promise;
  const waiting = failing(faulty.call('tool:run'));
  process.kill(faulty.transport!.pids[0]!, 'SIGKILL');
  const [first, second] = await Promise.all([accepted, waiting]);
  assert.equal(first.code, 'CALL_OUTCOME_UNKNOWN');
  assert.equal(second.code, 'UNAVAILABLE');
  const { calls } = await faulty.death();
  assert.deepEqual(
    calls.map(({ id, isAcked }) => [id, isAcked]),
    [
      ['call-1', true],
      ['call-2', false],
    ],
  );
});

test('a plugin that ignores its drain is killed, with the call that it kept', limit, async () => {
  const faulty = await startFaulty({ code: { run: 'await new Promise(() => setInterval(() => {}, 1000));' } });
  await faulty.stage();
  await faulty.live();
  const call = failing(faulty.call('tool:run', {}, { timeoutMs: 60_000 }));
  await besideNeighbour(() => faulty.stop(100));
  assert.equal((await call).code, 'CALL_OUTCOME_UNKNOWN');
  const { reason, phase, calls } = await faulty.death();
  assert.deepEqual([reason, phase, calls.length], ['requested', 'draining', 1]);
});

for (const isOwnGroup of [false, true]) {
  test(
    `a grandchild ${isOwnGroup ? 'in a group of its own' : 'in the group'} goes with the plugin that left it`,
    limit,
    async () => {
      const faulty = await startFaulty({
        code: {
          load: `import { spawn } from 'node:child_process';`,
          run: `const grandchild = spawn('sleep', ['321'], { stdio: 'ignore', detached: ${isOwnGroup} }); return grandchild.pid;`,
        },
        manifest: { permissions: ['shell'] },
        limits: { measureEveryMs: 30 },
      });
      await faulty.stage();
      await faulty.live();
      const pid = Number(await faulty.call('tool:run'));
      const grandchild = listProcesses().find((entry) => entry.pid === pid);
      assert.ok(grandchild !== undefined && isRunning(grandchild));
      const deadline = Date.now() + 5_000;
      // The host has to have seen it before its parent is gone.
      while (!faulty.transport!.pids.includes(pid) && Date.now() < deadline) await new Promise(setImmediate);
      process.kill(faulty.transport!.pids[0]!, 'SIGKILL');
      await faulty.death();
      while (isRunning(grandchild) && Date.now() < deadline) await new Promise(setImmediate);
      assert.ok(!isRunning(grandchild));
    },
  );
}
