import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Measurement {
  /** `repr` of what main() gave. */
  readonly result: string;
  /** Milliseconds of each call of main(). */
  readonly mainMs: readonly number[];
}

const FLAGS = ['-recursion', '-globalreassign'];

/** Times main() from inside, with the `time` module of the command, so that start-up does not count. */
export function measureGo(starlark: string, file: string, calls: number): Measurement {
  const lines = runSource(
    starlark,
    `${readFileSync(file, 'utf8')}
def _measure():
    for _ in range(${calls}):
        start = time.now()
        result = main()
        print((time.now() - start).nanoseconds)
    print(repr(result))

_measure()
`,
  );
  return { mainMs: lines.slice(0, calls).map((line) => Number(line) / 1e6), result: lines.slice(calls).join('\n') };
}

/** Milliseconds of a whole process that loads the program and calls main() once. */
export function wallGo(starlark: string, source: string): number {
  const started = performance.now();
  runSource(starlark, source);
  return performance.now() - started;
}

function runSource(starlark: string, source: string): string[] {
  const file = join(tmpdir(), `starlark-bench-${process.pid}.star`);
  writeFileSync(file, source);
  try {
    const { status, stderr, error } = spawnSync(starlark, [...FLAGS, file], { encoding: 'utf8', maxBuffer: 1 << 26 });
    if (error) throw new Error(`cannot run ${starlark}`, { cause: error });
    if (status !== 0) throw new Error(`starlark-go failed: ${stderr}`);
    return stderr.trimEnd().split('\n');
  } finally {
    rmSync(file, { force: true });
  }
}
