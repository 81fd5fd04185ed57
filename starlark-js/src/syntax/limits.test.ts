import assert from 'node:assert/strict';
import test from 'node:test';
import { check, compile, format, Thread } from '../index.ts';
import { maxBranches, maxChain, maxClauses, maxIndentation, maxNesting } from './limits.ts';

const levels = maxNesting - 1;
const operators = maxChain - 1;

function stairs(count: number, line: (level: number) => string, last: string): string {
  return Array.from(
    { length: count + 1 },
    (_, level) => `${' '.repeat(level)}${level < count ? line(level) : last}\n`,
  ).join('');
}

const deepest: Readonly<Record<string, string>> = {
  parentheses: `x = ${'('.repeat(levels)}1${')'.repeat(levels)}`,
  lists: `x = ${'['.repeat(levels)}1${']'.repeat(levels)}`,
  sums: `x = ${'1 + '.repeat(operators)}1`,
  strings: `x = ${'"a" + '.repeat(operators)}"a"`,
  conditions: `x = ${'1 and '.repeat(operators)}1`,
  subscripts: `y = []\nx = y${'[0]'.repeat(operators)} if False else 1`,
  negations: `x = ${'not '.repeat(levels - 1)}1`,
  lambdas: `x = ${'lambda: '.repeat(levels - 1)}1`,
  conditionals: `x = ${'1 if False else '.repeat(levels - 1)}2`,
  branches: `x = 1\nif x == 0: pass\n${'elif x == 2: pass\n'.repeat(maxBranches - 1)}`,
  blocks: stairs(maxIndentation, () => 'if True:', 'x = 1'),
  functions: `${stairs(maxIndentation, (level) => `def f${level}():`, 'return 1')}x = 1\n`,
  clauses: `x = [1 ${'for a in [1] '.repeat(maxClauses)}]`,
  mixed: `x = ${'('.repeat(150)}1${' + 1 + 1 + 1 + 1)'.repeat(150)}`,
};

for (const [name, text] of Object.entries(deepest)) {
  test(`the deepest ${name} that the parser accepts can be checked, compiled, run and formatted`, () => {
    const { program, diagnostics } = compile(text);
    assert.deepEqual(diagnostics, []);
    assert.ok(program?.run(new Thread()).get('x') !== undefined);
    assert.deepEqual(check(text), []);
    assert.notEqual(format(text).text, null);
  });
}
