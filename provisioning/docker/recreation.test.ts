import assert from 'node:assert/strict';
import { randomBytes, randomInt } from 'node:crypto';
import { test } from 'node:test';
import type { Bag, FakeContainer } from '../testing/docker/state.ts';
import { TestHost } from '../testing/host.ts';
import { Chance, randomConfig, randomEndpoint, randomHostConfig } from '../testing/random-container.ts';
import { hostFlags } from './host-flags.ts';
import { inspectContainer, inspectImage } from './inspect.ts';
import { recreationOf } from './recreation.ts';

const rounds = 150;

/** Puts a container there as Docker would have it, without the words of the command line. */
function place(host: TestHost, imageId: string, imageConfig: Bag, chance: Chance): FakeContainer {
  return host.store.change((state) => {
    const Id = randomBytes(32).toString('hex');
    const own = randomConfig(chance);
    const HostConfig: Bag = { NetworkMode: 'claw-net', ...randomHostConfig(chance) };
    const container: FakeContainer = {
      ...{
        Id,
        Name: `/claw-${Id.slice(0, 6)}`,
        Image: imageId,
        Created: '',
        RestartCount: 0,
        status: 'created',
        exitCode: 0,
      },
      ...{ startedAt: 0, clawSince: null, log: [], HostConfig },
      Mounts: [
        ...((HostConfig.Binds ?? []) as string[]).map((bind) => {
          const [Source = '', Destination = '', mode] = bind.split(':');
          const Name = Source.startsWith('/') ? {} : { Name: Source };
          return { Type: 'Name' in Name ? 'volume' : 'bind', ...Name, Source, Destination, RW: mode !== 'ro' };
        }),
        ...((HostConfig.Mounts ?? []) as { Type: string; Source?: string; Target: string; ReadOnly?: boolean }[]).map(
          (mount) => ({
            ...{ Type: mount.Type, Source: mount.Source ?? '', Destination: mount.Target, RW: !mount.ReadOnly },
            ...(mount.Type === 'volume' ? { Name: mount.Source ?? '' } : {}),
          }),
        ),
        { Type: 'volume', Name: 'f'.repeat(64), Source: 'f'.repeat(64), Destination: '/made/by/the/image', RW: true },
      ],
      Networks: { 'claw-net': randomEndpoint(chance, true), second: randomEndpoint(chance, false) },
      Config: {
        Hostname: Id.slice(0, 12),
        ...imageConfig,
        ...Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined)),
        Env: [...(imageConfig.Env as string[]), ...(own.Env as string[])],
        Labels: { ...(imageConfig.Labels as object), ...(own.Labels as object) },
        ExposedPorts: { ...(imageConfig.ExposedPorts as object), ...(own.ExposedPorts as object) },
        Healthcheck: { ...(imageConfig.Healthcheck as object), ...(own.Healthcheck as object) },
        Image: 'clay:latest',
      },
    };
    // Docker takes the image's command away from whoever brings an entrypoint.
    if (own.Entrypoint !== undefined && own.Cmd === undefined) container.Config.Cmd = null;
    state.containers[Id] = container;
    return container;
  });
}

