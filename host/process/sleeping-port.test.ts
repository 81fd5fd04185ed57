import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClayError, definePlugin, type Json, type Log, type PluginDefinition } from '@clay/sdk';
import { runPlugin } from '@clay/sdk/runtime';
import { createFakeClock } from '@clay/sdk/testing';
import {
  type CallOut,
  createMemoryPorts,
  type Fault,
  HostConnection,
  type HostMessage,
  type PluginMessage,
  type Port,
  type Ready,
} from '@clay/sdk/wire';
import { SleepingPort, type SleepingPortOptions } from './sleeping-port.ts';

const idleMs = 300_000;
const hello = { plugin: 'sleeper', version: '1.0.0', generation: 0 };
const paths = { root: '/', data: '/', soul: '/', public: '/', extensions: '/' };
const setup = { config: {}, paths, secrets: [] };
const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** A sleeping line to a plugin in memory, which stands for its process: each start of it is a new life. */
function createSleeper(definition: PluginDefinition, more: Partial<SleepingPortOptions> = {}) {
  const clock = createFakeClock();
  const lives: Port<HostMessage, PluginMessage>[] = [];
  let known: Ready | null = null;
  const port = new SleepingPort({
    plugin: 'sleeper',
    clock,
    log: silent,
    idleMs,
    startMs: 10_000,
    async open() {
      const { host, plugin } = createMemoryPorts();
      runPlugin(definition, plugin, { clock });
      lives.push(host);
      return host;
    },
    find: () => known,
    keep: (_, ready) => {
      known = ready;
    },
    ...more,
  });
  const faults: Fault[] = [];
  const connection = new HostConnection(port, clock, {
    serve: async () => ({ value: null }),
    log() {},
    fault: (fault) => faults.push(fault),
  });
  let lastCall = 0;
  const call = (capability: string, args: Json = {}, options: Partial<CallOut> = {}) => {
    const id = `c${++lastCall}`;
    return connection.call({
      ...{ id, key: id, attempt: 1, caller: 'test', timeoutMs: 60_000, session: null },
      ...{ capability, args },
      ...options,
    });
  };
  return {
    clock,
    connection,
    faults,
    port,
    call,
    /** How many processes there have been. */
    lives,
    get known() {
      return known;
    },
    /** As the medic does at a start, with what an earlier host has kept. */
    async start(kept: Ready | null = null) {
      known = kept;
      const ready = await connection.start(hello, setup, 10_000);
      await connection.live(10_000);
      await connection.commit(10_000);
      return ready;
    },
  };
}

/** Counts the calls of one life: what it keeps in memory is gone with it. */
const counter = definePlugin({
  name: 'sleeper',
  setup(ctx) {
    let calls = 0;
    ctx.tool({ name: 'count', description: 'Counts.', parameters: { type: 'object' }, run: () => ++calls });
  },
}) as PluginDefinition;

const declared = async () => {
  const sleeper = createSleeper(counter);
  const { type, capabilities, migrations, leases } = await sleeper.start();
  return { type, capabilities, migrations, leases };
};

test('a plugin whose declarations are known starts with its first call', async () => {
  const sleeper = createSleeper(counter);
  const ready = await sleeper.start(await declared());
  assert.equal(ready.capabilities[0]?.name, 'count');
  assert.equal(await sleeper.connection.ping(1_000), 0);
  assert.equal(sleeper.lives.length, 0);
  assert.equal(await sleeper.call('tool:count'), 1);
  assert.equal(await sleeper.call('tool:count'), 2);
  assert.equal(sleeper.lives.length, 1);
});

test('a plugin that nobody knows is asked for its declarations by a process, which then sleeps as any other', async () => {
  const sleeper = createSleeper(counter);
  await sleeper.start();
  assert.equal(sleeper.lives.length, 1);
  assert.equal(sleeper.known?.capabilities[0]?.name, 'count');
  // Sooner, as nobody has called it.
  await sleeper.clock.advance(10_000);
  assert.equal(await sleeper.lives[0]?.closed, null);
  assert.equal(await sleeper.call('tool:count'), 1);
  assert.equal(sleeper.lives.length, 2);
});

