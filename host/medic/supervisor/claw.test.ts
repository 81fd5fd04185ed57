import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { supervise } from '../../launch.mjs';
import { freePort, memoryOf, type Server, startClaw, startServer } from '../../testing/claw.ts';
import { post } from '../../testing/http.ts';
import { readLastExit } from '../pulse/last-exit.ts';
import { readExits } from './exit-log.ts';
import { gone } from './testing/medic-fixture.ts';

/** The claw as `npm start` runs it: the bundle, under its medic. */
const root = mkdtempSync(join(tmpdir(), 'clay-supervised-'));
const data = join(root, 'data');
const bundle = process.env.CLAY_BUNDLE ?? '';
const how = supervise(process.execPath, bundle, ['start']);
after(() => rmSync(root, { recursive: true, force: true }));

async function startSupervised(): Promise<Server> {
  const [port, adkPort] = [await freePort(), await freePort()];
  const env = { ...environment(port, adkPort), CLAY_SHELL: 'on' };
  const server = await startServer(process.execPath, how.args, env, `http://127.0.0.1:${adkPort}`, '/readyz');
  return { ...server, publicUrl: `http://127.0.0.1:${port}` };
}

function environment(port: number, adkPort: number): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    CLAY_ROOT: root,
    CLAY_PORT: String(port),
    ADK_PORT: String(adkPort),
    CLAY_LOG_LEVEL: 'error',
    ...how.env,
  };
}

function hostPid(): number {
  return JSON.parse(readFileSync(join(data, 'run.json'), 'utf8')).pid;
}

/** Until another host answers than the one given. */
async function nextHost(claw: Server, before: number): Promise<number> {
  for (;;) {
    const isReady = await fetch(`${claw.url}/readyz`).then(
      (response) => response.status === 200,
      () => false,
    );
    if (isReady && hostPid() !== before) return hostPid();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('a killed host comes back under its medic with everything that was said', async () => {
  await using claw = await startSupervised();
  const first = hostPid();
  assert.notEqual(first, claw.pid);
  await post(`${claw.publicUrl}/msg`, { text: 'remember that the boat is called Quill' });
  process.kill(first, 'SIGKILL');
  const second = await nextHost(claw, first);
  assert.match(await post(`${claw.publicUrl}/msg`, { text: 'what do you remember about boat' }), /Quill/);
  const [start, end, again] = readExits(data);
  assert.deepEqual([start?.pid, end?.event, end?.pid, again?.pid], [first, 'end', first, second]);
  await claw.stop();
  assert.equal(readLastExit(data).death, 'requested');
});

test('after three failed boots the claw comes up in safe mode, and can be talked to', async () => {
  await using claw = await startSupervised();
  for (let boot = 1; boot <= 3; boot++) {
    const pid = hostPid();
    process.kill(pid, 'SIGKILL');
    await nextHost(claw, pid);
  }
  assert.match(await post(`${claw.publicUrl}/msg`, { text: 'what do you remember about boat' }), /Quill/);
  await claw.stop();
  const ends = readExits(data).filter((record) => record.event === 'end');
  assert.match(ends.at(-1)!.lastWords, /"event":"safe-mode".*failed to boot 3 times/);
});

test('medic and host together stay small', async (t) => {
  await using claw = await startSupervised();
  const [medic, host] = [memoryOf(claw.pid), memoryOf(hostPid())];
  t.diagnostic(
    `medic RSS ${medic.rss.toFixed(1)} MB, PSS ${medic.pss.toFixed(1)} MB; host PSS ${host.pss.toFixed(1)} MB`,
  );
  assert.ok(medic.rss <= 50 && medic.pss + host.pss <= 130);
  await claw.stop();
});

test('a killed medic takes no turn with it: the host lets open turns end, then ends by itself', async () => {
  const claw = await startSupervised();
  const pid = hostPid();
  const turn = post(`${claw.publicUrl}/msg`, { text: 'run sleep 1 && echo drained' });
  for (;;) if (/^clay_turns_active [1-9]/m.test(await (await fetch(`${claw.url}/metrics`)).text())) break;
  process.kill(claw.pid, 'SIGKILL');
  assert.match(await turn, /drained/);
  await gone(pid);
  assert.equal(readLastExit(data).death, 'requested');
});

test('two medics on one volume: the second ends with its host’s code and changes nothing', async () => {
  await using claw = await startSupervised();
  const before = readExits(data).length;
  const { code, stderr } = await finish(environment(0, 0));
  assert.equal(code, 1);
  assert.match(stderr, new RegExp(`process ${hostPid()}`));
  assert.doesNotMatch(stderr, /clay medic/);
  assert.equal(readExits(data).length, before);
  await claw.stop();
});

test('a port in use ends the medic with what to do, and is no failed boot', async () => {
  await using other = await startClaw();
  const { code, stderr } = await finish(environment(Number(new URL(other.publicUrl).port), 0));
  await other.stop();
  assert.equal(code, 1);
  assert.match(stderr, /is in use .*CLAY_PORT/);
  assert.equal(readLastExit(data).death, 'requested');
});

async function finish(env: Record<string, string>): Promise<{ readonly code: number; readonly stderr: string }> {
  const child: ChildProcess = spawn(process.execPath, how.args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr!.on('data', (chunk) => {
    stderr += chunk;
  });
  const [code] = await once(child, 'close');
  return { code, stderr };
}
