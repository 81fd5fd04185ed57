import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';

export interface BenchProgram {
  readonly name: string;
  readonly file: string;
}

const FOLDER = join(import.meta.dirname, 'programs');

/** b16 is the five-line script, which is measured on its own. */
export const STARTUP_FILE: string = join(FOLDER, 'b16_startup.star');

export function listPrograms(): BenchProgram[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.star'))
    .sort()
    .map((file) => ({ name: basename(file, '.star'), file: join(FOLDER, file) }))
    .filter(({ file }) => file !== STARTUP_FILE);
}
