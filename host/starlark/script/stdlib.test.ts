import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { helloSource, moduleLabels, moduleSource } from '@clay/starlark-stdlib';
import { defaultDialect, documentModule, parse, Source } from 'starlark-js';
import { inspectScript } from './index.ts';
import { scriptOf } from './testing/script-host.ts';

const folder = join(import.meta.dirname, '../../../starlark-stdlib/modules');
const testFiles = readdirSync(folder).filter((file) => file.endsWith('_test.star'));

for (const file of testFiles) {
  test(`the tests of ${file} pass`, async (t) => {
    const report = await inspectScript(scriptOf(file.replace('.star', ''), readFileSync(join(folder, file), 'utf8')));
    assert.equal(report.outline?.tools.length, 0, report.text);
    assert.ok(report.tests.length > 0);
    for (const { name, isPassed, message } of report.tests) await t.test(name, () => assert.ok(isPassed, message));
    assert.ok(report.isGood, report.text);
  });
}

test('every module has tests of its own, or together with its like', () => {
  const sources = testFiles.map((file) => readFileSync(join(folder, file), 'utf8')).join('\n');
  assert.deepEqual(
    moduleLabels.filter((label) => !sources.includes(`load("${label}"`)),
    [],
  );
});

test('the examples of the reference give what they say', async () => {
  const names = moduleLabels.map((label) => label.replace(/^@std\/\/|\.star$/g, ''));
  const tests: string[] = [];
  for (const name of names) {
    const source = new Source(`${name}.star`, moduleSource(`${name}.star`)!);
    for (const { name: fn, examples } of documentModule(source, parse(source, defaultDialect).file).functions) {
      const [, expression, value] = /^(.+?) {2}# (.+)$/.exec(examples ?? '') ?? [];
      if (expression !== undefined) tests.push(`def test_${name}_${fn}():\n    testing.eq(${expression}, ${value})\n`);
    }
  }
  assert.ok(tests.length > 25, `${tests.length} examples`);
  const loads = names.map((name) => `load("@std//${name}.star", "${name}")`);
  const report = await inspectScript(scriptOf('examples', `${[...loads, ...tests].join('\n')}\n`));
  assert.ok(report.isGood, report.text);
});

test('the extension of a new claw is good', async () => {
  const report = await inspectScript(scriptOf('hello', helloSource));
  assert.equal(report.text, 'hello.star is good: tool hello, which extension_run calls too; 2 tests passed.');
});
