/**
 * `node test/fuzz/run.ts --programs 200000 --seed 1`: the nightly comparison with starlark-go. Without `--seed` the clock
 * chooses: new programs are met here, and never in the tests, where the same seeds run every time.
 * Exit code 1 when a difference is found that is not on the documented list.
 */
import { parseArgs } from 'node:util';
import { findStarlarkGo } from '../peer/component.ts';
import { compareSeeds, renderDifference } from './compare.ts';
import { shrink } from './shrink.ts';

const { values } = parseArgs({
  options: {
    programs: { type: 'string', default: '200000' },
    seed: { type: 'string' },
    show: { type: 'string', default: '5' },
  },
});
const go = findStarlarkGo();
if (go.path === null) throw new Error(`${go.missing}: set STARLARK_GO`);
const seed = values.seed === undefined ? Date.now() % 1_000_000_000 : Number(values.seed);
const programs = Number(values.programs);
if (!Number.isInteger(seed) || !(programs > 0)) throw new RangeError('--seed and --programs take positive integers');
console.log(`comparing ${programs} programs with ${go.path}, first seed ${seed}`);
const started = performance.now();
const report = await compareSeeds(go.path, seed, programs);
for (const difference of report.differences.slice(0, Number(values.show))) {
  console.log(`\n${renderDifference(await shrink(go.path, difference))}`);
}
for (const [name, count] of report.known) console.log(`documented difference: ${name}: ${count}`);
if (report.unanswered.length > 0) console.log(`starlark-go did not survive seeds ${report.unanswered.join(', ')}`);
const seconds = ((performance.now() - started) / 1000).toFixed(1);
console.log(
  `${report.programs} programs (${report.failed} ended in an error, in both alike), ${report.differences.length} differences, ${seconds} s`,
);
// A few programs exhaust the peer; if it is many, nothing was compared.
process.exitCode = report.differences.length === 0 && report.unanswered.length <= programs / 1000 ? 0 : 1;
