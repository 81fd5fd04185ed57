import assert from 'node:assert/strict';
import { test } from 'node:test';
import { check, createDialect, type Diagnostic, strictDialect } from '../../src/index.ts';
import { readSeed } from '../fuzz/seed.ts';
import { generate } from '../fuzz/statements.ts';
import { predeclared } from '../peer/predeclared.ts';
import { runSource } from '../peer/starlark-js.ts';
import { listTestPrograms, type TestProgram } from './test-programs.ts';

const SEED = readSeed();

function errorsOf({ source, name, dialect }: Omit<TestProgram, 'isValid'>): Diagnostic[] {
  const diagnostics = check(source, {
    file: name,
    dialect: dialect === 'strict' ? strictDialect : createDialect({}),
    predeclared,
  });
  return diagnostics.filter(({ severity }) => severity === 'error');
}

test('the checker finds no error in a program that runs to its end', () => {
  for (const program of listTestPrograms(SEED, 0)) {
    // A clause over an empty list is never reached, and what is wrong in it is wrong all the same.
    if (!program.isValid || program.source.includes('for x in [] for y in z')) continue;
    assert.deepEqual(errorsOf(program), [], program.name);
  }
});

test(`the checker finds no error in a random program that runs to its end (seed ${SEED})`, () => {
  let ended = 0;
  for (let seed = SEED; seed < SEED + 800; seed++) {
    const source = `${generate(seed, { isCareful: true }).lines.join('\n')}\n`;
    if (runSource(source, { dialect: 'all', limits: { steps: 5_000_000 } }).error !== null) continue;
    ended++;
    assert.deepEqual(errorsOf({ source, name: `seed ${seed}`, dialect: 'all' }), [], `seed ${seed}`);
  }
  assert.ok(ended > 100, `only ${ended} programs ran to their end`);
});
