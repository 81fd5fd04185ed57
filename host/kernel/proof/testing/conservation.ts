import assert from 'node:assert/strict';
import { ClayError, type Json } from '@clay/sdk';
import { createRandom, type Random } from '@clay/sdk/testing';
import { systemClock } from '../../../clock.ts';
import type { CallState } from '../../../journal/journal.ts';
import { type Effect, ledgerSource, prepareLedger, readEffects } from './ledger.ts';
import { processesOf } from './leftovers.ts';
import type { ProofClaw } from './proof-claw.ts';

/** One call as its caller has seen it. */
interface Issued {
  readonly n: number;
  readonly id: string;
  readonly tool: Effect['tool'];
  readonly key: string | null;
  /** The later ones asked again with the key of the first. */
  readonly isRepeat: boolean;
  state: CallState;
  code: string | null;
}

export interface Conserved {
  readonly issued: number;
  readonly done: number;
  readonly failed: number;
  readonly unknown: number;
  /** How many of each code, `done` aside. */
  readonly codes: Readonly<Record<string, number>>;
  readonly deadLetters: number;
  readonly effects: number;
  readonly swaps: Readonly<Record<string, number>>;
}

const callers = 4;

/**
 * Calls a plugin from several sides while it is swapped, taken back and killed, and holds every call against what has
 * happened: nothing is lost, nothing that may happen once happens twice, and every call ends as it is told to have ended.
 */
export async function conserve(claw: ProofClaw, swaps: number, seed: number): Promise<Conserved> {
  prepareLedger(claw.root);
  const first = await claw.deploy('ledger', ledgerSource(0));
  assert.equal(first.problem, null);
  const issued: Issued[] = [];
  let isEnding = false;
  const calling = Promise.all(
    Array.from({ length: callers }, async (_, caller) => {
      const random = createRandom(seed + caller + 1);
      for (let count = 0; !isEnding; count++) await issue(claw, issued, caller * 1_000_000 + count * 10, random);
    }),
  );
  calling.catch(() => 'told below');
  const done = await disturb(claw, swaps, createRandom(seed));
  isEnding = true;
  await calling;
  return check(claw, issued, done);
}

async function issue(claw: ProofClaw, issued: Issued[], n: number, random: Random): Promise<void> {
  const tool = random.below(10) < 6 ? 'pay' : 'mark';
  const key = random.below(2) === 0 ? `key-${n}` : null;
  const args = { n, beforeMs: random.below(6), afterMs: random.below(6) };
  const send = async (isRepeat: boolean): Promise<Issued> => {
    const one: Issued = { n, id: `call-${n}-${isRepeat}`, tool, key, isRepeat, state: 'begun', code: null };
    issued.push(one);
    await claw.call(tool, args, { id: one.id, ...(key === null ? {} : { key }) }).then(
      (value: Json) => {
        assert.equal(value, n);
        one.state = 'done';
      },
      (error) => {
        assert.ok(error instanceof ClayError, String(error));
        one.code = error.code;
        one.state = error.code === 'CALL_OUTCOME_UNKNOWN' ? 'unknown' : 'failed';
      },
    );
    return one;
  };
  const { state } = await send(false);
  // Whoever has a key may ask again, whatever became of it.
  if (key !== null && random.below(2) === 0) await send(true);
  // Nobody provides it for a moment: a caller in a loop would fill the journal with that.
  if (state === 'failed') await systemClock.sleep(20);
}

/** Swaps, rollbacks and kills, as chance has it. */
async function disturb(claw: ProofClaw, swaps: number, random: Random): Promise<Record<string, number>> {
  const done: Record<string, number> = { deploy: 0, broken: 0, rollback: 0, kill: 0 };
  for (let version = 1; version <= swaps; version++) {
    const chance = random.below(100);
    const what = chance < 50 ? 'deploy' : chance < 60 ? 'broken' : chance < 75 ? 'rollback' : 'kill';
    done[what] = (done[what] ?? 0) + 1;
    if (what === 'deploy') await claw.deploy('ledger', ledgerSource(version));
    else if (what === 'broken')
      await claw.deploy('ledger', ledgerSource(version, `if (call.attempt) process.exit(1);`));
    else if (what === 'rollback')
      await claw.medic.rollback('ledger').catch((error) => assert.equal(error.code, 'CONFLICT', String(error)));
    else for (const pid of processesOf('ledger')) if (random.below(10) < 7) process.kill(pid, 'SIGKILL');
    await systemClock.sleep(random.below(150));
  }
  return done;
}

function check(claw: ProofClaw, issued: readonly Issued[], swaps: Record<string, number>): Conserved {
  const counts = { begun: 0, done: 0, failed: 0, unknown: 0 };
  const effects = Map.groupBy(readEffects(claw.root), (one) => one.n);
  const codes: Record<string, number> = {};
  let deadLetters = 0;
  for (const one of issued) {
    counts[one.state] += 1;
    if (one.code !== null) codes[one.code] = (codes[one.code] ?? 0) + 1;
    const row = claw.journal.calls.get(one.id);
    const where = JSON.stringify({ ...one, effects: effects.get(one.n) ?? [], row });
    // A repeat has no row of its own, unless the first was refused before it had one.
    if (row === undefined) assert.ok(one.isRepeat || one.code === 'CAPABILITY_UNKNOWN', where);
    else if (one.key === null) assert.equal(row.state, one.state, where);
    assert.notEqual(row?.state, 'begun', where);
    const happened = (effects.get(one.n) ?? []).length;
    const isDead = (row?.failure?.data as { deadLetter?: boolean } | undefined)?.deadLetter === true;
    if (isDead) deadLetters += 1;
    const most = one.tool === 'pay' ? 1 : 2;
    assert.ok(happened <= most, where);
    if (one.state === 'done') assert.ok(happened >= 1, where);
    if (one.state === 'failed') assert.equal(happened, 0, where);
  }
  assert.equal(counts.done + counts.failed + counts.unknown, issued.length);
  // The neighbours are still being called.
  const open = claw.journal.calls
    .recent(100_000)
    .filter(({ state, plugin }) => state === 'begun' && plugin === 'ledger');
  assert.deepEqual(open, []);
  const { begun: _, ...ended } = counts;
  return { issued: issued.length, ...ended, codes, deadLetters, effects: [...effects.values()].flat().length, swaps };
}
