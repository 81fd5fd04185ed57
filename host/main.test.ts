import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { startClaw } from './testing/claw.ts';
import { clay } from './testing/clay.ts';
import { post } from './testing/http.ts';

/** A claw as a person runs one: the bundle, a volume, the command line, real signals. */
const root = mkdtempSync(join(tmpdir(), 'clay-main-'));
after(() => rmSync(root, { recursive: true, force: true }));

async function chat(text: string, ...options: string[]): Promise<string> {
  const { code, stdout, stderr } = await clay(root, ['chat', ...options, text]);
  assert.equal(code, 0, stderr);
  return stdout;
}

test('a claw remembers a fact, keeps tasks and edits a file, over the terminal and HTTP, across a restart', async () => {
  await using first = await startClaw({ CLAY_SHELL: 'on' }, root);
  await chat('remember that the gate code is 4711');
  assert.match(await chat('add task water the plants'), /#1: water the plants/);
  await chat('write notes.txt: one two');
  assert.match(await chat('edit notes.txt: two => three'), /notes\.txt/);
  await first.stop();

  await using second = await startClaw({ CLAY_SHELL: 'on' }, root);
  assert.match(await chat('what do you remember about gate'), /4711/);
  const response = await fetch(`${second.publicUrl}/msg`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ text: 'list tasks' }),
  });
  assert.equal(response.status, 200);
  assert.match(((await response.json()) as { text: string }).text, /water the plants/);
  assert.match(await chat('read notes.txt'), /one three/);
  await second.stop();
});

test('a second host on the same volume is refused, and told who holds it', async () => {
  await using claw = await startClaw({}, root);
  const { code, stderr } = await clay(root, ['start'], { CLAY_PORT: '0', ADK_PORT: '0' });
  await claw.stop();
  assert.equal(code, 1);
  assert.match(stderr, new RegExp(String(claw.pid)));
});

test('a port in use is named with the variable that changes it, and nothing is left locked', async () => {
  await using other = await startClaw();
  const { code, stderr } = await clay(root, ['start'], { CLAY_PORT: new URL(other.publicUrl).port, ADK_PORT: '0' });
  await other.stop();
  assert.equal(code, 1);
  assert.match(stderr, /is in use .*CLAY_PORT/);
  await (await startClaw({}, root)).stop();
});

test('an unusable setting ends the start with its name, its value and what it may be', async () => {
  const { code, stderr } = await clay(root, ['start'], { CLAY_SHELL: 'sometimes' });
  assert.equal(code, 1);
  assert.match(stderr, /CLAY_SHELL: .*"sometimes"/);
});

test('a root that is not a folder is refused with what to do', async () => {
  const file = join(root, 'a-file');
  writeFileSync(file, '');
  const { code, stderr } = await clay(file, ['start']);
  assert.equal(code, 1);
  assert.match(stderr, /CLAY_ROOT .*a-file/);
});

test('SIGTERM lets an open turn end and leaves no run file behind', async () => {
  await using claw = await startClaw({ CLAY_SHELL: 'on' }, root);
  const turn = chat('run sleep 1 && echo drained');
  await untilTurnRuns(claw.url);
  await claw.stop();
  assert.match(await turn, /drained/);
  assert.throws(() => readFileSync(join(root, 'data', 'run.json')), /ENOENT/);
});

test('a killed host leaves a volume that the next one opens, with everything that was said', async () => {
  await using claw = await startClaw({}, root);
  await chat('remember that the cat is called Mango');
  process.kill(claw.pid, 'SIGKILL');
  await gone(claw.pid);
  await using next = await startClaw({}, root);
  assert.match(await chat('what do you remember about cat'), /Mango/);
  await next.stop();
});

