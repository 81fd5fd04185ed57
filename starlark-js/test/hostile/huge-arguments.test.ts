import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Random } from '../fuzz/random.ts';
import { readSeed } from '../fuzz/seed.ts';
import { hugeCalls, hugeProgram } from './huge-arguments.ts';
import { Jail } from './jail.ts';

/** `HUGE_CALLS=20000` makes a night of it. */
const CALLS = Number(process.env.HUGE_CALLS ?? 1500);
const LIMITS = { steps: 30_000_000, bytes: 96 * 1024 * 1024, wallMs: 4_000, output: 1_000_000 };
/** The clock is read at every refill of the steps; one bulk operation may run past the deadline by this much. */
const GRACE_MS = 4_000;
const PEAK_MB = 1_200;

test('every built-in and method ends in a result or an ordinary error, whatever it is called with', async (context) => {
  const seed = readSeed();
  context.diagnostic(`seed ${seed}; repeat with FUZZ_SEED=${seed}`);
  const jail = new Jail();
  after(() => jail.close());
  for (const call of hugeCalls(new Random(seed), CALLS)) {
    const told = `seed ${seed}: ${call}`;
    const answer = await jail.run({ source: hugeProgram(call), limits: LIMITS }, 30_000).catch((cause: unknown) => {
      throw new Error(told, { cause });
    });
    assert.doesNotMatch(answer.error ?? '', /NOT AN ORDINARY ERROR|INTERNAL/, told);
    assert.ok(answer.ms < LIMITS.wallMs + GRACE_MS, `${told}: ${Math.round(answer.ms)} ms`);
    assert.ok(answer.peakMb < PEAK_MB, `${told}: ${Math.round(answer.peakMb)} MB`);
  }
});
