import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { test } from 'node:test';
import { UserFolder } from '../claw/user-folder.ts';
import type { Docker, RunOptions } from '../docker/docker.ts';
import { namesOf } from '../names/username.ts';
import { quickTiming, TestHost } from '../testing/host.ts';
import { systemClock } from '../waits/clock.ts';
import { type Patch, patchClaw } from './patch.ts';
import { recover } from './recover.ts';

async function withClaw(env: Readonly<Record<string, string>> = {}): Promise<TestHost> {
  const host = new TestHost(env);
  await host.must('provision', 'alice');
  return host;
}

test('the new container stands by while the old one serves, and takes the volumes when they are free', async () => {
  using host = await withClaw();
  const before = host.container('claw-alice')!;
  const id = host.addImage('clay:2', { bootMs: 100 });
  const out = await host.must('patch', 'alice', '--image', 'clay:2');
  assert.match(out, /alice: patched, healthy/);
  const after = host.container('claw-alice')!;
  assert.equal(after.Image, id);
  assert.notEqual(after.Id, before.Id);
  assert.deepEqual(host.containers, ['claw-alice']);
  assert.deepEqual(after.HostConfig.RestartPolicy, { Name: 'unless-stopped', MaximumRetryCount: 0 });
  assert.equal(host.hadTwoHosts, false);
  const calls = host.calls.map((call) => call.join(' '));
  const ready = calls.lastIndexOf('exec claw-alice-next clay standby');
  assert.ok(
    ready >= 0 && ready < calls.findIndex((call) => call.startsWith('stop -t 60 claw-alice')),
    'the old one is stopped only after the preflight',
  );
});

test('an image that does not boot is removed, and the old container has heard nothing of it', async () => {
  using host = await withClaw();
  const before = host.container('claw-alice');
  host.addImage('clay:broken', { failsPreflight: true, bootMs: 30 });
  const { code, out } = await host.admin(['patch', 'alice', '--image', 'clay:broken']);
  assert.equal(code, 1);
  assert.match(out, /did not pass its preflight/);
  assert.deepEqual(host.container('claw-alice'), before);
  assert.deepEqual(host.containers, ['claw-alice']);
  assert.ok(!host.calls.some(([command, ...rest]) => command === 'stop' && rest.includes('claw-alice')));
});

test('a preflight that never ends is given up, and the old container serves on', async () => {
  using host = await withClaw();
  const before = host.container('claw-alice');
  host.addImage('clay:slow', { bootMs: 60_000 });
  const { code, out } = await host.admin(['patch', 'alice', '--image', 'clay:slow']);
  assert.equal(code, 1);
  assert.match(out, /was not over after 4000 ms/);
  assert.deepEqual(host.container('claw-alice'), before);
  assert.deepEqual(host.containers, ['claw-alice']);
});

for (const [how, behaviour] of [
  ['turns unhealthy', { unhealthyAfterMs: 200 }],
  ['dies', { endsAfterMs: 200 }],
] as const) {
  test(`when the new container ${how} while it is watched, the old one is started again`, async () => {
    using host = await withClaw();
    const before = host.container('claw-alice')!;
    host.addImage('clay:ill', behaviour);
    const { code, out } = await host.admin(['patch', 'alice', '--image', 'clay:ill']);
    assert.equal(code, 1);
    assert.match(out, /The old container serves again/);
    const after = host.container('claw-alice')!;
    assert.equal(after.Id, before.Id);
    assert.equal(after.status, 'running');
    assert.deepEqual(after.HostConfig, before.HostConfig);
    assert.deepEqual(host.containers, ['claw-alice']);
    assert.equal(host.hadTwoHosts, false);
  });
}

test('an open turn ends before the old container does', async () => {
  using host = new TestHost();
  host.addImage('clay:latest', { turnMs: 300 });
  await host.must('provision', 'alice');
  host.addImage('clay:2');
  await host.must('patch', 'alice', '--image', 'clay:2');
  assert.equal(host.events('turn-ended').length, 1);
  assert.equal(host.hadTwoHosts, false);
});

test('a published port cannot be held twice: the new image is rehearsed without it, and then takes it', async () => {
  using host = await withClaw({ CLAW_ROUTER: 'nginx', NGINX: '/bin/true' });
  const before = host.container('claw-alice')!;
  host.addImage('clay:2', { bootMs: 50 });
  await host.must('patch', 'alice', '--image', 'clay:2');
  const after = host.container('claw-alice')!;
  assert.deepEqual(after.HostConfig, before.HostConfig);
  assert.equal(host.hadTwoHosts, false);
  assert.ok(!(after.Config.Env as string[]).some((line) => line.startsWith('CLAY_STANDBY=')));

  host.addImage('clay:broken', { failsPreflight: true });
  assert.equal((await host.admin(['patch', 'alice', '--image', 'clay:broken'])).code, 1);
  host.addImage('clay:ill', { endsAfterMs: 150 });
  assert.equal((await host.admin(['patch', 'alice', '--image', 'clay:ill'])).code, 1);
  assert.equal(host.container('claw-alice')?.Id, after.Id);
  assert.equal(host.container('claw-alice')?.status, 'running');
});

