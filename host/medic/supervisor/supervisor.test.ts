import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { listProcesses } from '../../process/process-table.ts';
import { gone, MedicFixture } from './testing/medic-fixture.ts';

const quickRules = { firstBackoffMs: 20, maxBackoffMs: 80 };

test('a host that is asked to stop ends the medic with its own code, and the log says that it was wanted', async () => {
  await using medic = new MedicFixture('lives');
  const pid = await medic.host();
  medic.child.kill('SIGTERM');
  assert.equal(await medic.exited, 0);
  const [start, end] = medic.exits;
  assert.deepEqual([start?.event, start?.pid], ['start', pid]);
  assert.ok(end?.event === 'end' && end.readyMs !== null && end.upMs >= 0 && end.ticks === start?.ticks);
  assert.deepEqual([end.pid, end.code, end.signal, end.requested, end.reason], [pid, 0, null, true, 'exited']);
  assert.equal(medic.stderr, '');
});

test('what a host prints is no death, whatever it looks like: only its end and its pulse are', async () => {
  await using medic = new MedicFixture('alarms');
  const pid = await medic.host();
  assert.equal((await medic.told('still'))[1], String(pid));
  assert.deepEqual(
    medic.exits.map(({ event }) => event),
    ['start'],
  );
  assert.match(medic.stderr, /Segmentation fault/);
});

test('each signal reaches the host as it is', async () => {
  for (const signal of ['SIGINT', 'SIGHUP'] as const) {
    await using medic = new MedicFixture('lives');
    await medic.host();
    medic.child.kill(signal);
    assert.deepEqual(await medic.told('asked'), ['asked', signal]);
    assert.equal(await medic.exited, 0);
  }
});

test('a Ctrl-C that arrives by the terminal and by npm is one request', async () => {
  await using medic = new MedicFixture('isStubborn', { limits: { secondStopMs: 1 } });
  await medic.host();
  medic.child.kill('SIGTERM');
  await medic.told('asked');
  medic.child.kill('SIGTERM');
  assert.equal(await medic.exited, 137);
  // Killed after the three seconds of a first request, not after the moment of a second.
  assert.match(medic.ends[0]!.message, /it had not ended 3 s after SIGTERM/);
});

test('a host that ignores SIGTERM is killed when the time that it told is over', async () => {
  await using medic = new MedicFixture('isStubborn');
  await medic.host();
  medic.child.kill('SIGTERM');
  assert.equal(await medic.exited, 137);
  const [end] = medic.ends;
  assert.deepEqual([end?.reason, end?.requested], ['killed-slow-stop', true]);
});

test('a host that boots and dies three times is started again, later each time, until it lives', async () => {
  await using medic = new MedicFixture('diesThrice', { rules: quickRules });
  const pids = [await medic.host(), await medic.host(), await medic.host(), await medic.host()];
  assert.equal(new Set(pids).size, 4);
  medic.child.kill('SIGTERM');
  assert.equal(await medic.exited, 0);
  const ends = medic.ends;
  assert.deepEqual(
    ends.map(({ code, requested }) => [code, requested]),
    [
      [3, false],
      [3, false],
      [3, false],
      [0, true],
    ],
  );
  assert.match(ends[0]!.lastWords, /boom at here\.ts:7:1/);
  const starts = medic.exits.filter(({ event }) => event === 'start');
  const pauses = starts.slice(1).map(({ startedAt }, index) => startedAt - ends[index]!.endedAt);
  assert.ok(pauses[0]! >= 15 && pauses[1]! >= 30 && pauses[2]! >= 60, `it waited ${pauses.join(', ')} ms`);
});

test('a host that always dies is given up after so many restarts, with its code and a word of advice', async () => {
  await using medic = new MedicFixture('dies', { rules: { ...quickRules, maxRestarts: 3 } });
  assert.equal(await medic.exited, 3);
  assert.equal(medic.ends.length, 4);
  await medic.said(/exited with code 3 after .*the medic gives up.*clay doctor/);
});