test('it falls asleep when nothing was said for its time, and wakes again for the next call', async () => {
  const sleeper = createSleeper(counter);
  await sleeper.start(await declared());
  await sleeper.call('tool:count');
  await sleeper.clock.advance(idleMs - 1);
  assert.equal(await sleeper.call('tool:count'), 2);
  await sleeper.clock.advance(idleMs - 1);
  assert.equal(sleeper.lives.length, 1);
  await sleeper.clock.advance(1);
  assert.equal(await sleeper.lives[0]?.closed, null);
  assert.equal(await sleeper.call('tool:count'), 1);
  assert.equal(sleeper.lives.length, 2);
});

test('an open call keeps it awake, however long it takes', async () => {
  const work = Promise.withResolvers<number>();
  const sleeper = createSleeper(
    definePlugin({
      name: 'sleeper',
      setup(ctx) {
        ctx.tool({ name: 'work', description: 'Works.', parameters: { type: 'object' }, run: () => work.promise });
      },
    }) as PluginDefinition,
  );
  await sleeper.start();
  const call = sleeper.call('tool:work', {}, { timeoutMs: 10 * idleMs });
  await sleeper.clock.advance(3 * idleMs);
  work.resolve(7);
  assert.equal(await call, 7);
  assert.equal(sleeper.lives.length, 1);
});

test('a lease that it holds keeps it awake', async () => {
  const sleeper = createSleeper(
    definePlugin({
      name: 'sleeper',
      setup(ctx) {
        ctx.lease({ name: 'port', onGrant: () => {} });
      },
    }) as PluginDefinition,
  );
  await sleeper.start();
  await sleeper.connection.grant('port', 1_000);
  await sleeper.clock.advance(3 * idleMs);
  assert.equal(sleeper.lives.length, 1);
  await sleeper.connection.revoke('port', 1_000);
  await sleeper.clock.advance(2 * idleMs);
  assert.equal(await sleeper.lives[0]?.closed, null);
});

test('a call that comes while it falls asleep waits for the next process, and is lost to none', async () => {
  const released = Promise.withResolvers<void>();
  const sleeper = createSleeper(
    definePlugin({
      name: 'sleeper',
      setup(ctx) {
        let calls = 0;
        ctx.tool({ name: 'count', description: 'Counts.', parameters: { type: 'object' }, run: () => ++calls });
        ctx.onLive(() => ctx.effect('slow', () => () => released.promise));
      },
    }) as PluginDefinition,
  );
  await sleeper.start();
  await sleeper.call('tool:count');
  await sleeper.clock.advance(idleMs);
  const calls = [sleeper.call('tool:count'), sleeper.call('tool:count')];
  assert.equal(await sleeper.connection.ping(1_000), 0);
  assert.equal(sleeper.lives.length, 1);
  released.resolve();
  assert.deepEqual(await Promise.all(calls), [1, 2]);
  assert.equal(sleeper.lives.length, 2);
});

test('onLive runs whenever it wakes, and its release whenever it falls asleep', async () => {
  const heard: string[] = [];
  const sleeper = createSleeper(
    definePlugin({
      name: 'sleeper',
      setup(ctx) {
        ctx.onLive(() => {
          heard.push('live');
          ctx.effect('thing', () => () => void heard.push('released'));
        });
        ctx.onCommit(() => void heard.push('committed'));
        ctx.tool({
          name: 'note',
          description: 'Notes.',
          parameters: { type: 'object' },
          run: () => void heard.push('called'),
        });
      },
    }) as PluginDefinition,
  );
  await sleeper.start();
  await sleeper.clock.advance(idleMs);
  await sleeper.call('tool:note');
  await sleeper.clock.advance(idleMs);
  const life = ['live', 'committed', 'released'];
  assert.deepEqual(heard, [...life, 'live', 'committed', 'called', 'released']);
});

test('it does not fall asleep while it goes live', async () => {
  const live = Promise.withResolvers<void>();
  const sleeper = createSleeper(
    definePlugin({ name: 'sleeper', setup: (ctx) => ctx.onLive(() => live.promise) }) as PluginDefinition,
    { idleMs: 1_000 },
  );
  const started = sleeper.start();
  await sleeper.clock.advance(5_000);
  live.resolve();
  await started;
  assert.equal(sleeper.lives.length, 1);
});

