/**
 * `npm run bench -w starlark-js`: how fast we are beside starlark-go, measured in turns in one run.
 * `--quick` takes fewer rounds, `--only NAME` runs the programs whose names contain NAME, `--no-figures` stops after
 * the table.
 */
import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { findStarlarkGo } from '../test/peer/component.ts';
import { measureFigures, renderFigures } from './figures.ts';
import { measureProgram, renderRows } from './main-table.ts';
import { listPrograms } from './programs.ts';
import { renderRustNote } from './rust-note.ts';
import { compareVariant } from './variants.ts';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    'no-figures': { type: 'boolean', default: false },
  },
});
const go = findStarlarkGo();
if (go.path === null) throw new Error(`${go.missing}: the benchmark needs the peer; set STARLARK_GO`);
const rounds = values.quick ? 1 : 5;
const calls = values.quick ? 5 : 7;
const programs = listPrograms().filter(({ name }) => name.includes(values.only ?? ''));
if (programs.length === 0) throw new RangeError(`no program's name contains ${JSON.stringify(values.only)}`);

console.log(
  `node ${process.version}, ${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} cores, peer ${go.path}`,
);
console.log(
  `${rounds} rounds in turns, each the median of ${calls} calls of main() in one process; medians of the rounds.`,
);
console.log('cold, ours: compile, run the file and call main() once, in a fresh process with the package loaded.');
console.log('cold, go: the wall clock of a process that does the same, less that of a process that runs `pass`.\n');

const rows = programs.map((program) => {
  const row = measureProgram(go.path!, program, rounds, calls);
  process.stderr.write(`${program.name} ${(row.goMs / row.ourMs).toFixed(1)}x\n`);
  return row;
});
const table = renderRows(rows);
console.log(table.text);
const misses = [...table.misses];

if (!values['no-figures']) {
  const suspendable = compareVariant('suspendable', programs, values.quick ? 1 : 3, calls);
  const stepCost = 1 / compareVariant('uncounted', programs, values.quick ? 1 : 3, calls) - 1;
  const figures = renderFigures(measureFigures(), { suspendable, stepCost });
  console.log(`\n${figures.text}\n\n${renderRustNote(rows)}`);
  misses.push(...figures.misses);
}
console.log(
  misses.length === 0 ? '\nevery target is met' : `\nmissed:\n${misses.map((miss) => `  ${miss}`).join('\n')}`,
);
