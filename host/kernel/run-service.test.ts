import assert from 'node:assert/strict';
import { test } from 'node:test';
import { definePlugin, type Json } from '@clay/sdk';
import type { WantedServices } from '../medic/pulse/plugin-services.ts';
import { runService } from './run-service.ts';
import { sourceOf, startKernel } from './testing/kernel-fixture.ts';

function bridge(command: Json) {
  return definePlugin({
    name: 'bridge',
    optional: ['service:services.run'],
    permissions: ['spawn:bridge'],
    setup(ctx) {
      ctx.tool({
        name: 'begin',
        description: 'Starts the bridge.',
        run: () =>
          ctx.call('service:services.run', { name: 'bridge', command, environment: { TOKEN: 'secret of the bridge' } }),
      });
    },
  });
}

const call = { capability: 'tool:begin', args: {}, caller: 'http' };

async function startWith(command: Json, isShipped: boolean) {
  const wanted: WantedServices[] = [];
  const services = { want: (one: WantedServices) => void wanted.push(one) };
  const source = sourceOf(bridge(command), {
    manifest: { name: 'bridge', permissions: ['spawn:bridge'], optional: ['service:services.run'] },
  });
  const host = await startKernel([source], { services });
  host.kernel.provide([
    runService({ services, kernel: host.kernel, shipped: isShipped ? [source] : [], folder: host.root }),
  ]);
  return { host, wanted };
}

test('a plugin that ships runs a program beside it, and its secrets stand in no journal', async () => {
  const { host, wanted } = await startWith(['bridge', '--quiet'], true);
  await using _ = host;
  await host.kernel.router.call(call);
  const { plugin, services, permissions } = wanted.at(-1)!;
  assert.deepEqual([plugin, permissions, services[0]?.command], ['bridge', ['spawn:bridge'], ['bridge', '--quiet']]);
  assert.doesNotMatch(JSON.stringify(host.journal.calls.recent(10)), /secret of the bridge/);
});

test('one that does not ship is refused, and told where to declare it', async () => {
  const { host, wanted } = await startWith(['bridge'], false);
  await using _ = host;
  const before = wanted.length;
  await assert.rejects(host.kernel.router.call(call), { code: 'REFUSED', message: /only a plugin that ships/ });
  assert.equal(wanted.length, before);
});

test('a service without a command is no service', async () => {
  const { host } = await startWith([], true);
  await using _ = host;
  await assert.rejects(host.kernel.router.call(call), { code: 'BAD_ARGUMENTS', message: /command/ });
});
