import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { generate } from '../fuzz/statements.ts';
import { readConformance } from '../suite/conformance-files.ts';

export interface TestProgram {
  readonly name: string;
  readonly source: string;
  /** `strict` when the program holds to the specification alone. */
  readonly dialect: 'strict' | 'all' | 'default';
  /** The program runs to its end, so a checker must find no error in it. */
  readonly isValid: boolean;
}

/** Every program of the tests and the benchmarks, and a few hundred random ones: what properties are proved over. */
export function listTestPrograms(seed: number, random: number): TestProgram[] {
  const folders = [
    { folder: 'conformance', dialect: 'strict' },
    { folder: 'dialect', dialect: 'all' },
    { folder: 'extensions', dialect: 'default' },
  ] as const;
  const chunks = folders.flatMap(({ folder, dialect }) =>
    readConformance(folder).map((chunk) => ({
      name: chunk.name,
      source: chunk.program,
      dialect,
      isValid: chunk.expectations.length === 0,
    })),
  );
  const benches = join(import.meta.dirname, '../../bench/programs');
  const programs = readdirSync(benches).map((file) => ({
    name: file,
    source: readFileSync(join(benches, file), 'utf8'),
    dialect: 'default' as const,
    isValid: true,
  }));
  const generated = Array.from({ length: random }, (_, index) => ({
    name: `seed ${seed + index}`,
    source: `${generate(seed + index).lines.join('\n')}\n`,
    dialect: 'all' as const,
    isValid: false,
  }));
  return [...chunks, ...programs, ...generated];
}