test('a call that is given up before a process has woken is never sent to it', async () => {
  const calls: Json[] = [];
  const opening = Promise.withResolvers<void>();
  const definition = definePlugin({
    name: 'sleeper',
    setup(ctx) {
      ctx.tool({
        name: 'note',
        description: 'Notes.',
        parameters: { type: 'object' },
        run: (args) => calls.push(args as Json),
      });
    },
  }) as PluginDefinition;
  const clock = createFakeClock();
  const sleeper = createSleeper(definition, {
    clock,
    async open() {
      await opening.promise;
      const { host, plugin } = createMemoryPorts();
      runPlugin(definition, plugin, { clock });
      return host;
    },
  });
  const first = createSleeper(definition);
  await first.start();
  await sleeper.start(first.known);
  const cancel = new AbortController();
  const given = sleeper.call('tool:note', { n: 1 }, { signal: cancel.signal });
  const kept = sleeper.call('tool:note', { n: 2 });
  cancel.abort();
  await assert.rejects(given, { code: 'CANCELLED' });
  opening.resolve();
  await kept;
  assert.deepEqual(calls, [{ n: 2 }]);
});

test('a process that cannot be started ends the line as a fault, and the call counts as never accepted', async () => {
  const sleeper = createSleeper(counter, {
    open: () => Promise.reject(new ClayError('UNAVAILABLE', 'no memory for it', { phase: 'load' })),
  });
  await sleeper.start(await declared());
  await assert.rejects(sleeper.call('tool:count'), { code: 'UNAVAILABLE' });
  assert.match(sleeper.faults[0]?.failure.error ?? '', /no memory for it/);
  assert.ok(await sleeper.port.closed);
});

test('a plugin that fails in setup when it wakes tells its own words', async () => {
  const broken = definePlugin({
    name: 'sleeper',
    setup() {
      throw new Error('the disk is gone');
    },
  }) as PluginDefinition;
  const sleeper = createSleeper(broken);
  await sleeper.start(await declared());
  await assert.rejects(sleeper.call('tool:count'), { code: 'UNAVAILABLE' });
  assert.deepEqual(
    sleeper.faults.map(({ phase, failure }) => [phase, failure.error]),
    [['setup', 'the disk is gone']],
  );
});

test('a plugin that declares something else when it wakes is faulty, and starts again with what it declares now', async () => {
  const other = definePlugin({
    name: 'sleeper',
    setup(ctx) {
      ctx.tool({ name: 'other', description: 'Is not the one.', parameters: { type: 'object' }, run: () => null });
    },
  }) as PluginDefinition;
  const sleeper = createSleeper(other);
  await sleeper.start(await declared());
  await assert.rejects(sleeper.call('tool:count'), { code: 'UNAVAILABLE' });
  assert.match(sleeper.faults[0]?.failure.error ?? '', /declared something else when it woke/);
  assert.equal(sleeper.known?.capabilities[0]?.name, 'other');
});

test('a process that breaks off ends the line: an accepted call has an unknown outcome', async () => {
  const sleeper = createSleeper(
    definePlugin({
      name: 'sleeper',
      setup(ctx) {
        const hang = () => new Promise<null>(() => {});
        ctx.tool({ name: 'hang', description: 'Hangs.', parameters: { type: 'object' }, run: hang });
      },
    }) as PluginDefinition,
  );
  await sleeper.start();
  const accepted = Promise.withResolvers<void>();
  const call = sleeper.call('tool:hang', {}, { onAck: accepted.resolve });
  await accepted.promise;
  sleeper.lives[0]?.close(new ClayError('UNAVAILABLE', 'killed'));
  await assert.rejects(call, { code: 'CALL_OUTCOME_UNKNOWN' });
});

test('a sleeper that is drained and closed starts nothing', async () => {
  const sleeper = createSleeper(counter);
  await sleeper.start(await declared());
  await sleeper.connection.drain(1_000, 1_000);
  sleeper.connection.close();
  await sleeper.port.ended();
  assert.equal(sleeper.lives.length, 0);
  assert.equal(sleeper.clock.pending, 0);
});
