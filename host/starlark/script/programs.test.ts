import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createRandom } from '@clay/sdk/testing';
import { inspectScript } from './index.ts';
import { readScript } from './programs.ts';
import { reportOf, scriptOf } from './testing/script-host.ts';

test('what was inspected is compiled already when it goes live', () => {
  const script = scriptOf('sample', 'x = 1\n');
  const { program } = readScript(script);
  assert.ok(program !== null);
  assert.equal(readScript(scriptOf('sample', 'x = 1\n')).program, program);
  assert.notEqual(readScript(scriptOf('other', 'x = 1\n')).program, program);
});

test('of many versions only the last are kept', () => {
  const first = readScript(scriptOf('sample', 'x = 0\n')).program;
  for (let version = 1; version < 20; version++) readScript(scriptOf('sample', `x = ${version}\n`));
  assert.notEqual(readScript(scriptOf('sample', 'x = 0\n')).program, first);
});

test('a file that is too long is told before it is read', async () => {
  assert.match(
    await reportOf(`x = "${'a'.repeat(600_000)}"\n`),
    /error: the file has 600007 characters, and 500000 are the most/,
  );
});

test('no scrambled file takes the reader down', async (t) => {
  const random = createRandom();
  t.diagnostic(`seed ${random.seed}`);
  const folder = join(import.meta.dirname, '../../../starlark-stdlib/modules');
  const files = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'));
  const pieces = [
    '(',
    ')',
    '[',
    '"',
    '"""',
    '\n',
    '    ',
    ':',
    'def ',
    'load(',
    'tool(',
    'allow(',
    'for ',
    '\0',
    '\u2028',
    '#',
    '\\',
    '{',
    '*',
    '1e9',
    '==',
    'lambda ',
    '\t',
    '😀',
  ];
  for (let round = 0; round < 150; round++) {
    let source = random.pick(files);
    for (let edit = 0; edit < 1 + random.below(5); edit++) {
      const at = random.below(source.length);
      const end = at + random.below(2) * random.below(40);
      source = source.slice(0, at) + random.pick(pieces) + source.slice(end);
    }
    const report = await inspectScript(scriptOf('sample', source));
    assert.equal(typeof report.text, 'string');
    assert.equal(
      report.isGood,
      report.diagnostics.every(({ severity }) => severity !== 'error') &&
        report.tests.every(({ isPassed }) => isPassed),
    );
    assert.doesNotMatch(report.text, /INTERNAL|TypeError|RangeError|ReferenceError/, source);
  }
});
