import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { inspectScript } from './index.ts';
import { scriptOf } from './testing/script-host.ts';
import { referenceFolder, renderReference } from './write-reference.ts';

test('the reference of the library is what its docstrings say (npm run generate -w starlark-stdlib)', () => {
  const pages = renderReference();
  assert.deepEqual(readdirSync(referenceFolder).sort(), [...pages.keys()].sort());
  for (const [file, text] of pages) assert.equal(readFileSync(join(referenceFolder, file), 'utf8'), text, file);
});

const guide = readFileSync(join(referenceFolder, '../EXTENSIONS.md'), 'utf8');
const examples = [...guide.matchAll(/```python (\S+)\.star( refused)?\n(.*?)```(?:\n\n```text\n(.*?)```)?/gs)];

for (const [, name = '', refused, source = '', text] of examples) {
  test(`the example ${name}.star of the guide is ${refused === undefined ? 'good' : 'refused as it says'}`, async () => {
    const report = await inspectScript(scriptOf(name, source));
    if (refused === undefined) assert.ok(report.isGood && report.diagnostics.length === 0, report.text);
    else assert.equal(`${report.text}\n`, text);
  });
}

test('the guide has examples of every level', () => {
  assert.deepEqual(
    examples.map(([, name]) => name),
    ['dice', 'hello-args', 'tides', 'allowed', 'broken'],
  );
});
