import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { digits, renderTable } from './table.ts';
import { COMPILE_US_PER_KB, SCRIPT_MS, STEP_COST, WAITING_KB, WAITING_WALL_MS } from './targets.ts';

/** What `figures-child.ts` measures in a fresh process. */
export interface Figures {
  readonly compileUsPerKb: number;
  readonly scriptMs: number;
  readonly waitingWallMs: number;
  readonly waitingKbEach: number;
}

export function measureFigures(): Figures {
  const child = join(import.meta.dirname, 'figures-child.ts');
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--expose-gc', child], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`figures-child.ts failed: ${stderr}`);
  return JSON.parse(stdout) as Figures;
}

export function renderFigures(figures: Figures, extra: { suspendable: number; stepCost: number }) {
  const rows = [
    { name: 'compile, warm, µs per KB of source', value: figures.compileUsPerKb, most: COMPILE_US_PER_KB },
    { name: 'five-line script in a warm thread, source to result, ms', value: figures.scriptMs, most: SCRIPT_MS },
    { name: '100 scripts, each waiting 100 ms, one thread, ms', value: figures.waitingWallMs, most: WAITING_WALL_MS },
    { name: 'the same, KB each', value: figures.waitingKbEach, most: WAITING_KB },
    { name: 'suspendable ÷ plain, median', value: extra.suspendable, most: 1.1 },
    { name: 'cost of counting steps, median, %', value: extra.stepCost * 100, most: STEP_COST * 100 },
  ];
  const misses = rows
    .filter(({ value, most }) => value > most)
    .map(({ name, value, most }) => `${name}: ${digits(value)} > ${most}`);
  const text = renderTable(
    ['figure', 'ours', 'target'],
    rows.map(({ name, value, most }) => [name, digits(value), `≤ ${most}`]),
  );
  return { text, misses };
}
