import assert from 'node:assert/strict';
import { test } from 'node:test';
import { definePlugin } from '@clay/sdk';
import { sourceOf, startKernel, toolPlugin } from './testing/kernel-fixture.ts';

test('a tool of a started plugin is found by name and called', async () => {
  await using host = await startKernel([toolPlugin('greeter', 'greet', ({ who }) => `Hello ${who}`)]);
  const { kernel } = host;
  assert.deepEqual(
    kernel.registry.list('tool').map((one) => one.fullName),
    ['tool:greet'],
  );
  assert.equal(
    await kernel.router.call({ capability: 'tool:greet', args: { who: 'Ada' }, caller: 'http' }),
    'Hello Ada',
  );
  assert.equal(kernel.plugins()[0]?.state, 'committed');
});

test('a plugin of twelve lines is a plugin', async () => {
  const plugin = definePlugin({
    name: 'clock',
    setup(ctx) {
      ctx.tool({
        name: 'time',
        description: 'Tells the time.',
        run: () => new Date(ctx.clock.now()).toISOString(),
      });
    },
  });
  await using host = await startKernel([plugin]);
  assert.equal(
    await host.kernel.router.call({ capability: 'tool:time', args: {}, caller: 'http' }),
    '2026-01-01T00:00:00.000Z',
  );
});

test('a plugin that fails to start is reported with its phase and place, and the rest runs', async () => {
  const broken = definePlugin({
    name: 'broken',
    setup() {
      throw new Error('no luck');
    },
  });
  const unloadable = sourceOf(broken, {
    name: 'unloadable',
    manifest: { name: 'unloadable' },
    load: () => Promise.reject(new Error('Cannot find module')),
  });
  const misnamed = sourceOf(broken, {
    name: 'misnamed',
    manifest: { name: 'misnamed', permissions: ['root'], limits: { memoryMb: 'much' }, colour: 1 },
  });
  await using host = await startKernel([broken, unloadable, misnamed, toolPlugin('fine', 'ok', () => 1)]);
  const failures = Object.fromEntries(host.kernel.plugins().map(({ name, failure }) => [name, failure]));
  assert.equal(failures.fine, null);
  assert.equal(failures.broken?.phase, 'setup');
  assert.equal(failures.broken?.message, 'no luck');
  assert.match(failures.broken?.location ?? '', /kernel\.test\.ts:\d+:\d+$/);
  assert.equal(failures.unloadable?.phase, 'load');
  assert.equal(failures.misnamed?.phase, 'manifest');
  assert.match(
    failures.misnamed?.message ?? '',
    /limits\.memoryMb: must be an integer, not "much"; colour: is not known/,
  );
  assert.equal(await host.kernel.router.call({ capability: 'tool:ok', args: {}, caller: 'http' }), 1);
});

test('two owners of one name are refused, naming both', async () => {
  await using host = await startKernel([toolPlugin('first', 'same', () => 1), toolPlugin('second', 'same', () => 2)]);
  const second = host.kernel.plugins().find((one) => one.name === 'second');
  assert.equal(
    second?.failure?.message,
    'tool:same is provided by plugin "first" already; plugin "second" cannot provide it too.',
  );
  assert.equal(await host.kernel.router.call({ capability: 'tool:same', args: {}, caller: 'http' }), 1);
});

test('a plugin starts after what it requires, whatever the order given', async () => {
  const live: string[] = [];
  const plugin = (name: string, requires: string[]) =>
    definePlugin({
      name,
      requires,
      setup(ctx) {
        ctx.tool({ name, description: name, run: () => name });
        ctx.onLive(() => {
          live.push(name);
        });
      },
    });
  await using host = await startKernel([plugin('c', ['tool:b']), plugin('b', ['tool:a']), plugin('a', [])]);
  assert.deepEqual(live, ['a', 'b', 'c']);
  assert.equal(host.log.filter((line) => line.level === 'error').length, 0);
});

