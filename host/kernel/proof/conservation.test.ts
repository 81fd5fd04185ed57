import assert from 'node:assert/strict';
import { test } from 'node:test';
import { conserve } from './testing/conservation.ts';
import { ledgerSource, prepareLedger, readEffects } from './testing/ledger.ts';
import { openFiles, untilFiles, untilProcesses } from './testing/leftovers.ts';
import { callNeighbours, inlineNeighbour } from './testing/neighbours.ts';
import { startProofClaw } from './testing/proof-claw.ts';

/** `CLAY_SEED` names another run, `CLAY_SWAPS` makes it longer. */
const seed = Number(process.env.CLAY_SEED ?? 1);
const swaps = Number(process.env.CLAY_SWAPS ?? 60);

test(`calls are conserved over ${swaps} swaps, rollbacks and kills (seed ${seed})`, {
  timeout: 30_000 + swaps * 1_000,
}, async (t) => {
  await using claw = await startProofClaw({ shipped: [inlineNeighbour], rules: { crashLimit: 8 } });
  const neighbours = await callNeighbours(claw);
  const filesBefore = openFiles();
  const conserved = await conserve(claw, swaps, seed);
  t.diagnostic(JSON.stringify(conserved));
  assert.ok(conserved.done > swaps);
  assert.ok((await neighbours.end()).calls > swaps);
  await claw.medic.retire('ledger', 'the proof is over');
  await untilProcesses('ledger', 0);
  await untilFiles(filesBefore);
});

test('a call that ends two processes is not given to a third', { timeout: 30_000 }, async () => {
  await using claw = await startProofClaw();
  prepareLedger(claw.root);
  await claw.deploy('ledger', ledgerSource(1, 'process.exit(1);'));
  await claw.reached('ledger', 1, 'committed');
  const args = { n: 7, beforeMs: 0, afterMs: 0 };
  const told = claw.untilNews(({ kind, text }) => kind === 'told' && /accepted twice/.test(text));
  await assert.rejects(claw.call('mark', args, { id: 'deadly', key: 'k' }), { code: 'CALL_OUTCOME_UNKNOWN' });
  assert.match((await told).text, /The call deadly of tool:mark was accepted twice, and each time the process died/);
  const { state, attempt, failure } = claw.journal.calls.get('deadly')!;
  assert.deepEqual([state, attempt, failure?.data], ['unknown', 2, { deadLetter: true }]);
  assert.deepEqual(claw.log.filter(({ event }) => event === 'call.dead').length, 1);
  await claw.reached('ledger', 1, 'committed');
  await assert.rejects(claw.call('mark', args, { key: 'k' }), /not sent a third time/);
  assert.deepEqual(
    readEffects(claw.root).map(({ n, attempt: which }) => [n, which]),
    [
      [7, 1],
      [7, 2],
    ],
  );
});
