import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ClayError, type JsonObject } from '@clay/sdk';
import { createTestHost, type TestHost } from '@clay/sdk/testing';
import files from './index.ts';

/** The turned clock runs ahead of the real processes. */
const patient = { timeoutMs: 86_400_000 };

async function startClaw(t: TestContext, config: JsonObject = {}): Promise<{ root: string; host: TestHost }> {
  const root = mkdtempSync(join(tmpdir(), 'clay-bash-'));
  const host = await createTestHost(files, { root, config: { shell: 'on', ...config } });
  t.after(async () => {
    await host.stop();
    rmSync(root, { recursive: true, force: true });
  });
  return { root, host };
}

/** Resolves when a command has made a file that is not empty, and gives its text. */
function fileText(folder: string, name: string): Promise<string> {
  const read = () => (existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8').trim() : '');
  return new Promise((resolve) => {
    const watcher = watch(folder, () => look());
    const look = () => {
      const text = read();
      if (text === '') return;
      watcher.close();
      resolve(text);
    };
    look();
  });
}

/** A zombie has ended: nobody has asked for its exit code yet. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** Turns the clock until a call has ended. */
async function turnUntilDone<T>(host: TestHost, call: Promise<T>): Promise<T> {
  let isDone = false;
  const end = () => {
    isDone = true;
  };
  call.then(end, end);
  while (!isDone) await host.advance(100);
  return call;
}

test('a command gives its output and its exit code, whatever the code is', async (t) => {
  const { host, root } = await startClaw(t);
  assert.deepEqual(await host.tool('bash', { command: 'pwd; echo grün' }), { output: `${root}\ngrün\n`, exitCode: 0 });
  assert.deepEqual(await host.tool('bash', { command: 'echo out; echo err >&2; echo more; exit 3' }), {
    output: 'out\nerr\nmore\n',
    exitCode: 3,
  });
  assert.deepEqual(await host.tool('bash', { command: 'echo before; kill -SEGV $$' }), {
    output: 'before\n',
    exitCode: 139,
    signal: 'SIGSEGV',
  });
  const syntax = (await host.tool('bash', { command: 'echo (' })) as { output: string; exitCode: number };
  assert.equal(syntax.exitCode, 2);
  assert.match(syntax.output, /syntax error/);
});

test('a long output keeps its beginning and its end', async (t) => {
  const { host } = await startClaw(t, { outputChars: 1000 });
  const { output } = (await host.tool('bash', { command: 'echo begin; seq 1 200000; echo end' })) as { output: string };
  assert.ok(output.startsWith('begin\n1\n2\n'));
  assert.ok(output.endsWith('200000\nend\n'));
  assert.match(output, /\[… 12879\d\d characters cut …\]/);
  assert.ok(output.length < 1100);
});

test('a command sees no secret of the host', async (t) => {
  process.env.CLAY_TEST_SECRET = 'hunter2';
  process.env.CLAY_TEST_PASSED = 'hello';
  t.after(() => {
    delete process.env.CLAY_TEST_SECRET;
    delete process.env.CLAY_TEST_PASSED;
  });
  const { host } = await startClaw(t, { environment: ['CLAY_TEST_PASSED'] });
  const { output } = (await host.tool('bash', { command: 'env; cat' })) as { output: string };
  assert.doesNotMatch(output, /hunter2/);
  assert.match(output, /^CLAY_TEST_PASSED=hello$/m);
  assert.match(output, /^PATH=/m);
});

test('when the time is up the command and its grandchildren are ended, and the output so far is kept', async (t) => {
  const { host, root } = await startClaw(t);
  const command = `echo started; trap '' TERM; (trap '' TERM; echo $BASHPID > grandchild; while :; do sleep 0.05; done) & wait; while :; do sleep 0.05; done`;
  const call = host.tool('bash', { command, timeout_ms: 5000 }, patient);
  const pid = Number(await fileText(root, 'grandchild'));
  assert.ok(isRunning(pid));
  await assert.rejects(turnUntilDone(host, call), (error: unknown) => {
    assert.ok(error instanceof ClayError);
    assert.equal(error.code, 'TIMEOUT');
    assert.match(error.message, /5000 ms/);
    assert.equal(error.details.output, 'started\n');
    return true;
  });
  while (isRunning(pid)) await host.advance(10);
});

test('a cancelled command is ended with its grandchildren', async (t) => {
  const { host, root } = await startClaw(t);
  const cancel = new AbortController();
  const command = 'echo one; (echo $BASHPID > grandchild; exec sleep 1000) & wait';
  const call = host.tool('bash', { command }, { ...patient, signal: cancel.signal });
  const pid = Number(await fileText(root, 'grandchild'));
  cancel.abort();
  await assert.rejects(turnUntilDone(host, call), { code: 'CANCELLED' });
  while (isRunning(pid)) await host.advance(10);
});

test('what a command leaves in the background does not hold the answer and ends with it', async (t) => {
  const { host, root } = await startClaw(t);
  const call = host.tool('bash', { command: 'sleep 1000 & echo $! > background; echo done' }, patient);
  const pid = Number(await fileText(root, 'background'));
  assert.deepEqual(await turnUntilDone(host, call), { output: 'done\n', exitCode: 0 });
  while (isRunning(pid)) await host.advance(10);
});

test('a stopped plugin leaves no process behind', async (t) => {
  const { host, root } = await startClaw(t);
  const call = host.tool('bash', { command: 'echo $$ > shell; exec sleep 1000' });
  const pid = Number(await fileText(root, 'shell'));
  const failed = assert.rejects(call);
  await host.stop();
  await failed;
  while (isRunning(pid)) await new Promise((resolve) => setImmediate(resolve));
});

test('the shell runs only when the operator allows it, and says what it is for a host that asks first', async (t) => {
  const ask = await startClaw(t, { shell: 'ask' });
  assert.equal(ask.host.capabilities.get('tool:bash')?.details.effect, 'shell');
  const off = await startClaw(t, { shell: 'off' });
  const marker = join(off.root, 'ran');
  await assert.rejects(off.host.tool('bash', { command: `touch ${marker}` }), {
    code: 'REFUSED',
    message: /CLAY_SHELL=off/,
  });
  assert.ok(!existsSync(marker));
  await assert.rejects(startClaw(t, { shell: 'maybe' }), /shell/);
});

test('a working folder that is gone is named', async (t) => {
  const { host, root } = await startClaw(t, { roots: ['work'] });
  await assert.rejects(host.tool('bash', { command: 'pwd' }), { code: 'CONFLICT', message: /work does not exist/ });
  await host.tool('write', { path: 'a.txt', content: 'x' });
  assert.deepEqual(await host.tool('bash', { command: 'cat a.txt' }), { output: 'x', exitCode: 0 });
  writeFileSync(join(root, 'outside.txt'), '');
  await assert.rejects(host.tool('read', { path: '../outside.txt' }), { code: 'REFUSED' });
});