test('a turn that a kill cut inside a tool goes on by itself, and the tool does not run again', async () => {
  const marks = join(root, 'marks');
  await using claw = await startClaw({ CLAY_SHELL: 'on' }, root);
  const session = '/apps/clay/users/u/sessions/killed';
  await post(claw.url + session, {});
  const turn = post(`${claw.url}/run`, {
    appName: 'clay',
    userId: 'u',
    sessionId: 'killed',
    newMessage: { role: 'user', parts: [{ text: `run echo started >> ${marks} && sleep 60` }] },
  });
  turn.catch(() => 'the connection ends with the host');
  await until(() => existsSync(marks));
  process.kill(claw.pid, 'SIGKILL');
  await gone(claw.pid);

  await using next = await startClaw({ CLAY_SHELL: 'on' }, root);
  const told = async () => (await fetch(next.url + session)).text();
  await until(async () => /CALL_OUTCOME_UNKNOWN[\s\S]*"text"/.test(await told()));
  assert.equal(readFileSync(marks, 'utf8'), 'started\n');
});

test('a claw goes on when nobody reads its output any more', async () => {
  const volume = mkdtempSync(join(tmpdir(), 'clay-unread-'));
  const child = clay.spawn(volume, ['start'], { CLAY_PORT: '0', ADK_PORT: '0' });
  const banner = await firstOutput(child);
  child.stdout?.destroy();
  child.stderr?.destroy();
  const url = banner.match(/http:\/\/127\.0\.0\.1:\d+/)?.[0];
  assert.match(await post(`${url}/msg`, { text: 'add task whisper' }), /whisper/);
  child.kill('SIGTERM');
  assert.deepEqual(await once(child, 'exit'), [0, null]);
  rmSync(volume, { recursive: true });
});

test('bound beyond loopback, the banner’s command carries the token, and works as it stands', async () => {
  const volume = mkdtempSync(join(tmpdir(), 'clay-wide-'));
  const child: ChildProcess = clay.spawn(volume, ['start'], { CLAY_HOST: '0.0.0.0', CLAY_PORT: '0', ADK_PORT: '0' });
  const banner = await firstOutput(child);
  const url = banner.match(/http:\/\/\S+\/msg/)?.[0] ?? '';
  const file = banner.match(/authorization: Bearer \$\(cat (\S+)\)"/)?.[1] ?? '';
  const ask = (headers: Record<string, string>) =>
    fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: '{"text":"hello"}',
    });
  const [without, withToken] = [
    await ask({}),
    await ask({ authorization: `Bearer ${readFileSync(file, 'utf8').trim()}` }),
  ];
  child.kill('SIGTERM');
  await once(child, 'exit');
  assert.deepEqual([without.status, withToken.status], [401, 200]);
  rmSync(volume, { recursive: true });
});

test('the banner says where to talk and shows a new token once', async () => {
  const volume = mkdtempSync(join(tmpdir(), 'clay-banner-'));
  const child: ChildProcess = clay.spawn(volume, ['start'], { CLAY_PORT: '0', ADK_PORT: '0' });
  const banner = await firstOutput(child);
  child.kill('SIGTERM');
  await once(child, 'exit');
  const token = readFileSync(join(volume, 'data', 'token'), 'utf8').trim();
  assert.match(banner, /npm run chat[\s\S]*http:\/\/127\.0\.0\.1:\d+\/msg/);
  assert.ok(banner.includes(token));
  rmSync(volume, { recursive: true });
});

async function firstOutput(child: ChildProcess): Promise<string> {
  let text = '';
  for await (const chunk of child.stdout!) {
    text += chunk;
    if (text.includes('Everything in') && text.endsWith('\n')) break;
  }
  return text;
}

/** Until `/metrics` counts a turn that has not ended. */
function untilTurnRuns(url: string): Promise<void> {
  return until(async () => /^clay_turns_active [1-9]/m.test(await (await fetch(`${url}/metrics`)).text()));
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (Date.now() < deadline) {
    if (await isSo()) return;
    await wait(10);
  }
  throw new Error('it did not come to pass within twenty seconds');
}

async function gone(pid: number): Promise<void> {
  const waiter = spawn('tail', [`--pid=${pid}`, '-f', '/dev/null'], { stdio: 'ignore' });
  await once(waiter, 'exit');
}
