import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Log, ManifestService } from '@clay/sdk';
import type { ServiceNews, ServiceOrder } from '../supervisor/messages.ts';
import { PluginServices, type WantedServices } from './plugin-services.ts';

const bridge: ManifestService = { name: 'bridge', command: ['matterbridge', '-conf', 'a.toml'], environment: {} };

function create(isSupervised = true) {
  const asked: string[] = [];
  const logged: string[] = [];
  let tell: (news: ServiceNews) => void = () => {};
  const write = (event: string) => logged.push(event);
  const log: Log = { debug: write, info: write, warn: write, error: write };
  const services = new PluginServices({
    log,
    pulse: {
      isSupervised,
      startService: ({ id, command }: ServiceOrder) => asked.push(`start ${id} ${command.join(' ')}`),
      stopService: (id) => asked.push(`stop ${id}`),
      onService(listener) {
        tell = listener;
        return () => {};
      },
    },
  });
  const want = (change: Partial<WantedServices>) =>
    services.want({
      plugin: 'chat',
      services: [bridge],
      permissions: ['spawn:matterbridge'],
      folder: '/data',
      ...change,
    });
  const hear = (news: Partial<ServiceNews>) =>
    tell({ id: 'chat/bridge', state: 'running', pid: 1, reason: '', lastWords: '', retryMs: null, ...news });
  return { services, want, hear, asked, logged };
}

test('a swap that leaves a service as it is does not touch it', () => {
  const { want, asked } = create();
  want({});
  want({});
  assert.deepEqual(asked, ['start chat/bridge matterbridge -conf a.toml']);
});

test('a changed service is another one, a service that is not declared any more goes, and others stay', () => {
  const { want, asked, services } = create();
  want({});
  want({ plugin: 'other' });
  asked.length = 0;
  want({ services: [{ ...bridge, command: ['matterbridge', '-conf', 'b.toml'] }] });
  want({ services: [] });
  assert.deepEqual(asked, ['stop chat/bridge', 'start chat/bridge matterbridge -conf b.toml', 'stop chat/bridge']);
  assert.deepEqual(
    services.list().map(({ plugin }) => plugin),
    ['other'],
  );
});

test('a service without its permission is refused with what to do, and starts when it was granted', () => {
  const { want, asked, services } = create();
  want({ permissions: ['spawn:sh'] });
  assert.equal(asked.length, 0);
  assert.equal(services.list()[0]?.state, 'refused');
  assert.match(services.list()[0]?.reason ?? '', /needs the permission spawn:matterbridge/);
  want({});
  assert.ok(asked.includes('start chat/bridge matterbridge -conf a.toml'));
});

test('without a medic nothing is started, and the status says how to get one', () => {
  const { want, asked, services } = create(false);
  want({});
  assert.equal(asked.length, 0);
  assert.match(services.list()[0]?.reason ?? '', /npm start/);
});

test('what the medic tells of a service is its status, and in the log', () => {
  const { want, hear, services, logged } = create();
  want({});
  hear({});
  assert.equal(services.list()[0]?.state, 'running');
  hear({ state: 'waiting', reason: 'it exited with code 1', lastWords: 'no config', retryMs: 1_000 });
  hear({ id: 'somebody/else' });
  const [status] = services.list();
  assert.deepEqual(
    [status?.state, status?.reason, status?.lastWords],
    ['waiting', 'it exited with code 1', 'no config'],
  );
  assert.deepEqual(logged, ['service.running', 'service.waiting']);
});
