import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openChildRegistry } from '../../process/child-registry.ts';
import { descendantsOf, listProcesses } from '../../process/process-table.ts';
import { failing, type OpenScript, openLanes, script, tool } from './testing/open-lanes.ts';

const limit = { timeout: 30_000 };

test(
  'a script that took its lane down is opened in a lane of its own, and the others stay away from it',
  limit,
  async () => {
    await using lanes = openLanes();
    const good = await lanes.open('good', tool('good', 'return 1;'));
    const bad = await lanes.open('bad', tool('bad', 'process.exit(1);'));
    await failing(bad.call());
    await Promise.all([good.death(), bad.death()]);
    await lanes.open('bad', tool('bad', 'process.exit(1);'));
    await lanes.open('good', tool('good', 'return 1;'));
    await lanes.open('late', tool('late', 'return 1;'));
    assert.deepEqual(
      lanes.lanes
        .list()
        .map(({ scripts }) => scripts)
        .sort(),
      [['bad'], ['good', 'late']],
    );
  },
);

test(
  'when nobody ran, nobody is blamed, and each is opened apart so that a second death has one name',
  limit,
  async () => {
    await using lanes = openLanes();
    const sources = ['one', 'two', 'three'].map(
      (name) => [name, tool(name, 'return ctx.store.get("never");')] as const,
    );
    const serve = () => new Promise<never>(() => {});
    const scripts = [];
    for (const [name, source] of sources) scripts.push(await lanes.open(name, source, { serve }));
    const calls = scripts.map((one) => failing(one.call()));
    // Every call has reached the host, so that its script waits.
    while ((lanes.lanes.list()[0]?.openCalls ?? 0) < 3) await new Promise(setImmediate);
    await scripts[2]!.connection.ping(5_000);
    process.kill(lanes.lanes.list()[0]!.pid, 'SIGKILL');
    await Promise.all(calls);
    const deaths = await Promise.all(scripts.map((one) => one.death()));
    assert.deepEqual(
      deaths.map(({ isBlamed }) => isBlamed),
      [false, false, false],
    );
    assert.match(deaths[0]!.message, /a cause that is not known/);
    const again = new Map<string, OpenScript>();
    for (const [name, source] of sources) again.set(name, await lanes.open(name, source, { serve }));
    const apart = lanes.lanes.list();
    assert.deepEqual(apart.map(({ scripts }) => scripts).sort(), [['one'], ['three'], ['two']]);
    process.kill(apart[0]!.pid, 'SIGKILL');
    const { isBlamed, message } = await again.get(apart[0]!.scripts[0]!)!.death();
    assert.equal(isBlamed, true, message);
  },
);

test('a death in setup is blamed on the script that was being set up', limit, async () => {
  await using lanes = openLanes();
  const good = await lanes.open('good', tool('good', 'return 1;'));
  const error = await failing(lanes.open('bad', 'process.exit(1);'));
  assert.equal(error.code, 'UNAVAILABLE');
  const { isBlamed, message } = await good.death();
  assert.equal(isBlamed, false);
  assert.match(message, /by the fault of "bad"/);
});

test('a replacement is on its way before the scripts of a dead lane ask for it', limit, async () => {
  await using lanes = openLanes();
  const bad = await lanes.open('bad', tool('bad', 'process.exit(1);'));
  const [{ pid } = { pid: 0 }] = lanes.lanes.list();
  await failing(bad.call());
  while (lanes.lanes.list().length === 0) await new Promise(setImmediate);
  const [replacement] = lanes.lanes.list();
  assert.notEqual(replacement?.pid, pid);
  assert.deepEqual(replacement?.scripts, []);
});

test('scripts spread over at most four lanes, the least busy first', limit, async () => {
  await using lanes = openLanes({ limits: { scriptsPerLane: 1 } });
  for (let n = 0; n < 6; n++) await lanes.open(`s${n}`, tool(`s${n}`, 'return 1;'));
  assert.deepEqual(
    lanes.lanes
      .list()
      .map(({ scripts }) => scripts.length)
      .sort(),
    [1, 1, 2, 2],
  );
});

test(
  'a call that is cancelled in the middle of a host function ends, and the lane is none the worse',
  limit,
  async () => {
    await using lanes = openLanes();
    const asked = Promise.withResolvers<AbortSignal>();
    const one = await lanes.open('one', tool('one', 'return args.n ?? ctx.http.fetch("http://never.example/");'), {
      serve({ signal }) {
        asked.resolve(signal);
        return new Promise(() => {});
      },
    });
    const controller = new AbortController();
    const call = failing(one.call('tool:one', {}, { signal: controller.signal }));
    const signal = await asked.promise;
    controller.abort();
    assert.equal((await call).code, 'CANCELLED');
    while (!signal.aborted) await new Promise(setImmediate);
    assert.equal(await one.call('tool:one', { n: 7 }), 7);
    assert.deepEqual(one.deaths, []);
  },
);

