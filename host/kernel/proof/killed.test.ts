import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { listProcesses } from '../../process/process-table.ts';
import { ledgerSource, prepareLedger, readEffects } from './testing/ledger.ts';
import { foldersOf, type ProofClaw, startProofClaw } from './testing/proof-claw.ts';

const limit = { timeout: 60_000 };
const script = join(import.meta.dirname, 'testing', 'killed-host.ts');

/** Every step of two deploys, an undoing and a rollback that is written down or lies on the disk. */
const points: readonly string[] = [
  'before the build',
  'after the build',
  // On the disk, and not yet in the journal.
  'generation.built',
  'before built',
  'after built',
  'before probation',
  'after probation',
  'before committed',
  'after committed',
  'before stopped',
  'after stopped',
  'before quarantined',
  'after quarantined',
  'before rolled-back',
  'after rolled-back',
];

const base = mkdtempSync(join(tmpdir(), 'clay-killed-'));
const volume = (name: string) => join(base, name.replaceAll(' ', '-'));
const pay = (claw: ProofClaw, n: number) => claw.call('pay', { n, beforeMs: 0, afterMs: 0 });

before(async () => {
  const root = volume('good');
  mkdirSync(root, { recursive: true });
  prepareLedger(root);
  await using claw = await startProofClaw({ root });
  await claw.deploy('ledger', ledgerSource(1));
  await claw.reached('ledger', 1, 'committed');
  await pay(claw, 1);
});
after(() => rmSync(base, { recursive: true, force: true }));

/** A claw on a copy of the good volume. */
async function restart(name: string, isKilled: boolean): Promise<ProofClaw> {
  const last = { death: isKilled ? 'unrequested' : 'requested', upMs: 120_000, diedAt: Date.now() } as const;
  const claw = await startProofClaw({ root: volume(name), last });
  await claw.kernel.settled();
  return claw;
}

/** What serves answers, is what the pointer names, and can be replaced. */
async function assertSound(claw: ProofClaw): Promise<void> {
  assert.equal(await pay(claw, 2), 2);
  const serving = claw.medic.generations('ledger').find((one) => one.isCurrent);
  assert.ok(serving !== undefined && ['probation', 'committed'].includes(serving.state), JSON.stringify(serving));
  assert.equal(claw.journal.generations.current('ledger'), serving.generation);
  assert.ok(foldersOf(claw.root, 'ledger').includes(serving.generation));
  const next = await claw.deploy('ledger', ledgerSource(99));
  assert.equal(next.problem, null);
  assert.equal(await claw.reached('ledger', next.generation, 'committed', 'stopped', 'quarantined'), 'committed');
  assert.equal(await pay(claw, 3), 3);
  assert.equal(readEffects(claw.root).find(({ n }) => n === 3)?.version, 99);
}

/** Every call has ended, and nothing that may happen once has happened twice. */
function assertConserved(claw: ProofClaw): void {
  const effects = Map.groupBy(readEffects(claw.root), ({ n }) => n);
  for (const row of claw.journal.calls.recent(100_000)) {
    assert.notEqual(row.state, 'begun', JSON.stringify(row));
    const happened = effects.get((JSON.parse(row.args) as { n: number }).n)?.length ?? 0;
    assert.ok(happened <= 1, JSON.stringify(row));
    if (row.state === 'done') assert.equal(happened, 1, JSON.stringify(row));
    if (row.state === 'failed') assert.equal(happened, 0, JSON.stringify(row));
  }
}

/** Whatever runs something of this volume, whoever its parent is by now. */
function processesOn(root: string): readonly number[] {
  return listProcesses()
    .filter(({ isZombie }) => !isZombie)
    .map(({ pid }) => pid)
    .filter((pid) => pid !== process.pid && commandOf(pid).includes(`${root}/data/`));
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

describe('a host that is killed', { concurrency: 3 }, () => {
  for (const point of points) {
    test(`at "${point}" is followed by one that serves`, limit, async () => {
      const root = volume(point);
      cpSync(volume('good'), root, { recursive: true });
      const child = spawn(process.execPath, [script, root, point], { stdio: ['ignore', 'ignore', 'pipe'] });
      let told = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        told += text;
      });
      const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
      assert.equal(signal, 'SIGKILL', `it never came to that point: ${told}`);
      const orphans = processesOn(root);
      {
        await using claw = await restart(point, true);
        assert.deepEqual(
          orphans.filter((pid) => processesOn(root).includes(pid)),
          [],
          'processes of the dead host',
        );
        await assertSound(claw);
        assertConserved(claw);
      }
      assert.deepEqual(processesOn(root), []);
    });
  }
});

describe('a volume that is damaged', { concurrency: 4 }, () => {
  async function damaged(name: string, damage: (root: string) => void) {
    cpSync(volume('good'), volume(name), { recursive: true });
    damage(volume(name));
    return restart(name, true);
  }

  test('by generations half written is as good as without them', limit, async () => {
    await using claw = await damaged('half', (root) => {
      const folder = join(root, 'data', 'generations', 'ledger');
      for (const name of ['.2.0b0c8a5c-half', '2', '7']) {
        mkdirSync(join(folder, name));
        writeFileSync(join(folder, name, 'main.mjs'), 'throw new Error("half");');
      }
    });
    await assertSound(claw);
    const names = readdirSync(join(claw.root, 'data', 'generations', 'ledger'));
    assert.ok(!names.some((name) => name.startsWith('.')), `what was never finished is removed: ${names}`);
  });

  test('where the pointer names nothing goes back to the one before', limit, async () => {
    {
      cpSync(volume('good'), volume('nothing'), { recursive: true });
      await using first = await restart('nothing', false);
      await first.deploy('ledger', ledgerSource(2));
      await first.reached('ledger', 2, 'committed');
    }
    rmSync(join(volume('nothing'), 'data', 'generations', 'ledger', '2'), { recursive: true });
    await using claw = await restart('nothing', false);
    await claw.reached('ledger', 1, 'committed');
    await pay(claw, 5);
    assert.equal(readEffects(claw.root).find(({ n }) => n === 5)?.version, 1);
    assert.match(claw.failures('ledger', 2).at(-1)?.text ?? '', /There is no generation in/);
    await assertSound(claw);
  });

  test('by a changed build does not run it', limit, async () => {
    await using claw = await damaged('changed', (root) => {
      const file = join(root, 'data', 'generations', 'ledger', '1', 'main.mjs');
      rmSync(file);
      writeFileSync(file, 'console.log("foreign");');
    });
    await claw.reached('ledger', 1, 'rejected');
    assert.match(claw.failures('ledger', 1)[0]?.text ?? '', /main\.mjs is not the file that was built/);
    const next = await claw.deploy('ledger', ledgerSource(1));
    assert.equal(next.problem, null, 'its sources are there: it is built again');
    await assertSound(claw);
  });

  test('in its journal begins a new one, and has its plugins again', limit, async () => {
    await using claw = await damaged('journal', (root) => {
      for (const suffix of ['-wal', '-shm']) rmSync(join(root, 'data', `journal.db${suffix}`), { force: true });
      truncateSync(join(root, 'data', 'journal.db'), 5_000);
    });
    assert.match(claw.journal.notices.join(), /journal .* is damaged/);
    await claw.deployments.start();
    await assertSound(claw);
  });
});
