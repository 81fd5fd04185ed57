/**
 * `node test/fuzz/run.ts --programs 200000 --calls 50000 --seed 1`: the nightly comparison with starlark-go. Without `--seed` the clock
 * chooses: new programs are met here, and never in the tests, where the same seeds run every time.
 * Exit code 1 when a difference is found that is not on the documented list.
 */
import { parseArgs } from 'node:util';
import { findStarlarkGo } from '../peer/component.ts';
import { compareSeeds, renderDifference } from './compare.ts';
import { CALLS, type Family, PROGRAMS } from './family.ts';
import { shrink } from './shrink.ts';

const { values } = parseArgs({
  options: {
    programs: { type: 'string', default: '200000' },
    calls: { type: 'string', default: '50000' },
    seed: { type: 'string' },
    show: { type: 'string', default: '5' },
  },
});
const go = findStarlarkGo();
if (go.path === null) throw new Error(`${go.missing}: set STARLARK_GO`);
const seed = values.seed === undefined ? Date.now() % 1_000_000_000 : Number(values.seed);
if (!Number.isInteger(seed)) throw new RangeError(`--seed takes an integer, got ${values.seed}`);
for (const [name, family, told] of [
  ['programs', PROGRAMS, values.programs],
  ['calls', CALLS, values.calls],
] as const) {
  const count = Number(told);
  if (!Number.isInteger(count) || count < 0) throw new RangeError(`--${name} takes a number of programs, got ${told}`);
  if (count > 0 && !(await compare(go.path, name, family, count))) process.exitCode = 1;
}

/** Compares and reports; whether both implementations agree. */
async function compare(starlarkGo: string, name: string, family: Family, count: number): Promise<boolean> {
  console.log(`comparing ${count} ${name} with ${starlarkGo}, first seed ${seed}`);
  const started = performance.now();
  const report = await compareSeeds(starlarkGo, family, seed, count);
  const seeds = new Set(report.differences.map((difference) => difference.seed));
  // Before anything is shrunk, which may take long.
  if (seeds.size > 0) console.log(`differences at seeds ${[...seeds].join(', ')}`);
  for (const difference of report.differences.slice(0, Number(values.show))) {
    console.log(`\n${renderDifference(await shrink(starlarkGo, family, difference))}`);
  }
  for (const [known, times] of report.known) console.log(`documented difference: ${known}: ${times}`);
  if (report.unanswered.length > 0) console.log(`starlark-go did not survive seeds ${report.unanswered.join(', ')}`);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(
    `${count} ${name} (${report.failed} ended in an error, in both alike), ${report.differences.length} differences, ${seconds} s`,
  );
  // A few programs exhaust the peer; if it is many, nothing was compared.
  return report.differences.length === 0 && report.unanswered.length <= count / 1000;
}