test('a host function that never answers ends with the deadline of its call', limit, async () => {
  await using lanes = openLanes();
  const one = await lanes.open('one', tool('one', 'return ctx.store.get("never");'), {
    serve: () => new Promise(() => {}),
  });
  assert.equal((await failing(one.call('tool:one', {}, { timeoutMs: 100 }))).code, 'TIMEOUT');
});

test('a hundred scripts wait for the host in one lane at a time', limit, async () => {
  await using lanes = openLanes({ limits: { scriptsPerLane: 100 } });
  const all = Promise.withResolvers<void>();
  let asked = 0;
  const serve = async () => {
    if (++asked === 100) all.resolve();
    await all.promise;
    return { value: { value: asked } };
  };
  const scripts = [];
  for (let n = 0; n < 100; n++)
    scripts.push(await lanes.open(`s${n}`, tool(`s${n}`, 'return ctx.store.get("n");'), { serve }));
  assert.equal(lanes.lanes.list().length, 1);
  assert.deepEqual(await Promise.all(scripts.map((one) => one.call())), new Array(100).fill(100));
});

test('what cannot cross is the failure of one call, not of the lane', limit, async () => {
  await using lanes = openLanes();
  const one = await lanes.open('one', tool('one', 'return args.big ? "x".repeat(9e6) : { when: new Date(0) };'));
  assert.equal((await failing(one.call())).code, 'NOT_CLONEABLE');
  assert.equal((await failing(one.call('tool:one', { big: true }))).code, 'TOO_LARGE');
  assert.deepEqual(one.deaths, []);
});

test('opening and closing a script again and again leaves nothing behind, here or in the lane', limit, async () => {
  await using lanes = openLanes();
  const neighbour = await lanes.open('neighbour', tool('neighbour', 'return 1;'));
  const source = `const ballast = 'x'.repeat(100_000) + ctx.generation; ${tool('one', 'return ballast.length;')}`;
  const reload = async (generation: number) => {
    const one = await lanes.open('one', source, { generation });
    assert.ok(Number(await one.call()) > 100_000);
    one.connection.close();
    await one.transport.ended();
  };
  for (let n = 0; n < 50; n++) await reload(n);
  const [before, open] = [descendantsOf(process.pid, listProcesses()).length, readdirSync('/proc/self/fd').length];
  for (let n = 50; n < 300; n++) await reload(n);
  assert.equal(descendantsOf(process.pid, listProcesses()).length, before);
  assert.equal(readdirSync('/proc/self/fd').length, open);
  assert.deepEqual(lanes.lanes.list()[0]?.scripts, ['neighbour']);
  assert.equal(await neighbour.call(), 1);
  assert.deepEqual(neighbour.deaths, []);
});

test('a host that closes its lanes leaves no process, and starts none any more', limit, async () => {
  const lanes = openLanes();
  const one = await lanes.open('one', tool('one', 'for (;;) {}'));
  const call = failing(one.call());
  await lanes[Symbol.asyncDispose]();
  await call;
  assert.deepEqual(one.deaths, []);
  assert.deepEqual(lanes.lanes.list(), []);
  assert.equal((await failing(lanes.open('two', ''))).code, 'UNAVAILABLE');
  assert.equal((await failing(lanes.lanes.inspect(script('two', '')))).code, 'UNAVAILABLE');
});

test(
  'a host that is killed leaves no lane for long: idle ones go by themselves, spinning ones at the next start',
  limit,
  async (t: TestContext) => {
    const host = spawnSync(process.execPath, [join(import.meta.dirname, 'testing', 'killed-host.ts')], {
      encoding: 'utf8',
      timeout: 40_000,
    });
    assert.equal(host.signal, 'SIGKILL', host.stderr);
    const { children, idle, spins } = JSON.parse(host.stdout) as { children: string; idle: number; spins: number };
    t.after(() => rmSync(children, { recursive: true, force: true }));
    const left = () =>
      listProcesses()
        .filter(({ pid, isZombie }) => [idle, spins].includes(pid) && !isZombie)
        .map(({ pid }) => pid);
    const deadline = Date.now() + 10_000;
    while (left().includes(idle) && Date.now() < deadline) await new Promise(setImmediate);
    assert.deepEqual(left(), [spins]);
    assert.deepEqual(
      openChildRegistry(children)
        .killOrphans()
        .map(({ pid }) => pid),
      [spins],
    );
    while (left().length > 0 && Date.now() < deadline) await new Promise(setImmediate);
    assert.deepEqual(left(), []);
  },
);