test('gaps and circles among requirements are told as a path, and hurt nobody else', async () => {
  const needy = (name: string, requires: string[]) => toolPlugin(name, name, () => name, { requires });
  await using host = await startKernel([
    needy('gap', ['tool:nowhere']),
    needy('behind', ['tool:gap']),
    needy('x', ['tool:y']),
    needy('y', ['tool:z']),
    needy('z', ['tool:x']),
    needy('alone', []),
  ]);
  const messages = Object.fromEntries(host.kernel.plugins().map(({ name, failure }) => [name, failure?.message]));
  assert.equal(messages.alone, undefined);
  assert.equal(messages.gap, '"gap" requires tool:nowhere, and nobody provides it.');
  assert.equal(messages.behind, '"behind" → tool:gap → "gap" requires tool:nowhere, and nobody provides it.');
  assert.match(messages.x ?? '', /circle: "x" → "y" → "z" → "x"/);
  assert.equal(messages.x, messages.z);
});

test('whoever requires a plugin that fails to go live does not start either', async () => {
  const base = definePlugin({
    name: 'base',
    setup(ctx) {
      ctx.tool({ name: 'base', description: 'base', run: () => 1 });
      ctx.probe({
        name: 'works',
        run: () => {
          throw new Error('no database');
        },
      });
    },
  });
  await using host = await startKernel([base, toolPlugin('user', 'use', () => 1, { requires: ['tool:base'] })]);
  const [first, second] = host.kernel.plugins();
  assert.equal(first?.failure?.phase, 'probe');
  assert.match(first?.failure?.message ?? '', /The probe "base\/works" failed: no database/);
  assert.equal(first?.state, 'rejected');
  assert.match(second?.failure?.message ?? '', /requires tool:base, whose provider did not start/);
  assert.deepEqual(first?.holds, []);
  await assert.rejects(host.kernel.router.call({ capability: 'tool:base', args: {}, caller: 'http' }), {
    code: 'CAPABILITY_UNKNOWN',
  });
});

test('configuration is checked at the door, with every problem named', async () => {
  const plugin = definePlugin({
    name: 'strict',
    config: {
      type: 'object',
      properties: { size: { type: 'integer', default: 3 }, mode: { enum: ['a', 'b'] } },
      required: ['mode'],
    },
    setup(ctx) {
      ctx.tool({ name: 'config', description: 'config', run: () => ctx.config });
    },
  });
  await using good = await startKernel([plugin], { configs: { strict: { mode: 'a' } } });
  assert.deepEqual(await good.kernel.router.call({ capability: 'tool:config', args: {}, caller: 'http' }), {
    size: 3,
    mode: 'a',
  });
  await using bad = await startKernel([plugin], { configs: { strict: { size: 'big' } } });
  const failure = bad.kernel.plugins()[0]?.failure;
  assert.equal(failure?.phase, 'config');
  assert.equal(
    failure?.message,
    'The configuration of plugin "strict" (plugins.strict in clay.json) does not fit: size: must be an integer, not "big"; mode: is required.',
  );
});

test('a section of clay.json that no plugin reads is told, with the names there are', async () => {
  const one = toolPlugin('one', 'do', () => 1);
  await using fixture = await startKernel([one], { configs: { one: {}, onne: { size: 1 } } });
  assert.deepEqual(
    fixture.log.filter((line) => line.event === 'config.section_unread'),
    [
      {
        level: 'warn',
        event: 'config.section_unread',
        section: 'plugins.onne',
        message: 'No plugin has this name; there are: one.',
      },
    ],
  );
});

test('an event reaches every handler, and one that throws stops no other', async () => {
  const heard: string[] = [];
  const plugin = (name: string, fail: boolean) =>
    definePlugin({
      name,
      setup(ctx) {
        ctx.on('message', ({ text }) => {
          if (fail) throw new Error('deaf');
          heard.push(`${name} ${text}`);
        });
        ctx.on('message', () => {
          heard.push(`${name} again`);
        });
      },
    });
  await using host = await startKernel([plugin('a', true), plugin('b', false)]);
  await host.kernel.emit('message', { channel: 'c', user: 'u', text: 'hi' });
  assert.deepEqual(heard.sort(), ['a again', 'b again', 'b hi']);
  assert.equal(host.log.find((line) => line.event === 'event.failed')?.plugin, 'a');
});

