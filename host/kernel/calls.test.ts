import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { test } from 'node:test';
import { ClayError, definePlugin } from '@clay/sdk';
import { settle } from '@clay/sdk/testing';
import { systemClock } from '../clock.ts';
import { createOutboundHttp } from '../policy/outbound-http.ts';
import { sourceOf, startKernel, toolPlugin } from './testing/kernel-fixture.ts';

const session = { app: 'clay', user: 'u', id: 's', turn: 't' };

test('a call within a call keeps its session, its caller is the plugin, and its deadline is the outer one', async () => {
  const inner = definePlugin({
    name: 'inner',
    setup(ctx) {
      ctx.service({
        name: 'inner',
        methods: {
          look: {
            description: 'Tells about its call.',
            run: (_, call) => ({
              caller: call.caller,
              session: { ...call.session },
              leftMs: call.deadline - ctx.clock.now(),
            }),
          },
        },
      });
    },
  });
  const outer = definePlugin({
    name: 'outer',
    requires: ['service:inner.look'],
    setup(ctx) {
      ctx.tool({
        name: 'outer',
        description: 'Calls.',
        run: () => ctx.call('service:inner.look', {}, { timeoutMs: 600_000 }),
      });
    },
  });
  await using host = await startKernel([outer, inner]);
  const value = await host.kernel.router.call({
    capability: 'tool:outer',
    args: {},
    caller: 'agent:clay',
    session,
    timeoutMs: 5000,
  });
  assert.deepEqual(value, { caller: 'plugin:outer', session, leftMs: 5000 });
});

test('a capability that the manifest does not name is refused, whoever provides it', async () => {
  const nosy = definePlugin({
    name: 'nosy',
    setup: (ctx) => ctx.tool({ name: 'nosy', description: 'Calls.', run: () => ctx.call('tool:secret', {}) }),
  });
  await using host = await startKernel([nosy, toolPlugin('other', 'secret', () => 1)]);
  await assert.rejects(host.kernel.router.call({ capability: 'tool:nosy', args: {}, caller: 'http' }), {
    code: 'CAPABILITY_UNDECLARED',
    message: /"nosy" uses tool:secret without naming it/,
  });
});

test('a cancelled call cancels the calls within it', async () => {
  let innerReason: unknown = null;
  const waits = definePlugin({
    name: 'inner',
    setup: (ctx) =>
      ctx.tool({
        name: 'inner',
        description: 'Waits.',
        run: (_, { signal }) =>
          new Promise((_resolve, reject) =>
            signal.addEventListener('abort', () => {
              innerReason = signal.reason;
              reject(signal.reason);
            }),
          ),
      }),
  });
  const outer = definePlugin({
    name: 'outer',
    requires: ['tool:inner'],
    setup: (ctx) => ctx.tool({ name: 'outer', description: 'Calls.', run: () => ctx.call('tool:inner', {}) }),
  });
  await using host = await startKernel([waits, outer]);
  const controller = new AbortController();
  const call = host.kernel.router.call({
    capability: 'tool:outer',
    args: {},
    caller: 'http',
    signal: controller.signal,
  });
  await settle();
  controller.abort(new ClayError('CANCELLED', 'the person left'));
  await assert.rejects(call, { code: 'CANCELLED', message: 'the person left' });
  await settle();
  assert.ok(innerReason instanceof ClayError && innerReason.code === 'CANCELLED');
});

test("a keyed call within a call is kept apart from another plugin's key", async () => {
  let runs = 0;
  const counter = toolPlugin('counter', 'count', () => {
    runs += 1;
    return runs;
  });
  const user = (name: string) =>
    definePlugin({
      name,
      requires: ['tool:count'],
      setup: (ctx) => ctx.tool({ name, description: 'Calls.', run: () => ctx.call('tool:count', {}, { key: 'same' }) }),
    });
  await using host = await startKernel([counter, user('a'), user('b')]);
  const call = (name: string) => host.kernel.router.call({ capability: `tool:${name}`, args: {}, caller: 'http' });
  assert.deepEqual([await call('a'), await call('a'), await call('b')], [1, 1, 2]);
});

test("a plugin's rows outlive the host, and a migration that fails keeps the plugin from starting", async (t) => {
  const notes = (sql: string) =>
    definePlugin({
      name: 'notes',
      tables: ['notes'],
      setup(ctx) {
        ctx.store.migrations([{ id: '001', sql }]);
        ctx.tool({
          name: 'note',
          description: 'Notes.',
          run: async () => {
            await ctx.store.sql('INSERT INTO notes (text) VALUES (?)', ['x']);
            await ctx.store.set('last', 'x');
            return [
              (await ctx.store.sql('SELECT count(*) AS n FROM notes')).rows[0]?.n,
              await ctx.store.get('last'),
              await ctx.store.list(),
            ];
          },
        });
      },
    });
  const call = { capability: 'tool:note', args: {}, caller: 'http' };
  const good = notes('CREATE TABLE notes (text TEXT)');
  const first = await startKernel([good]);
  t.after(() => rmSync(first.root, { recursive: true }));
  assert.deepEqual(await first.kernel.router.call(call), [1, 'x', ['last']]);
  await first.stop();
  const second = await startKernel([good], { root: first.root });
  assert.deepEqual(await second.kernel.router.call(call), [2, 'x', ['last']]);
  await second.stop();
  await using broken = await startKernel([notes('CREATE TABLE no table'), toolPlugin('fine', 'ok', () => 1)]);
  const failure = broken.kernel.plugins().find(({ name }) => name === 'notes')?.failure;
  assert.equal(failure?.phase, 'migrate');
  assert.match(failure?.message ?? '', /syntax error/);
});