test('a database that the new image changes is copied first, and put back when the old one has to serve again', async () => {
  using host = await withClaw();
  host.addImage('clay:ill', { pendingMigrations: ['host:0012'], endsAfterMs: 150 });
  const old = host.container('claw-alice')!;
  assert.equal((await host.admin(['patch', 'alice', '--image', 'clay:ill'])).code, 1);
  const [backup] = host.events('backup');
  assert.deepEqual(host.events('run'), [
    { event: 'run', image: old.Image, command: ['clay', 'restore', backup?.file] },
  ]);
  assert.equal(host.container('claw-alice')?.status, 'running');
});

test('what the operator has changed in the env-file is the new container’s, and no value stands in an argument', async () => {
  using host = await withClaw();
  const folder = new UserFolder(host.root, 'alice');
  const { readEnvFile, writeEnvFile } = await import('../claw/env-file.ts');
  writeEnvFile(folder.envFile, readEnvFile(folder.envFile).set('ANTHROPIC_API_KEY', 'sk-rotated-key'));
  await host.must('patch', 'alice');
  assert.ok((host.container('claw-alice')!.Config.Env as string[]).includes('ANTHROPIC_API_KEY=sk-rotated-key'));
  assert.ok(!JSON.stringify(host.calls).includes('sk-rotated-key'));
});

test('patching all goes in waves, stops at the first failure and says what is left', async () => {
  using host = new TestHost();
  const names = ['anna1', 'bert2', 'carl3', 'dora4'];
  for (const name of names) await host.must('provision', name);
  host.addImage('clay:2');
  const good = await host.admin(['patch', '--all', '--wave', '2', '--image', 'clay:2']);
  assert.equal(good.code, 0, good.out);
  assert.equal(good.out.match(/patched, healthy/g)?.length, 4);

  host.addImage('clay:broken', { failsPreflight: true });
  const bad = await host.admin(['patch', '--all', '--image', 'clay:broken']);
  assert.equal(bad.code, 1);
  assert.match(bad.out, /^anna1: failed/m);
  assert.match(bad.out, /left as they were: bert2, carl3, dora4/);
  assert.ok(names.every((name) => host.container(`claw-${name}`)?.status === 'running'));
});

test('a patch of nobody, of two things at once, or to an image that is not there changes nothing', async () => {
  using host = await withClaw();
  assert.equal((await host.admin(['patch'])).code, 2);
  assert.equal((await host.admin(['patch', 'alice', '--all'])).code, 2);
  assert.equal((await host.admin(['patch', 'nobody'])).code, 1);
  const before = host.container('claw-alice');
  const { code, out } = await host.admin(['patch', 'alice', '--image', 'clay:none']);
  assert.equal(code, 1);
  assert.match(out, /no image clay:none/);
  assert.deepEqual(host.container('claw-alice'), before);
});

class Crash extends Error {}

/** Works until call number `dieAt`, which still happens (or not), and nothing after it. */
class DyingDocker implements Docker {
  readonly #inner: Docker;
  readonly #dieAt: number;
  readonly #isAfter: boolean;
  calls = 0;

  constructor(inner: Docker, dieAt: number, isAfter: boolean) {
    this.#inner = inner;
    this.#dieAt = dieAt;
    this.#isAfter = isAfter;
  }

  async run(args: readonly string[], options?: RunOptions): Promise<string> {
    this.calls++;
    if (this.calls > this.#dieAt || (this.calls === this.#dieAt && !this.#isAfter)) throw new Crash();
    const told = await this.#inner.run(args, options);
    if (this.calls === this.#dieAt) throw new Crash();
    return told;
  }

  async stream(args: readonly string[], take: (output: Readable) => Promise<void>): Promise<void> {
    await this.#inner.stream(args, take);
  }
}

for (const [image, behaviour] of [
  ['good', {}],
  ['ill', { endsAfterMs: 60 }],
] as const)
  for (const router of ['none', 'nginx'])
    test(`a patch to ${image === 'good' ? 'a good' : 'an ill'} image that dies at any moment is mended by the next command (router: ${router})`, async () => {
      const timing = { ...quickTiming, healthMs: 90, pollMs: 5 };
      for (let dieAt = 1; ; dieAt++) {
        using host = await withClaw({ CLAW_ROUTER: router, NGINX: '/bin/true' });
        const before = host.container('claw-alice')!;
        host.addImage('clay:2', behaviour);
        const docker = new DyingDocker(host.docker, dieAt, dieAt % 2 === 0);
        const patch: Patch = {
          docker,
          clock: systemClock,
          names: namesOf('alice'),
          folder: new UserFolder(host.root, 'alice'),
          image: 'clay:2',
          timing,
          say: () => {},
        };
        const isCut = await patchClaw(patch).then(
          () => false,
          () => docker.calls >= dieAt,
        );
        await recover({ ...patch, docker: host.docker }).catch(() => {});
        // What was stopped with nobody taking over is started by whoever patches next.
        if (host.container('claw-alice')?.status !== 'running') {
          host.addImage('clay:3');
          await host.must('patch', 'alice', '--image', 'clay:3');
        }
        const after = host.container('claw-alice')!;
        assert.deepEqual(host.containers, ['claw-alice'], `cut at call ${dieAt}`);
        assert.equal(after.status, 'running', `cut at call ${dieAt}`);
        assert.deepEqual(after.Mounts, before.Mounts, `cut at call ${dieAt}`);
        assert.deepEqual(after.HostConfig, before.HostConfig, `cut at call ${dieAt}`);
        assert.equal(host.hadTwoHosts, false, `cut at call ${dieAt}`);
        if (!isCut) break;
        assert.ok(dieAt < 200, join('the patch', 'never ends'));
      }
    });
