import assert from 'node:assert/strict';
import { test } from 'node:test';
import { conserve } from './testing/conservation.ts';
import { openFiles, processesOf } from './testing/leftovers.ts';
import { callNeighbours, inlineNeighbour } from './testing/neighbours.ts';
import { startProofClaw } from './testing/proof-claw.ts';

/** `CLAY_SEED` names another run, `CLAY_SWAPS` makes it longer. */
const seed = Number(process.env.CLAY_SEED ?? 1);
const swaps = Number(process.env.CLAY_SWAPS ?? 60);

test(`calls are conserved over ${swaps} swaps, rollbacks and kills (seed ${seed})`, {
  timeout: 30_000 + swaps * 1_000,
}, async (t) => {
  await using claw = await startProofClaw({ shipped: [inlineNeighbour] });
  const neighbours = await callNeighbours(claw);
  const filesBefore = openFiles();
  const conserved = await conserve(claw, swaps, seed);
  t.diagnostic(JSON.stringify(conserved));
  assert.ok(conserved.done > swaps);
  assert.ok((await neighbours.end()).calls > swaps);
  await claw.medic.retire('ledger', 'the proof is over');
  while (processesOf('ledger').length > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  assert.ok(openFiles() <= filesBefore, `${openFiles()} files are open; before there were ${filesBefore}`);
});
