import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { BenchProgram } from './programs.ts';
import { median } from './statistics.ts';

/** How a program is compiled and called: as ever, as one that could wait, or without the counting of steps. */
export type Variant = 'plain' | 'suspendable' | 'uncounted';

/** The median over programs of the time of a variant divided by the time of plain code, measured in turns. */
export function compareVariant(
  variant: Variant,
  programs: readonly BenchProgram[],
  rounds: number,
  calls: number,
): number {
  const ratios = programs.map(({ file }) => {
    const plain: number[] = [];
    const other: number[] = [];
    for (let round = 0; round < rounds; round++) {
      plain.push(measure(file, calls, 'plain'));
      other.push(measure(file, calls, variant));
    }
    return median(other) / median(plain);
  });
  return median(ratios);
}

function measure(file: string, calls: number, variant: Variant): number {
  const child = join(import.meta.dirname, 'child.ts');
  const { status, stdout, stderr } = spawnSync(process.execPath, [child, file, String(calls), variant], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  if (status !== 0) throw new Error(`${file} failed: ${stderr}`);
  return median((JSON.parse(stdout) as { mainMs: number[] }).mainMs);
}
