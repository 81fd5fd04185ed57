import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { launch } from '../host/launch.mjs';
import { freePort } from '../host/testing/claw.ts';
import { post } from '../host/testing/http.ts';
import { findComponent, skipWithout } from '../plugins/matterbridge/testing/component.ts';

const tini = findComponent('tini', 'TINI');
const canUnshare = spawnSync('unshare', ['--pid', '--fork', '--mount-proc', 'true'], { stdio: 'ignore' }).status === 0;

test('as process 1 of a namespace, under tini, a claw serves, leaves no zombies, and ends with 0 when it is told to', {
  skip: skipWithout(tini) || (canUnshare ? false : 'skipped: this user may make no namespace of processes'),
}, async () => {
  const root = mkdtempSync(join(tmpdir(), 'clay-pid-one-'));
  for (const name of ['data', 'soul', 'public', 'builds']) mkdirSync(join(root, name));
  const [port, adkPort] = [await freePort(), await freePort()];
  const how = launch(process.env.CLAY_BUNDLE ?? '', ['container']);
  const entrypoint = [tini.path!, '-g', '--', process.execPath, ...how.args];
  const outer = spawn('unshare', ['--pid', '--fork', '--mount-proc', '--kill-child', ...entrypoint], {
    env: {
      ...{ PATH: process.env.PATH ?? '', CLAY_ROOT: root, CLAY_SHELL: 'on', CLAY_LOG_LEVEL: 'error' },
      ...{ CLAY_PORT: String(port), ADK_PORT: String(adkPort), ...how.env },
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = once(outer, 'exit');
  try {
    const deadline = performance.now() + 60_000;
    while (!(await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null))?.ok) {
      assert.ok(outer.exitCode === null && performance.now() < deadline, 'it was never ready');
      await wait(20);
    }
    const [first = 0] = childrenOf(outer.pid!);
    assert.match(readFileSync(`/proc/${first}/comm`, 'utf8'), /^tini/);
    const orphans = 'run (sleep 0.1 & disown); (sleep 0.1 & disown); readlink /proc/self | head -c 6';
    const { text } = JSON.parse(await post(`http://127.0.0.1:${port}/msg`, { text: orphans })) as { text: string };
    assert.match(text, /\d/);
    await wait(500);
    assert.deepEqual(familyOf(first).filter(isZombie), []);
    process.kill(first, 'SIGTERM');
    assert.deepEqual(await ended, [0, null]);
  } finally {
    outer.kill('SIGKILL');
    await ended;
    rmSync(root, { recursive: true, force: true });
  }
});

function childrenOf(pid: number): readonly number[] {
  const tasks = readdirSync(`/proc/${pid}/task`);
  const lists = tasks.map((task) => readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8'));
  return lists.join(' ').split(/\s+/).filter(Boolean).map(Number);
}

function familyOf(pid: number): readonly number[] {
  return [pid, ...childrenOf(pid).flatMap(familyOf)];
}

function isZombie(pid: number): boolean {
  return /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
}
