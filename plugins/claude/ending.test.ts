import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, watch } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { createTestHost, type TestHost } from '@clay/sdk/testing';
import claude from './index.ts';
import { claudeFixture, failureOf, isAlive, session } from './testing/claude-fixture.ts';

/** Resolves when the fake has written this file. */
async function written(file: string): Promise<string> {
  const watcher = watch(dirname(file));
  try {
    while (!existsSync(file) || readFileSync(file, 'utf8') === '') await once(watcher, 'change');
    return readFileSync(file, 'utf8');
  } finally {
    watcher.close();
  }
}

/** Lets time pass in small steps until something has happened that takes real time. */
async function passTimeUntil(host: TestHost, isDone: () => boolean): Promise<void> {
  while (!isDone()) await host.advance(10);
}

const isPatient = { timeout: 30_000 };
const longMs = 24 * 3_600_000;

test('a run that uses more tokens than allowed is ended', async (t) => {
  const { host } = await claudeFixture(t, { config: { maxTokens: 1000, graceMs: 0 } });
  const error = await failureOf(host.agent('claude', 'many-tokens'));
  assert.equal(error.code, 'TOO_LARGE');
  assert.match(error.message, /it used 12\d\d tokens, more than 1000 \("maxTokens"\)/);
  assert.equal(error.details.output, 'Part 0. Part 1.');
});

test('a run without a sign of life is ended, later while a command of it runs', isPatient, async (t) => {
  const { host } = await claudeFixture(t, { config: { stallMs: 60_000_000, commandMs: 120_000_000 } });
  let isOver = false;
  const run = failureOf(host.agent('claude', 'hang', { timeoutMs: 10 * longMs })).finally(() => {
    isOver = true;
  });
  await passTimeUntil(host, () => host.progress.length > 0);
  await host.advance(150_000_000);
  assert.equal(isOver, false);
  await host.advance(30_000_000);
  const error = await run;
  assert.equal(error.code, 'TIMEOUT');
  assert.match(error.message, /no sign of life for 180000000 ms/);
  assert.equal(error.details.output, 'Let me think.');
});

test('a cancelled run ends with everything that it started, even when it does not want to', isPatient, async (t) => {
  const { host, settingsFile, ended } = await claudeFixture(t, { config: { graceMs: 3000 } });
  const cancel = new AbortController();
  const run = failureOf(host.agent('claude', 'stubborn', { signal: cancel.signal, timeoutMs: longMs }));
  const pids = (await written(settingsFile('pids'))).split(' ').map(Number);
  assert.deepEqual(pids.map(isAlive), [true, true]);
  cancel.abort();
  await host.advance(2900);
  assert.deepEqual(pids.map(isAlive), [true, true]);
  await passTimeUntil(host, () => ended.length > 0);
  assert.equal((await run).code, 'CANCELLED');
  assert.deepEqual(pids.map(isAlive), [false, false]);
});

test('a server that it leaves behind ends with it', isPatient, async (t) => {
  const { host, settingsFile, ended } = await claudeFixture(t);
  const run = host.agent('claude', 'server', { timeoutMs: longMs });
  const pid = Number(await written(settingsFile('pids')));
  await passTimeUntil(host, () => ended.length > 0);
  assert.equal((await run).value, 'It serves.');
  assert.equal(isAlive(pid), false);
});

test('what a killed process of ours has left behind ends when the next one starts', isPatient, async (t) => {
  const { host, root } = await claudeFixture(t);
  const settings = join(root, 'data', 'files', 'claude', 'settings');
  const { pid: dead } = spawnSync('true');
  const start = (owner: number | undefined) =>
    spawn('sleep', ['1000'], {
      stdio: 'ignore',
      env: { PATH: process.env.PATH, CLAUDE_CONFIG_DIR: settings, CLAY_CLAUDE_OWNER: String(owner) },
    });
  const orphan = start(dead);
  const owned = start(process.pid);
  t.after(() => owned.kill('SIGKILL'));
  const ended = once(orphan, 'exit');
  const next = await createTestHost(claude, {
    root,
    config: { shell: 'on', claudeCode: { program: '/x', hasModel: true } },
  });
  t.after(() => next.stop());
  assert.deepEqual(await ended, [null, 'SIGKILL']);
  assert.equal(owned.exitCode ?? owned.signalCode, null);
  assert.deepEqual(
    next.logs.map(({ event }) => event),
    ['claude.orphans.ended'],
  );
  assert.deepEqual(host.logs, []);
});

test('a program that has given its result is not waited for', isPatient, async (t) => {
  const { host, ended } = await claudeFixture(t, { config: { graceMs: 2000 } });
  const run = host.agent('claude', 'lingers', { timeoutMs: longMs });
  await passTimeUntil(host, () => ended.length > 0);
  assert.equal((await run).value, 'Done, but I stay.');
});

test(
  'no more runs go side by side than the operator allows, and a second one in a conversation begins anew',
  isPatient,
  async (t) => {
    const { host, seen } = await claudeFixture(t, { config: { maxRuns: 2, graceMs: 0 } });
    await host.agent('claude', 'one', { session });
    const cancel = new AbortController();
    const first = failureOf(host.agent('claude', 'hang', { session, signal: cancel.signal, timeoutMs: longMs }));
    await passTimeUntil(host, () => host.progress.length > 0);
    const beside = await host.agent('claude', 'two', { session });
    assert.equal(beside.value, 'You said: two. Before: .');
    const second = failureOf(host.agent('claude', 'hang', { session, signal: cancel.signal, timeoutMs: longMs }));
    await passTimeUntil(host, () => host.progress.length > 1);
    const third = await failureOf(host.agent('claude', 'steps'));
    assert.equal(third.code, 'UNAVAILABLE');
    assert.match(third.message, /works on 2 tasks already/);
    cancel.abort();
    await Promise.all([first, second]);
    assert.equal(seen().length, 4);
  },
);