/** Without what says nothing, and what is the container's own. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value)
    .filter(([key, entry]) => entry !== undefined && entry !== null && key !== 'Id')
    .map(([key, entry]) => [key, plain(entry)] as const)
    .filter(([, entry]) => !(typeof entry === 'object' && entry !== null && Object.keys(entry).length === 0));
  return Object.fromEntries(entries.sort(([a], [b]) => a.localeCompare(b)));
}

const byTarget = (mounts: FakeContainer['Mounts']) =>
  [...mounts].sort((a, b) => a.Destination.localeCompare(b.Destination));

test('whatever Docker knows of a container, its successor has too: mounts, limits, labels, networks and all', async () => {
  const seed = Number(process.env.SEED ?? randomInt(1e9));
  using host = new TestHost();
  const imageConfig = { ...host.store.read().images['clay:latest']!.Config, Cmd: ['from', 'image'] };
  const image = host.addImage('clay:latest', {}, imageConfig);
  for (let round = 0; round < rounds; round++) {
    const chance = new Chance(seed + round);
    const hint = `SEED=${seed + round}`;
    const before = place(host, image, imageConfig, chance);
    const found = await inspectContainer(host.docker, before.Id);
    const made = recreationOf(found!, await inspectImage(host.docker, image));
    const env = Object.fromEntries(made.environment);
    const names = Object.keys(env).flatMap((name) => ['--env', name]);
    const next = `next-${round}`;
    await host.docker.run(['create', '--name', next, ...names, ...made.flags, 'clay:latest', ...made.command], { env });
    for (const connection of made.connections) await host.docker.run(['network', 'connect', ...connection, next]);
    await host.docker.run(['update', '--restart', made.restart, next]);
    const after = host.container(next)!;
    const whole = ({ Config, HostConfig, Networks }: FakeContainer, id: string) => {
      const { Mounts, ...rest } = HostConfig;
      const { Cmd, Entrypoint, ...config } = Config as Bag & { Cmd?: string[]; Entrypoint?: string[] };
      const Hostname = Config.Hostname === id.slice(0, 12) ? 'its own' : Config.Hostname;
      // The command line takes one word as the entrypoint; what runs is both together.
      const words = [...(Entrypoint ?? []), ...(Cmd ?? [])];
      return plain({
        Config: { ...config, words, Hostname, Env: [...(Config.Env as string[])].sort() },
        HostConfig: rest,
        Networks,
      });
    };
    assert.deepEqual(whole(after, after.Id), whole(before, before.Id), hint);
    const specs = (container: FakeContainer) => ((container.HostConfig.Mounts ?? []) as Bag[]).map(plain);
    const anonymous = { Type: 'volume', Source: 'f'.repeat(64), Target: '/made/by/the/image' };
    assert.deepEqual(specs(after), [...specs(before), plain(anonymous)], hint);
    assert.deepEqual(plain(byTarget(after.Mounts)), plain(byTarget(before.Mounts)), hint);
    host.store.change((state) => {
      state.containers = {};
    });
  }
});

test('every field that can be handed on is tried', () => {
  const tried = new Set(
    Array.from({ length: 200 }, (_unused, seed) => randomHostConfig(new Chance(seed))).flatMap((config) =>
      Object.keys(config).filter((key) => config[key] !== undefined),
    ),
  );
  // These need a machine that is not Linux, a realtime kernel, one from before 2023, or another container.
  const others = ['Isolation', 'CpuRealtimePeriod', 'CpuRealtimeRuntime', 'KernelMemory', 'VolumesFrom', 'NetworkMode'];
  assert.deepEqual(
    Object.keys(hostFlags).filter((field) => !tried.has(field) && !others.includes(field)),
    [],
  );
});

test('what cannot be handed on is an error that names it, and is never dropped', async () => {
  using host = new TestHost();
  await host.must('provision', 'alice');
  const before = host.store.change((state) => {
    const claw = Object.values(state.containers)[0]!;
    claw.HostConfig.DeviceRequests = [{ Driver: 'nvidia', Count: -1 }];
    return claw;
  });
  const { code, out } = await host.admin(['patch', 'alice']);
  assert.equal(code, 1);
  assert.match(out, /DeviceRequests = \[\{"Driver":"nvidia"/);
  assert.equal(host.container('claw-alice')?.Id, before.Id);
});

test('what the old image said gives way to what the new one says', async () => {
  using host = new TestHost();
  await host.must('provision', 'alice');
  host.addImage(
    'clay:2',
    {},
    {
      Env: ['PATH=/new', 'NEWS=1'],
      Labels: { 'org.opencontainers.image.version': '2' },
      Healthcheck: { Test: ['CMD', '/new/health'] },
    },
  );
  await host.must('patch', 'alice', '--image', 'clay:2');
  const { Env, Labels, Healthcheck } = host.container('claw-alice')!.Config as {
    Env: string[];
    Labels: Record<string, string>;
    Healthcheck: Bag;
  };
  assert.ok(Env.includes('PATH=/new') && Env.includes('NEWS=1') && !Env.some((line) => line.startsWith('CLAY_HOST=')));
  assert.equal(Labels['org.opencontainers.image.version'], '2');
  assert.deepEqual(Healthcheck, { Test: ['CMD', '/new/health'] });
});

test('a health check of words is handed on as a line that a shell reads as the same words', async () => {
  using host = new TestHost();
  await host.must('provision', 'alice');
  host.store.change((state) => {
    const claw = Object.values(state.containers)[0]!;
    claw.Config.Healthcheck = { Test: ['CMD', '/opt/check', "it's", 'a b'], Interval: 5e9 };
  });
  await host.must('patch', 'alice');
  const { Test } = host.container('claw-alice')!.Config.Healthcheck as { Test: string[] };
  assert.deepEqual(Test, ['CMD-SHELL', `/opt/check 'it'\\''s' 'a b'`]);
});