test('a host killed from outside is started again', async () => {
  await using medic = new MedicFixture('lives', { rules: quickRules });
  const first = await medic.host();
  process.kill(first, 'SIGKILL');
  const second = await medic.host();
  assert.notEqual(first, second);
  const [end] = medic.ends;
  assert.deepEqual([end?.reason, end?.signal, end?.requested], ['signalled', 'SIGKILL', false]);
});

test('a host that spins is killed and started again, and the log says where it spun', async () => {
  await using medic = new MedicFixture('spins', {
    limits: { pingEveryMs: 100, maxMissedPings: 5 },
    rules: { ...quickRules, maxRestarts: 1 },
  });
  assert.equal(await medic.exited, 137);
  assert.deepEqual(
    medic.ends.map(({ reason }) => reason),
    ['killed-unresponsive', 'killed-unresponsive'],
  );
  const [end] = medic.ends;
  assert.match(end!.message, /it answered no ping for 0\.5 s, and was in spinForEver \(\/.*fake-host\.mjs:\d+:\d+\)/);
  assert.ok(end!.stack.length > 1);
  assert.doesNotMatch(medic.stderr, /Debugger/);
});

test('a host that stands still cannot say where, and is killed all the same', async () => {
  await using medic = new MedicFixture('stands', {
    limits: { pingEveryMs: 50, maxMissedPings: 4 },
    rules: { maxRestarts: 0 },
  });
  assert.equal(await medic.exited, 137);
  const [end] = medic.ends;
  assert.deepEqual([end?.reason, end?.stack], ['killed-unresponsive', []]);
});

test('a log that cannot be written is told once, and the host lives', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'clay-medic-unwritable-'));
  writeFileSync(join(folder, 'medic'), '');
  {
    await using medic = new MedicFixture('lives', { folder, rules: quickRules });
    process.kill(await medic.host(), 'SIGKILL');
    await medic.host();
    medic.child.kill('SIGTERM');
    assert.equal(await medic.exited, 0);
    assert.equal(medic.stderr.match(/The exit log cannot be written: .*medic/g)?.length, 1);
  }
  rmSync(folder, { recursive: true });
});

test('a host that never comes to hold its volume is killed; nothing is written where it has nothing to say', async () => {
  await using medic = new MedicFixture('neverRuns', { limits: { bootMs: 300 }, rules: { maxRestarts: 0 } });
  assert.equal(await medic.exited, 137);
  await medic.said(/did not hold its volume after 0\.3 s/);
  assert.deepEqual(medic.exits, []);
});

test('a host that floods its pipe does not harm the medic, and is killed when its pongs are lost in the flood', async () => {
  await using medic = new MedicFixture('floods', {
    limits: { pingEveryMs: 200, maxMissedPings: 5 },
    rules: { maxRestarts: 0 },
  });
  assert.equal(await medic.exited, 137);
  assert.equal(medic.ends[0]?.reason, 'killed-unresponsive');
});

test('garbage on the pipe does nothing but count', async () => {
  await using medic = new MedicFixture('sendsGarbage');
  const pid = await medic.host();
  await medic.told('sent');
  medic.child.kill('SIGTERM');
  assert.equal(await medic.exited, 0);
  const [end] = medic.ends;
  assert.equal(end?.pid, pid);
  assert.match(end?.message ?? '', /11 lines on its pipe were no messages/);
});

test('a host that closes its line is killed: nobody could tell any more whether it lives', async () => {
  await using medic = new MedicFixture('closesItsLine', { rules: { maxRestarts: 0 } });
  assert.equal(await medic.exited, 137);
  assert.equal(medic.ends[0]?.reason, 'killed-closed-line');
});

test('a host that cannot start until a person changes something is not started again', async () => {
  for (const [behaviour, code, ends] of [
    ['isRefused', 1, 1],
    ['isMisused', 2, 0],
  ] as const) {
    await using medic = new MedicFixture(behaviour);
    assert.equal(await medic.exited, code);
    assert.equal(medic.ends.length, ends);
    // The host has told why; the medic has nothing to add.
    assert.doesNotMatch(medic.stderr, /clay medic/);
  }
});

