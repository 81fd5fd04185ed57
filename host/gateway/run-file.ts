import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where a running claw is, for the command line. Written when the host listens, removed when it stops. */
export interface RunFile {
  readonly pid: number;
  readonly publicUrl: string;
  readonly adkUrl: string;
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}

function runFile(dataFolder: string): string {
  return join(dataFolder, 'run.json');
}

export function writeRunFile(dataFolder: string, run: RunFile): void {
  const file = runFile(dataFolder);
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, `${JSON.stringify(run, null, 2)}\n`, { mode: 0o600 });
  renameSync(temporary, file);
}

/** Null when there is none or it is not readable as one: then no host runs, or it died before it wrote it. */
export function readRunFile(dataFolder: string): RunFile | null {
  try {
    const run: Partial<RunFile> = JSON.parse(readFileSync(runFile(dataFolder), 'utf8'));
    return typeof run.pid === 'number' && typeof run.publicUrl === 'string' && typeof run.adkUrl === 'string'
      ? (run as RunFile)
      : null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Leaves a file alone that another host wrote meanwhile. */
export function removeRunFile(dataFolder: string, pid: number): void {
  if (readRunFile(dataFolder)?.pid === pid) rmSync(runFile(dataFolder), { force: true });
}
