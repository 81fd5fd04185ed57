import assert from 'node:assert/strict';
import { test } from 'node:test';
import { definePlugin, type Json, type JsonObject } from '@clay/sdk';
import type { Settings } from '../store/store.ts';
import { sourceOf, startKernel } from './testing/kernel-fixture.ts';
import { toolServices } from './tool-services.ts';

const used = ['service:tools.offer', 'service:tools.list', 'service:tools.call'];

function scout(refreshed: string[] = []) {
  return definePlugin({
    name: 'scout',
    optional: used,
    setup(ctx) {
      ctx.tool({
        name: 'use',
        description: 'Calls the host.',
        parameters: { type: 'object' },
        run: (args) => ctx.call(String(args.name), args.args ?? {}),
      });
      ctx.service({
        name: 'scout',
        methods: {
          run: {
            description: 'Runs a tool.',
            parameters: { type: 'object' },
            run: (args, call) => ({ ran: args as JsonObject, caller: call.caller }),
          },
          refresh: { description: 'Looks again.', run: () => void refreshed.push('refresh') },
        },
      });
    },
  });
}

const echo = {
  name: 'far_echo',
  description: 'Repeats.',
  parameters: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
};
const offer = { via: 'service:scout.run', refresh: 'service:scout.refresh', tools: [echo] };

function settingsIn(entries: Map<string, Json>): Settings {
  return {
    get: (key) => entries.get(key),
    set: (key, value) => void entries.set(key, value),
    delete: (key) => entries.delete(key),
  };
}

async function start(options: { origin?: 'image' | 'volume'; entries?: Map<string, Json>; section?: JsonObject } = {}) {
  const refreshed: string[] = [];
  const host = await startKernel([sourceOf(scout(refreshed), { origin: options.origin ?? 'image' })]);
  const { kernel } = host;
  const services = toolServices({
    kernel,
    settings: settingsIn(options.entries ?? new Map()),
    sections: options.section === undefined ? {} : { scout: options.section },
    log: { debug() {}, info() {}, warn() {}, error() {} },
  });
  kernel.provide(services.capabilities);
  services.restore();
  const use = (name: string, args: Json) =>
    kernel.router.call({ capability: 'tool:use', args: { name, args }, caller: 'agent:clay' });
  return { host, kernel, use, refreshed };
}

test('a tool that is offered is called like any other: checked, journalled, run by a service of its plugin', async () => {
  const { host, kernel, use } = await start();
  await using _ = host;
  assert.deepEqual(await use('service:tools.offer', offer), { taken: [] });
  const call = (args: Json) => kernel.router.call({ capability: 'tool:far_echo', args, caller: 'agent:clay' });
  assert.deepEqual(await call({ text: 'hi' }), {
    ran: { tool: 'far_echo', arguments: { text: 'hi' } },
    caller: 'agent:clay',
  });
  await assert.rejects(call({ text: 5 }), { code: 'BAD_ARGUMENTS', message: /text: must be a string/ });
  const row = host.journal.calls.recent(5).find(({ capability }) => capability === 'tool:far_echo');
  assert.deepEqual([row?.plugin, row?.state], ['scout', 'failed']);
  const listed = (await use('service:tools.list', {})) as JsonObject[];
  assert.deepEqual(
    listed.map(({ name, plugin }) => `${plugin} ${name}`),
    ['scout far_echo', 'scout use'],
  );
});

test('a name that somebody has is told with its owner, and the rest is offered', async () => {
  const { host, kernel, use } = await start();
  await using _ = host;
  const tools = [echo, { ...echo, name: 'use' }];
  assert.deepEqual(await use('service:tools.offer', { ...offer, tools }), { taken: [{ name: 'use', owner: 'scout' }] });
  assert.equal(kernel.registry.get('tool:use')?.via, undefined);
  assert.equal(kernel.registry.get('tool:far_echo')?.via, 'service:scout.run');
});

test('a plugin calls tools under its own name', async () => {
  const { host, use } = await start();
  await using _ = host;
  await use('service:tools.offer', offer);
  assert.deepEqual(await use('service:tools.call', { name: 'far_echo', arguments: { text: 'a' } }), {
    ran: { tool: 'far_echo', arguments: { text: 'a' } },
    caller: 'scout',
  });
  await assert.rejects(use('service:tools.call', { name: 'nothing' }), { code: 'CAPABILITY_UNKNOWN' });
});

test('what is offered is there after a restart, and is asked for again when it is partial or configured otherwise', async () => {
  const entries = new Map<string, Json>();
  const first = await start({ entries });
  await first.use('service:tools.offer', offer);
  await first.host[Symbol.asyncDispose]();

  const second = await start({ entries });
  assert.equal(second.kernel.registry.get('tool:far_echo')?.plugin, 'scout');
  assert.deepEqual(second.refreshed, []);
  await second.host[Symbol.asyncDispose]();

  const third = await start({ entries, section: { servers: {} } });
  await third.use('service:tools.offer', { ...offer, isPartial: true });
  assert.deepEqual(third.refreshed, ['refresh']);
  await third.host[Symbol.asyncDispose]();

  const fourth = await start({ entries, section: { servers: {} } });
  await fourth.use('service:tools.list', {});
  assert.deepEqual(fourth.refreshed, ['refresh']);
  await fourth.host[Symbol.asyncDispose]();
});

test('nobody but a plugin that ships may do this, and none by the service of another', async () => {
  const { host, use } = await start();
  await using _ = host;
  await assert.rejects(use('service:tools.offer', { ...offer, via: 'service:tasks.list' }), { code: 'BAD_ARGUMENTS' });
  const other = await start({ origin: 'volume' });
  await using __ = other.host;
  for (const name of used) {
    await assert.rejects(other.use(name, name.endsWith('offer') ? offer : { name: 'x' }), { code: 'REFUSED' });
  }
});
