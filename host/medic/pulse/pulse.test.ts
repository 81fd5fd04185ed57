import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { gone, MedicFixture } from '../supervisor/testing/medic-fixture.ts';
import { type LastExit, readLastExit } from './last-exit.ts';

const root = mkdtempSync(join(tmpdir(), 'clay-pulse-'));
after(() => rmSync(root, { recursive: true, force: true }));
const program = join(import.meta.dirname, 'testing', 'pulse-host.ts');

interface Told extends LastExit {
  readonly pid: number;
  readonly isSupervised: boolean;
}

function parse(line: readonly string[]): Told {
  return { pid: Number(line[1]), ...JSON.parse(line[2]!) };
}

/** A host without a medic. */
async function startAlone(folder: string, behaviour = 'lives'): Promise<{ child: ChildProcess; told: Told }> {
  const env = { PATH: process.env.PATH, CLAY_PULSE: '3,4' };
  const child = spawn(process.execPath, [program, behaviour, folder], { env, stdio: ['ignore', 'pipe', 'ignore'] });
  const [line] = (await once(createInterface({ input: child.stdout! }), 'line')) as [string];
  return { child, told: parse(line.split(' ')) };
}

async function end(child: ChildProcess, signal?: NodeJS.Signals): Promise<void> {
  if (signal !== undefined) child.kill(signal);
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

function medicOf(folder: string, behaviour = 'lives'): MedicFixture {
  return new MedicFixture('', {
    folder,
    host: [process.execPath, program, behaviour, folder],
    rules: { firstBackoffMs: 10 },
  });
}

test('without a medic a host knows how the one before it ended by the marker that it left', async () => {
  const folder = join(root, 'alone');
  const first = await startAlone(folder);
  assert.deepEqual([first.told.death, first.told.isSupervised], ['none', false]);
  await end(first.child, 'SIGKILL');
  const killedAt = Date.now();

  const second = await startAlone(folder);
  assert.equal(second.told.death, 'unrequested');
  assert.ok(second.told.diedAt <= killedAt && second.told.diedAt > killedAt - 10_000);
  await end(second.child, 'SIGTERM');

  const third = await startAlone(folder, 'throws');
  assert.equal(third.told.death, 'requested');
  await end(third.child);

  const fourth = await startAlone(folder, 'ends');
  assert.equal(fourth.told.death, 'unrequested');
  await end(fourth.child);
  assert.equal(readLastExit(folder).death, 'unrequested');
});

test('a power cut in the middle of a stop is a requested end', async () => {
  const folder = join(root, 'hanging');
  const { child } = await startAlone(folder, 'hangs');
  child.kill('SIGTERM');
  while (readLastExit(folder).death !== 'requested') await new Promise((resolve) => setImmediate(resolve));
  await end(child, 'SIGKILL');
  assert.equal(readLastExit(folder).death, 'requested');
});

test('under a medic the exit log tells when a killed host died', async () => {
  const folder = join(root, 'supervised');
  await using medic = medicOf(folder);
  const first = parse(await medic.told('host'));
  assert.deepEqual([first.death, first.isSupervised], ['none', true]);
  process.kill(first.pid, 'SIGKILL');
  const second = parse(await medic.told('host'));
  const [died] = medic.ends;
  assert.deepEqual(
    { death: second.death, upMs: second.upMs, diedAt: second.diedAt },
    { death: 'unrequested', upMs: died!.upMs, diedAt: died!.endedAt },
  );
  await medic.said(/"event":"host\.died".*"message":"The host \(process \d+\) was ended by SIGKILL/);
  medic.child.kill('SIGTERM');
  assert.equal(await medic.exited, 0);
  assert.equal(readLastExit(folder).death, 'requested');
});

test('a host whose medic is killed stops by itself, and that is nobody’s fault', async () => {
  const folder = join(root, 'orphaned');
  await using medic = medicOf(folder);
  const { pid } = parse(await medic.told('host'));
  medic.child.kill('SIGKILL');
  await gone(pid);
  assert.equal(readLastExit(folder).death, 'requested');
});

test('a host that hangs in its stop and is killed for it was asked to end', async () => {
  const folder = join(root, 'slow');
  await using medic = medicOf(folder, 'hangs');
  await medic.told('host');
  medic.child.kill('SIGTERM');
  assert.equal(await medic.exited, 137);
  assert.equal(medic.ends[0]?.reason, 'killed-slow-stop');
  assert.equal(readLastExit(folder).death, 'requested');
});

test('a plugin’s service goes through the pulse, and without a medic it is refused with what to do', async () => {
  await using medic = medicOf(join(root, 'services'), 'serves');
  await medic.told('host');
  await medic.told('service a/b running');
  await medic.told('service a/b waiting');
  const alone = await startAlone(join(root, 'no-services'), 'serves');
  await end(alone.child);
  assert.equal(alone.child.exitCode, 1);
});

test('a marker that is no marker says nothing', async () => {
  const folder = join(root, 'damaged');
  const { child } = await startAlone(folder);
  await end(child, 'SIGKILL');
  for (const text of ['', '{"pid":', 'null', '{"pid":"x"}', '[]']) {
    writeFileSync(join(folder, 'medic', 'host.json'), text);
    assert.equal(readLastExit(folder).death, 'none');
  }
});
