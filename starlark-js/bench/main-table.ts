import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Measurement, measureGo, wallGo } from './peer-go.ts';
import type { BenchProgram } from './programs.ts';
import { geometricMean, median } from './statistics.ts';
import { digits, renderTable } from './table.ts';
import { COLD_FLOOR, COLD_MEAN, WARM_FLOORS, WARM_MEAN } from './targets.ts';

export interface Row {
  readonly name: string;
  readonly goMs: number;
  readonly ourMs: number;
  readonly goColdMs: number;
  readonly ourColdMs: number;
}

interface Ours extends Measurement {
  readonly coldMs: number;
}

/** One program, `rounds` times, the peer and us in turn; every figure is a median of the rounds' medians. */
export function measureProgram(starlark: string, program: BenchProgram, rounds: number, calls: number): Row {
  const source = readFileSync(program.file, 'utf8');
  const figures: Row[] = [];
  for (let round = 0; round < rounds; round++) {
    const go = measureGo(starlark, program.file, calls);
    const ours = measureOurs(program.file, calls);
    if (go.result !== ours.result) {
      throw new Error(`${program.name}: starlark-go gives ${go.result}, we give ${ours.result}`);
    }
    const bare = wallGo(starlark, 'pass\n');
    figures.push({
      name: program.name,
      goMs: median(go.mainMs),
      ourMs: median(ours.mainMs),
      goColdMs: Math.max(0.1, wallGo(starlark, `${source}\nmain()\n`) - bare),
      ourColdMs: ours.coldMs,
    });
  }
  const of = (key: Exclude<keyof Row, 'name'>) => median(figures.map((figure) => figure[key]));
  return {
    name: program.name,
    goMs: of('goMs'),
    ourMs: of('ourMs'),
    goColdMs: of('goColdMs'),
    ourColdMs: of('ourColdMs'),
  };
}

function measureOurs(file: string, calls: number): Ours {
  const child = join(import.meta.dirname, 'child.ts');
  const { status, stdout, stderr } = spawnSync(process.execPath, [child, file, String(calls)], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  if (status !== 0) throw new Error(`${file} failed: ${stderr}`);
  return JSON.parse(stdout) as Ours;
}

/** The table, and what it misses. */
export function renderRows(rows: readonly Row[]): { text: string; misses: string[] } {
  const misses: string[] = [];
  const cells = rows.map((row) => {
    const warm = row.goMs / row.ourMs;
    const cold = row.goColdMs / row.ourColdMs;
    const floor = WARM_FLOORS[row.name] ?? 2;
    if (warm < floor) misses.push(`${row.name} warm ${digits(warm)} < ${floor}`);
    if (cold < COLD_FLOOR) misses.push(`${row.name} cold ${digits(cold)} < ${COLD_FLOOR}`);
    return [
      row.name,
      digits(row.goMs),
      digits(row.ourMs),
      digits(warm),
      `${floor}`,
      digits(row.goColdMs),
      digits(row.ourColdMs),
      digits(cold),
    ];
  });
  const warm = geometricMean(rows.map((row) => row.goMs / row.ourMs));
  const cold = geometricMean(rows.map((row) => row.goColdMs / row.ourColdMs));
  if (warm < WARM_MEAN) misses.push(`geometric mean warm ${digits(warm)} < ${WARM_MEAN}`);
  if (cold < COLD_MEAN) misses.push(`geometric mean cold ${digits(cold)} < ${COLD_MEAN}`);
  const mean = ['geometric mean', '', '', digits(warm), `${WARM_MEAN}`, '', '', `${digits(cold)} (${COLD_MEAN})`];
  const head = ['program', 'go ms', 'ours ms', 'go/ours', 'target', 'go cold', 'ours cold', 'go/ours'];
  return { text: renderTable(head, [...cells, mean]), misses };
}
