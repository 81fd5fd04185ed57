import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { findStarlarkGo, skipWithout } from '../peer/component.ts';
import { compareSeeds, type Report, renderDifference } from './compare.ts';
import { KNOWN_DIFFERENCES } from './differences.ts';
import { CALLS, type Family, PROGRAMS } from './family.ts';
import { readSeed } from './seed.ts';

const COUNT = 3000;
const go = findStarlarkGo();

async function compare(family: Family, context: TestContext): Promise<Report> {
  const seed = readSeed();
  context.diagnostic(`first seed ${seed}; repeat with FUZZ_SEED=${seed}`);
  const report = await compareSeeds(go.path!, family, seed, COUNT);
  const shown = report.differences.slice(0, 3).map(renderDifference);
  assert.equal(report.differences.length, 0, `first seed ${seed}\n\n${shown.join('\n\n')}`);
  assert.deepEqual(report.unanswered, [], 'starlark-go did not survive these seeds');
  return report;
}

test('random programs do what they do in starlark-go', { skip: skipWithout(go) }, async (context) => {
  const { failed } = await compare(PROGRAMS, context);
  assert.ok(failed < COUNT * 0.8, 'most programs end in an error: the generator has lost its way');
});

test('built-ins, methods and operators take and refuse what they do in starlark-go', {
  skip: skipWithout(go),
}, async (context) => {
  const { failed } = await compare(CALLS, context);
  assert.ok(failed < COUNT * 0.9, 'nearly all calls end in an error: the generator has lost its way');
});

test('every documented difference says why', () => {
  for (const { name, reason } of KNOWN_DIFFERENCES) assert.ok(reason.length > 20, name);
});

test('a randomised test has the same seed in every run, unless it is told another', () => {
  assert.equal(readSeed({}), readSeed({}));
  assert.equal(readSeed({ FUZZ_SEED: '42' }), 42);
  for (const told of ['', 'x', '-1', '1.5']) assert.throws(() => readSeed({ FUZZ_SEED: told }), RangeError);
});