test('a schedule runs at its times, and a slow run is not doubled', async () => {
  let runs = 0;
  let finish: () => void = () => {};
  const plugin = definePlugin({
    name: 'ticker',
    setup(ctx) {
      ctx.schedule({
        name: 'tick',
        everyMs: 60_000,
        run: () => {
          runs += 1;
        },
      });
      ctx.schedule({
        name: 'slow',
        cron: '*/5 * * * *',
        run: () =>
          new Promise<void>((resolve) => {
            finish = resolve;
          }),
      });
    },
  });
  await using host = await startKernel([plugin]);
  await host.clock.advance(180_000);
  assert.equal(runs, 3);
  await host.clock.advance(300_000);
  await host.clock.advance(50_000);
  assert.equal(host.log.filter((line) => line.event === 'schedule.skipped').length, 0);
  finish();
});

test('a stop drains plugins in reverse order and releases everything once', async () => {
  const released: string[] = [];
  const plugin = (name: string, requires: string[]) =>
    definePlugin({
      name,
      requires,
      setup(ctx) {
        ctx.tool({ name, description: name, run: () => name });
        ctx.lease({
          name: `port:${name}`,
          onGrant: () => () => {
            released.push(`${name} lease`);
          },
        });
        ctx.onLive(() => {
          ctx.effect('first', () => () => {
            released.push(`${name} first`);
          });
          ctx.effect('second', () => () => {
            released.push(`${name} second`);
          });
        });
      },
    });
  await using host = await startKernel([plugin('user', ['tool:base']), plugin('base', [])]);
  assert.deepEqual(host.kernel.plugins()[0]?.holds, ['process', 'line', 'lease port:base']);
  await host.kernel.stop();
  assert.deepEqual(released, ['user lease', 'user second', 'user first', 'base lease', 'base second', 'base first']);
  assert.deepEqual(
    host.kernel.plugins().map((one) => [one.name, one.state, one.holds.length]),
    [
      ['base', 'stopped', 0],
      ['user', 'stopped', 0],
    ],
  );
  assert.deepEqual(host.kernel.registry.list('tool'), []);
  const states = host.journal.generations.history('base', 10).map((row) => row.state);
  assert.deepEqual(states, ['committed', 'probation', 'staged', 'built'], 'the end of a host is no verdict');
});

test('a plugin that takes over a setting of the claw finds it in its configuration, and its own section wins', async () => {
  const plugin = definePlugin({
    name: 'doer',
    settings: ['shell'],
    setup(ctx) {
      ctx.tool({ name: 'config', description: 'config', run: () => ctx.config });
    },
  });
  const call = { capability: 'tool:config', args: {}, caller: 'http' };
  await using plain = await startKernel([plugin]);
  assert.deepEqual(await plain.kernel.router.call(call), { shell: 'ask' });
  await using own = await startKernel([plugin], { configs: { doer: { shell: 'off' } } });
  assert.deepEqual(await own.kernel.router.call(call), { shell: 'off' });
});

test('a setting with a secret in it reaches plugins that ship, and no others', async () => {
  const plugin = definePlugin({
    name: 'speaker',
    settings: ['shell', 'telegram'],
    setup(ctx) {
      ctx.tool({ name: 'config', description: 'config', run: () => ctx.config });
    },
  });
  const call = { capability: 'tool:config', args: {}, caller: 'http' };
  await using shipped = await startKernel([plugin]);
  assert.partialDeepStrictEqual(await shipped.kernel.router.call(call), { telegram: { token: 'bot-token' } });
  await using foreign = await startKernel([{ ...sourceOf(plugin), origin: 'volume' }]);
  assert.deepEqual(await foreign.kernel.router.call(call), { shell: 'ask' });
});
