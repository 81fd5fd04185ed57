import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openChildRegistry } from './child-registry.ts';
import { isRunning, listProcesses, machineRun, readProcess } from './process-table.ts';

const limit = { timeout: 20_000 };

function openFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'clay-children-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** A process that would live on without us. */
function startStray(t: TestContext): ChildProcess & { readonly pid: number } {
  const stray = spawn('sleep', ['300'], { stdio: 'ignore', detached: true });
  t.after(() => stray.kill('SIGKILL'));
  assert.ok(stray.pid !== undefined);
  return stray as ChildProcess & { readonly pid: number };
}

const recordOf = (pid: number) => ({ plugin: 'x', generation: 3, pid, startedAt: readProcess(pid)!.startedAt });

test('what a dead host has left running is ended by the next one', limit, async (t) => {
  const folder = openFolder(t);
  const stray = startStray(t);
  openChildRegistry(folder).add(recordOf(stray.pid));
  const exit = once(stray, 'exit');
  const killed = openChildRegistry(folder).killOrphans();
  assert.deepEqual(killed, [{ ...recordOf(stray.pid), machineRun: machineRun() }]);
  assert.deepEqual(await exit, [null, 'SIGKILL']);
  assert.deepEqual(readdirSync(folder), []);
});

test('a child that was struck out is left alone', limit, (t) => {
  const folder = openFolder(t);
  const stray = startStray(t);
  const strikeOut = openChildRegistry(folder).add(recordOf(stray.pid));
  strikeOut();
  assert.deepEqual(openChildRegistry(folder).killOrphans(), []);
  assert.ok(isRunning(recordOf(stray.pid)));
});

test('a process that has got the pid of a dead child is left alone', limit, (t) => {
  const folder = openFolder(t);
  const stray = startStray(t);
  const record = recordOf(stray.pid);
  openChildRegistry(folder).add({ ...record, startedAt: record.startedAt - 1 });
  assert.deepEqual(openChildRegistry(folder).killOrphans(), []);
  assert.ok(isRunning(record));
  assert.deepEqual(readdirSync(folder), []);
});

test('records of another run of the machine, and files that are no records, kill nobody', limit, (t) => {
  const folder = openFolder(t);
  const stray = startStray(t);
  const record = { ...recordOf(stray.pid), machineRun: machineRun() };
  const files = [
    { ...record, machineRun: 'another' },
    { ...record, pid: -stray.pid },
    { ...record, pid: 1 },
    { ...record, pid: 0 },
    { ...record, pid: '1' },
    { ...record, startedAt: null },
    null,
    [],
  ];
  for (const [index, content] of files.entries()) writeFileSync(join(folder, `${index}.json`), JSON.stringify(content));
  writeFileSync(join(folder, 'cut.json'), '{"plugin":"x","pid":');
  writeFileSync(join(folder, 'half.json.new'), JSON.stringify(record));
  assert.deepEqual(openChildRegistry(folder).killOrphans(), []);
  assert.ok(isRunning(record));
  assert.deepEqual(readdirSync(folder), []);
});

test('a host that is killed leaves no child for long: idle ones go by themselves, spinning ones at the next start', {
  timeout: 60_000,
}, async (t) => {
  const folder = openFolder(t);
  mkdirSync(join(folder, 'work'));
  const host = spawnSync(
    process.execPath,
    [join(import.meta.dirname, 'testing', 'killed-host.ts'), join(folder, 'work')],
    {
      encoding: 'utf8',
      timeout: 40_000,
    },
  );
  assert.equal(host.signal, 'SIGKILL', host.stderr);
  const { root, idle, spinning } = JSON.parse(host.stdout) as { root: string; idle: number; spinning: number };
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const stillThere = () => listProcesses().filter(({ pid, isZombie }) => [idle, spinning].includes(pid) && !isZombie);
  const deadline = Date.now() + 10_000;
  while (stillThere().some(({ pid }) => pid === idle) && Date.now() < deadline) await new Promise(setImmediate);
  assert.deepEqual(
    stillThere().map(({ pid }) => pid),
    [spinning],
  );
  const killed = openChildRegistry(join(root, 'data', 'children')).killOrphans();
  assert.deepEqual(
    killed.map(({ pid }) => pid),
    [spinning],
  );
  while (stillThere().length > 0 && Date.now() < deadline) await new Promise(setImmediate);
  assert.deepEqual(stillThere(), []);
});
