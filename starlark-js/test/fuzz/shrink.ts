import { compareProgram, type Difference, explain, runPrograms } from './compare.ts';
import type { Family } from './family.ts';
import type { Program } from './statements.ts';

/** Takes statements away from the program of a difference for as long as a difference of the same way remains. */
export async function shrink(starlarkGo: string, family: Family, found: Difference): Promise<Difference> {
  let program = family.generate(found.seed);
  let difference = found;
  for (;;) {
    const candidates = withoutOneStatement(program);
    const outcomes = await runPrograms(starlarkGo, candidates);
    let smaller: { program: Program; difference: Difference } | null = null;
    for (const [index, candidate] of candidates.entries()) {
      const go = outcomes[index]!;
      if (go === null) continue;
      const still = compareProgram(family, candidate, go).find(({ way }) => way === found.way);
      if (still && explain(still) === null && isSameKind(still, found)) {
        smaller = { program: candidate, difference: still };
        break;
      }
    }
    if (smaller === null) return difference;
    ({ program, difference } = smaller);
  }
}

/** A shrunk program must not trade a wrong result for a missing name. */
function isSameKind(a: Difference, b: Difference): boolean {
  const stem = ({ go, ours }: Difference) =>
    [go, ours].map(({ error }) => error?.message.replaceAll(/\d+|"[^"]*"/g, '').slice(0, 30) ?? 'none').join('/');
  return stem(a) === stem(b);
}

/** Every program that lacks one statement and the block below it; the longest blocks first. */
function withoutOneStatement({ seed, lines }: Program): Program[] {
  const indentOf = (line: string) => line.length - line.trimStart().length;
  const programs: { program: Program; removed: number }[] = [];
  for (const [start, line] of lines.entries()) {
    let end = start + 1;
    while (end < lines.length && indentOf(lines[end]!) > indentOf(line)) end++;
    const kept = [...lines.slice(0, start), ...lines.slice(end)];
    if (kept.length > 0) programs.push({ program: { seed, lines: kept }, removed: end - start });
  }
  return programs.sort((a, b) => b.removed - a.removed).map(({ program }) => program);
}
