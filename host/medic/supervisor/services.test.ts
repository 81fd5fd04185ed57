import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createFakeClock } from '@clay/sdk/testing';
import { systemClock } from '../../clock.ts';
import type { ServiceNews } from './messages.ts';
import { Service } from './service.ts';
import { Services } from './services.ts';
import { gone, MedicFixture } from './testing/medic-fixture.ts';

const rules = { maxRestarts: 2, windowMs: 60_000, readyMs: 60_000, firstBackoffMs: 10, maxBackoffMs: 40 };

/** Everything that a service's life tells, until it has ended. */
async function lifeOf(
  script: string,
  options: { readonly stopOn?: string; readonly stopAfter?: Promise<unknown> } = {},
): Promise<readonly ServiceNews[]> {
  const told: ServiceNews[] = [];
  const service = new Service({
    order: { id: 'plugin/one', command: ['sh', '-c', script], environment: { GREETING: 'hi' }, folder: '/' },
    env: { PATH: process.env.PATH, HOME: '/home/somebody', ANTHROPIC_API_KEY: 'sk-secret' },
    clock: systemClock,
    rules,
    random: () => 0.5,
    stopMs: 200,
    onNews(news) {
      told.push(news);
      if (news.state === options.stopOn) queueMicrotask(() => service.stop());
    },
  });
  options.stopAfter?.then(() => service.stop());
  await service.ended;
  return told;
}

test('a service that ends is started again, later each time, and given up when it ends too often', async () => {
  const told = await lifeOf('echo out of luck; exit 4');
  assert.deepEqual(
    told.map(({ state, retryMs }) => [state, retryMs]),
    [
      ['running', null],
      ['waiting', 8],
      ['running', null],
      ['waiting', 15],
      ['running', null],
      ['failed', null],
    ],
  );
  assert.match(told.at(-1)!.reason, /exited with code 4, 3 times in 60 s; it is not started again/);
  assert.equal(told.at(-1)!.lastWords, 'out of luck\n');
});

test('a service gets its own environment and none of the claw’s secrets', async () => {
  const told = await lifeOf('env; exit 0');
  const names = told[1]!.lastWords.split('\n').map((line) => line.split('=')[0]);
  assert.ok(names.includes('GREETING') && names.includes('HOME') && names.includes('PATH'));
  assert.ok(!names.includes('ANTHROPIC_API_KEY'));
});

test('a service’s program is taken from where the operator says it is', async () => {
  const told: ServiceNews[] = [];
  const service = new Service({
    order: { id: 'plugin/one', command: ['no-such-program', '-c', 'echo hello'], environment: {}, folder: '/' },
    env: { PATH: process.env.PATH, NO_SUCH_PROGRAM_BIN: '/bin/sh' },
    clock: systemClock,
    rules: { ...rules, maxRestarts: 0 },
    random: () => 0.5,
    stopMs: 200,
    onNews: (news) => told.push(news),
  });
  await service.ended;
  assert.equal(told.at(-1)!.lastWords, 'hello\n');
});

test('a service that does not end when asked to is killed with what it has started', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'clay-services-'));
  const watcher = watch(folder);
  const ready = once(watcher, 'change').then(() => watcher.close());
  const told = await lifeOf(`trap "" TERM; sleep 300 & echo $!; touch ${folder}/ready; wait`, { stopAfter: ready });
  rmSync(folder, { recursive: true });
  assert.deepEqual([told.length, told.at(-1)!.state], [2, 'stopped']);
  assert.match(told.at(-1)!.reason, /ended by SIGKILL/);
  await gone(Number(told.at(-1)!.lastWords));
});

test('a stop while a service waits to be started again ends the wait', async () => {
  const told = await lifeOf('exit 1', { stopOn: 'waiting' });
  assert.deepEqual(
    told.map(({ state }) => state),
    ['running', 'waiting', 'stopped'],
  );
});

test('a program that is not there is told at once and not tried again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'clay-services-'));
  const told = Promise.withResolvers<ServiceNews>();
  const services = new Services({
    dataFolder: folder,
    env: {},
    clock: systemClock,
    random: () => 0.5,
  });
  services.serve(told.resolve);
  services.start({ id: 'a', command: ['/no/such/program'], environment: {}, folder: '/' });
  const { state, reason } = await told.promise;
  await services.stopAll();
  rmSync(folder, { recursive: true });
  assert.equal(state, 'failed');
  assert.match(reason, /\/no\/such\/program could not be started: .*ENOENT/);
});

test('the medic keeps a service as long as the host wants it, and tells the host of it', async () => {
  await using medic = new MedicFixture('wantsService', {}, 'sleep', '300');
  const host = await medic.host();
  const [, id, state, pid] = await medic.told('service');
  assert.deepEqual([id, state], ['plugin/one', 'running']);
  process.kill(host, 'SIGUSR2');
  const [, , next] = await medic.told('service');
  assert.equal(next, 'stopped');
  await gone(Number(pid));
});

test('a service outlives a host that dies, and is the next one’s when that asks for the same; it ends with the claw', async () => {
  await using medic = new MedicFixture('wantsService', { rules: { firstBackoffMs: 10 } }, 'sleep', '300');
  const host = await medic.host();
  const [, , , first] = await medic.told('service plugin/one running');
  process.kill(host, 'SIGKILL');
  const [, , , second] = await medic.told('service plugin/one running');
  assert.equal(first, second);
  medic.child.kill('SIGTERM');
  assert.equal(await medic.exited, 0);
  await gone(Number(second));
});

test('a service that the next host asks for otherwise, or not in time, ends', async () => {
  const clock = createFakeClock();
  const services = new Services({
    dataFolder: '/nowhere/data',
    env: { PATH: process.env.PATH },
    clock,
    random: () => 0.5,
  });
  const told: ServiceNews[] = [];
  const order = (id: string, seconds: string) => ({ id, command: ['sleep', seconds], environment: {}, folder: '/' });
  const pidOf = (id: string) => told.findLast((news) => news.id === id && news.state === 'running')?.pid ?? 0;
  services.serve((news) => told.push(news));
  for (const id of ['kept', 'changed', 'forgotten']) services.start(order(id, '300'));
  const before = ['kept', 'changed', 'forgotten'].map(pidOf);
  services.leave();
  services.serve((news) => told.push(news));
  services.start(order('kept', '300'));
  services.start(order('changed', '301'));
  await gone(before[1]!);
  await clock.advance(15_000);
  await gone(before[2]!);
  assert.equal(pidOf('kept'), before[0]);
  assert.notEqual(pidOf('changed'), before[1]);
  await services.stopAll();
  await gone(pidOf('kept'));
});

test('what a killed medic has left of its services is ended by the next one, and nobody else’s', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'clay-services-'));
  const stranger = spawn('sleep', ['300'], { env: { ...process.env, CLAY_SERVICE_OF: `${folder}-other` } });
  await using first = new MedicFixture('wantsService', { folder }, 'sleep', '300');
  await first.host();
  const left = Number((await first.told('service plugin/one running'))[3]);
  first.child.kill('SIGKILL');
  await first.exited;
  assert.match(readFileSync(`/proc/${left}/cmdline`, 'utf8'), /sleep/);
  await using second = new MedicFixture('lives', { folder });
  await second.host();
  await gone(left);
  assert.equal(stranger.exitCode, null);
  stranger.kill();
  await once(stranger, 'exit');
  rmSync(folder, { recursive: true });
});
