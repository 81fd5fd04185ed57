import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compile, createDialect, format, strictDialect } from '../../src/index.ts';
import { readSeed } from '../fuzz/seed.ts';
import { predeclared } from '../peer/predeclared.ts';
import { runSource } from '../peer/starlark-js.ts';
import { listTestPrograms, type TestProgram } from './test-programs.ts';

const SEED = readSeed();
/** The steps bound a program, not the clock: a slow machine must not make one of two runs end early. */
const LIMITS = { steps: 5_000_000, wallMs: 120_000 };

function dialectOf({ dialect }: TestProgram) {
  return dialect === 'strict' ? strictDialect : createDialect({});
}

function formatted(program: TestProgram): string | null {
  const { text, diagnostics } = format(program.source, { file: program.name, dialect: dialectOf(program) });
  return diagnostics.some(({ severity }) => severity === 'error') ? null : text;
}

/** The comments of a text, for which no string of the test programs holds a `#`. */
function commentsOf(text: string): string[] {
  return text.split('\n').flatMap((line) => /^[^"']*(#.*)$/.exec(line.trimEnd())?.[1] ?? []);
}

describe(`formatting every test program and 500 random ones from seed ${SEED}`, () => {
  const programs = listTestPrograms(SEED, 500);

  test('is idempotent', () => {
    for (const program of programs) {
      const once = formatted(program);
      if (once === null) continue;
      assert.equal(formatted({ ...program, source: once }), once, program.name);
    }
  });

  test('keeps what a program does', () => {
    for (const program of programs) {
      const text = formatted(program);
      if (text === null || program.name.endsWith('.star')) continue;
      const { dialect } = program;
      const [before, after] = [program.source, text].map((source) => runSource(source, { dialect, limits: LIMITS }));
      assert.equal(after!.output, before!.output, program.name);
      assert.equal(
        after!.error?.message.replaceAll(/\d+:\d+/g, ''),
        before!.error?.message.replaceAll(/\d+:\d+/g, ''),
        program.name,
      );
    }
  });

  test('keeps every comment in its order', () => {
    for (const program of programs) {
      const text = formatted(program);
      if (text !== null) assert.deepEqual(commentsOf(text), commentsOf(program.source), program.name);
    }
  });

  test('refuses exactly the programs that do not parse', () => {
    for (const program of programs) {
      const { diagnostics } = compile(program.source, { dialect: dialectOf(program), predeclared });
      const isBroken = diagnostics.some(({ severity, code }) => severity === 'error' && /^SYNTAX|^DIALECT/.test(code));
      assert.equal(formatted(program) === null, isBroken, program.name);
    }
  });
});
