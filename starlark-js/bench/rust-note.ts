import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Row } from './main-table.ts';
import { listPrograms } from './programs.ts';
import { median } from './statistics.ts';
import { digits, renderTable } from './table.ts';
import { RUST_TO_PYTHON } from './targets.ts';

/** An estimate of starlark-rust on this machine: its published figures, scaled by the CPython that is here. */
export function renderRustNote(rows: readonly Row[]): string {
  const programs = listPrograms().filter(({ name }) => name in RUST_TO_PYTHON);
  const cells: string[][] = [];
  for (const { name, file } of programs) {
    const python = measurePython(file);
    const row = rows.find((each) => each.name === name);
    if (python === null) return `starlark-rust: no estimate, python3 not found or ${name} failed in it`;
    if (row === undefined) continue;
    const rust = python * RUST_TO_PYTHON[name]!;
    cells.push([name, digits(python), digits(rust), digits(row.ourMs), digits(rust / row.ourMs)]);
  }
  return renderTable(['starlark-rust, estimated ± 30 %', 'python3 ms', 'rust ms', 'ours ms', 'rust/ours'], cells);
}

function measurePython(file: string): number | null {
  // In Starlark `type` gives a name; everything else of these five programs is Python as it stands.
  const script = `NAMES = {str: "string", int: "int", float: "float", bool: "bool", list: "list", dict: "dict", type(None): "NoneType"}
python_type = type
type = lambda value: NAMES[python_type(value)]
${readFileSync(file, 'utf8')}
import time
for _ in range(5):
    start = time.perf_counter()
    main()
    print((time.perf_counter() - start) * 1000)
`;
  const { status, stdout } = spawnSync('python3', ['-c', script], { encoding: 'utf8' });
  return status === 0 ? median(stdout.trim().split('\n').map(Number)) : null;
}