test("a permission of an author nobody has reviewed ends at the operator's ceiling", async () => {
  const reach = definePlugin({
    name: 'reach',
    permissions: ['http:*', 'shell'],
    setup: (ctx) =>
      ctx.tool({
        name: 'get',
        description: 'Gets.',
        run: async () => (await ctx.http.fetch('https://evil.example/')).status,
      }),
  });
  const http = createOutboundHttp({ clock: systemClock, secret: () => undefined });
  const manifest = { name: 'reach', permissions: ['http:*', 'shell'], placement: 'inline' };
  const ceilings = { '*': ['http:api.example.com'] };
  await using host = await startKernel([sourceOf(reach, { origin: 'volume', manifest })], { http, ceilings });
  assert.deepEqual(host.kernel.plugins()[0]?.permissions, ['http:api.example.com']);
  assert.deepEqual(host.log.find((line) => line.event === 'permissions.withheld')?.permissions, ['http:*', 'shell']);
  await assert.rejects(host.kernel.router.call({ capability: 'tool:get', args: {}, caller: 'http' }), {
    code: 'REFUSED',
    message: /no permission for evil\.example/,
  });
});

test('what ships may use a secret besides, where only the operator knows for which server; it gets nothing else so', async () => {
  const reach = definePlugin({ name: 'reach', permissions: ['llm'], setup() {} });
  const ceilings = { reach: ['secret:KEY@tools.example', 'shell'], other: ['secret:OTHER@tools.example'] };
  await using host = await startKernel([sourceOf(reach)], { ceilings });
  assert.deepEqual(host.kernel.plugins()[0]?.permissions, ['llm', 'secret:KEY@tools.example']);
});

test('a tool that names one of two declared alike does not start', async () => {
  const twice = definePlugin({
    name: 'twice',
    setup(ctx) {
      for (let count = 0; count < 2; count++) ctx.tool({ name: 'same', description: 'x', run: () => 1 });
    },
  });
  await using host = await startKernel([twice]);
  assert.equal(host.kernel.plugins()[0]?.failure?.message, 'The plugin "twice" declares tool:same twice.');
});

test('a probe of the manifest has to give what it expects', async () => {
  const plugin = toolPlugin('p', 'answer', () => ({ a: { b: 1, c: 2 } }));
  const manifest = (expect: number) => ({
    name: 'p',
    placement: 'inline',
    probes: [{ name: 'sound', call: 'tool:answer', expect: { a: { b: expect } } }],
  });
  await using good = await startKernel([sourceOf(plugin, { manifest: manifest(1) })]);
  assert.equal(good.kernel.plugins()[0]?.state, 'committed');
  await using bad = await startKernel([sourceOf(plugin, { manifest: manifest(9) })]);
  assert.match(
    bad.kernel.plugins()[0]?.failure?.message ?? '',
    /The probe "sound" expected tool:answer to give {"a":{"b":9}}, it gave {"a":{"b":1,"c":2}}/,
  );
});

test('two plugins do not hold one lease', async () => {
  const holder = (name: string) =>
    definePlugin({ name, setup: (ctx) => ctx.lease({ name: 'port:4242', onGrant: () => undefined }) });
  await using host = await startKernel([holder('a'), holder('b')]);
  const [a, b] = host.kernel.plugins();
  assert.equal(a?.failure, null);
  assert.match(b?.failure?.message ?? '', /The lease "port:4242" is held by plugin "a"; "b" cannot have it too/);
  assert.equal(b?.state, 'built');
});

test('an external agent streams through the router, and its handler is freed when the reader leaves', async () => {
  let isFreed = false;
  const writer = definePlugin({
    name: 'writer',
    setup: (ctx) =>
      ctx.agent({
        type: 'external',
        name: 'writer',
        description: 'Writes.',
        async *run(task, { caller }) {
          try {
            for (let line = 1; line <= 100; line++) yield { type: 'text', text: `${task} ${line}` };
            return `for ${caller}`;
          } finally {
            isFreed = true;
          }
        },
      }),
  });
  await using host = await startKernel([writer]);
  const request = { capability: 'agent:writer', args: { task: 'line' }, caller: 'agent:clay' };
  const stream = host.kernel.router.stream(request);
  const texts: string[] = [];
  let step = await stream.next();
  for (; !step.done; step = await stream.next()) if (step.value.type === 'text') texts.push(step.value.text);
  assert.equal(step.value, 'for agent:clay');
  assert.deepEqual([texts.length, texts.at(-1)], [100, 'line 100']);
  isFreed = false;
  for await (const _ of host.kernel.router.stream(request)) break;
  await settle();
  assert.equal(isFreed, true);
  assert.deepEqual(
    host.journal.calls.recent(2).map((row) => row.state),
    ['failed', 'done'],
  );
});

test('names such as __proto__ are values like any other', async () => {
  await using host = await startKernel([toolPlugin('echo', 'echo', (args) => args)]);
  const args = JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":1},"toString":"x"}');
  const value = await host.kernel.router.call({ capability: 'tool:echo', args, caller: 'http' });
  assert.deepEqual(Object.keys(value as object), ['__proto__', 'constructor', 'toString']);
  assert.equal(({} as Record<string, unknown>).polluted, undefined);
  assert.equal(JSON.stringify(value), JSON.stringify(args));
});
