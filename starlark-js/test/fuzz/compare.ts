import { type Outcome, PeerDied, runChunks } from '../peer/starlark-go.ts';
import { KNOWN_DIFFERENCES } from './differences.ts';
import type { Family } from './family.ts';
import { runOurs, type Way } from './outcomes.ts';
import { asFunction, type Program } from './statements.ts';

export interface Difference {
  readonly seed: number;
  readonly way: Way;
  readonly source: string;
  readonly go: Outcome;
  readonly ours: Outcome;
}

export interface Report {
  readonly programs: number;
  /** Programs that ended in an error, in both implementations alike. */
  readonly failed: number;
  /** The seeds of programs that starlark-go did not survive, so that there is nothing to compare with. */
  readonly unanswered: readonly number[];
  readonly differences: readonly Difference[];
  /** How often each documented difference was met. */
  readonly known: ReadonlyMap<string, number>;
}

const BATCH = 500;

/** Runs a family's programs of `count` seeds in both implementations and gives every difference. */
export async function compareSeeds(starlarkGo: string, family: Family, first: number, count: number): Promise<Report> {
  const start = (from: number) => startBatch(starlarkGo, family, first + from, Math.min(BATCH, count - from));
  const differences: Difference[] = [];
  const known = new Map<string, number>();
  const unanswered: number[] = [];
  let failed = 0;
  let next = start(0);
  for (let done = 0; done < count; done += BATCH) {
    const { programs, outcomes } = await next;
    const following = done + BATCH;
    // The peer works on the next batch while this process runs the present one.
    if (following < count) next = start(following);
    for (const [index, program] of programs.entries()) {
      const go = outcomes[index]!;
      if (go === null) {
        unanswered.push(program.seed);
        continue;
      }
      if (go.error !== null) failed++;
      for (const found of compareProgram(family, program, go)) {
        const name = explain(found);
        if (name === null) differences.push(found);
        else known.set(name, (known.get(name) ?? 0) + 1);
      }
    }
  }
  return { programs: count, failed, unanswered, differences, known };
}

async function startBatch(starlarkGo: string, family: Family, first: number, count: number) {
  const programs = Array.from({ length: count }, (_, index) => family.generate(first + index));
  return { programs, outcomes: await runPrograms(starlarkGo, programs) };
}

/** What starlark-go does; null for a program that it does not survive, such as one that prints without end. */
export async function runPrograms(starlarkGo: string, programs: readonly Program[]): Promise<(Outcome | null)[]> {
  const chunks = programs.map((program) => [asFunction(program), 'program()']);
  try {
    return await runChunks(starlarkGo, chunks);
  } catch (error) {
    if (!(error instanceof PeerDied)) throw error;
    if (programs.length === 1) return [null];
    const middle = programs.length >> 1;
    const halves = [programs.slice(0, middle), programs.slice(middle)];
    const outcomes: (Outcome | null)[] = [];
    for (const half of halves) outcomes.push(...(await runPrograms(starlarkGo, half)));
    return outcomes;
  }
}

/** The program must do the same as a function, where names are locals, and at top level, where they are globals. */
export function compareProgram(family: Family, program: Program, go: Outcome): Difference[] {
  const differences: Difference[] = [];
  const body = asFunction(program);
  const inFunction = `${body}\nprogram()\n`;
  // The comment keeps every statement on the line that it has in the function.
  const atTop = `# program\n${program.lines.join('\n')}\n`;
  const ways: readonly (readonly [Way, string])[] =
    program.seed % 4 === 3
      ? [['with strings of bytes', inFunction]]
      : [
          ['in a function', inFunction],
          ['at top level', atTop],
        ];
  for (const [way, source] of ways) {
    const ours = runOurs(source, way);
    if (!family.isSame(go, ours)) differences.push({ seed: program.seed, way, source, go, ours });
  }
  return differences;
}

export function explain({ source, go, ours, way }: Difference): string | null {
  return KNOWN_DIFFERENCES.find((difference) => difference.explains(source, go, ours, way))?.name ?? null;
}

/** One difference for people: the seed, the program, and what each of the two did. */
export function renderDifference(difference: Difference): string {
  const show = ({ output, error }: Outcome) =>
    `${output}${error === null ? '(no error)' : `error on line ${error.line}: ${error.message}`}`;
  return [
    `seed ${difference.seed}, ${difference.way}:`,
    difference.source.trimEnd(),
    '--- starlark-go',
    show(difference.go),
    '--- starlark-js',
    show(difference.ours),
  ].join('\n');
}
