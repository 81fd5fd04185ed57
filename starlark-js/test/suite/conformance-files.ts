import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Chunk, parseChunks } from './chunks.ts';

/** Stands before every chunk, on one line each, so that a chunk needs no module to assert with. */
const PRELUDE = [
  'def assert_eq(got, want): (fail("got %r, want %r" % (got, want)) if not (got == want and type(got) == type(want)) else None)',
  '',
].join('\n');

export const PRELUDE_LINES = PRELUDE.split('\n').length - 1;

export interface ConformanceChunk extends Chunk {
  readonly name: string;
  /** Written to the specification where starlark-go departs from it. */
  readonly goDiffers: boolean;
  /** The prelude and the chunk: what is run. */
  readonly program: string;
}

/** Every chunk of the project's own conformance programs in one folder beside this file. */
export function readConformance(folder: string): ConformanceChunk[] {
  const root = join(import.meta.dirname, folder);
  const files = readdirSync(root).filter((file) => file.endsWith('.star'));
  return files.sort().flatMap((file) =>
    parseChunks(readFileSync(join(root, file), 'utf8')).map((chunk) => ({
      ...chunk,
      name: `${basename(file)}:${chunk.line}${/^\n*(# [^\n]*)/.exec(chunk.source)?.[1]?.slice(1) ?? ''}`,
      goDiffers: chunk.source.includes('# starlark-go differs: '),
      program: `${PRELUDE}${chunk.source}\n`,
    })),
  );
}

/** What is wrong with the outcome of a chunk, or null. The error must be the expected one, on the line that says so. */
export function judge(chunk: ConformanceChunk, error: { message: string; line: number } | null): string | null {
  const expected = chunk.expectations[0];
  if (expected === undefined) return error === null ? null : `unexpected error: ${error.message} (line ${error.line})`;
  if (error === null) return `no error, expected: ${expected.text}`;
  if (!new RegExp(expected.text, 'i').test(error.message) && !error.message.includes(expected.text)) {
    return `expected error: ${expected.text}, got: ${error.message}`;
  }
  const line = error.line - PRELUDE_LINES;
  // The error of an assertion is raised inside the prelude.
  if (line !== expected.line && error.line > PRELUDE_LINES) {
    return `expected the error on line ${expected.line} of the chunk, got line ${line}`;
  }
  return null;
}