test('a host that crashes before it holds the volume is started again', async () => {
  await using medic = new MedicFixture('crashesEarly', { rules: { ...quickRules, maxRestarts: 2 } });
  assert.equal(await medic.exited, 139);
  await medic.said(/(was ended by SIGSEGV[\s\S]*){3}/);
});

test('a stop while the medic waits to start the host again ends the wait', async () => {
  await using medic = new MedicFixture('dies', { rules: { firstBackoffMs: 600_000, maxBackoffMs: 600_000 } });
  await medic.host();
  await medic.said(/It is started again in/);
  medic.child.kill('SIGTERM');
  assert.equal(await medic.exited, 0);
});

test('what a killed host leaves in its group is ended, and nothing else', async () => {
  await using medic = new MedicFixture('leavesChildren', { rules: quickRules });
  const host = await medic.host();
  const child = Number((await medic.told('child'))[1]);
  process.kill(host, 'SIGKILL');
  await gone(child);
  await medic.host();
});

test('a host whose medic was killed hears of it', async () => {
  await using medic = new MedicFixture('lives');
  const host = await medic.host();
  medic.child.kill('SIGKILL');
  await medic.told('orphaned');
  await gone(host);
});

test('two medics: only the one whose host holds the volume writes', async () => {
  await using first = new MedicFixture('lives');
  await first.host();
  await using second = new MedicFixture('isMisused', { folder: first.folder });
  assert.equal(await second.exited, 2);
  assert.equal(first.exits.length, 1);
});

test('under npm, a shell that dies of the signal meant for the claw ends the claw in good order', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'clay-medic-npm-'));
  const host = [process.execPath, join(import.meta.dirname, 'testing', 'fake-host.mjs'), 'lives', folder];
  const medic = [process.execPath, join(import.meta.dirname, 'main.ts'), ...host];
  // A shell that waits, as npm's does.
  const shell = spawn('sh', ['-c', '"$@"; :', 'sh', ...medic], {
    env: { ...process.env, npm_lifecycle_event: 'start' },
  });
  const told = createInterface({ input: shell.stdout })[Symbol.asyncIterator]();
  assert.match((await told.next()).value ?? '', /^host \d+$/);
  const pid = onlyChildOf(shell.pid!);
  shell.kill('SIGTERM');
  assert.equal((await told.next()).value, 'asked SIGTERM');
  await gone(pid);
  rmSync(folder, { recursive: true });
});

function onlyChildOf(pid: number): number {
  return listProcesses().find(({ parent }) => parent === pid)?.pid ?? Number.NaN;
}

/** Whether this user may make a process the first of a world of its own. */
const canUnshare = spawnSync('unshare', ['--pid', '--fork', '--mount-proc', 'true']).status === 0;

test('as process 1 it obeys SIGTERM, starts a killed host again, and says that it cannot reap strangers', {
  skip: canUnshare ? false : 'unshare not permitted',
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'clay-medic-first-'));
  const host = [process.execPath, join(import.meta.dirname, 'testing', 'fake-host.mjs'), 'lives', folder];
  const medic = [process.execPath, join(import.meta.dirname, 'main.ts'), ...host];
  const world = spawn('unshare', ['--pid', '--fork', '--mount-proc', '--kill-child', ...medic]);
  const told = createInterface({ input: world.stdout })[Symbol.asyncIterator]();
  const stderr = text(world.stderr);
  assert.match((await told.next()).value ?? '', /^host \d+$/);
  const first = onlyChildOf(world.pid!);
  process.kill(onlyChildOf(first), 'SIGKILL');
  assert.match((await told.next()).value ?? '', /^host \d+$/);
  process.kill(first, 'SIGTERM');
  const [code] = await once(world, 'exit');
  rmSync(folder, { recursive: true });
  assert.equal(code, 0);
  assert.match(await stderr, /It is process 1.*tini/);
});
