import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { pathToFileURL } from 'node:url';

const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'starlark-readme-'));
after(() => rmSync(folder, { recursive: true }));

const examples = [...readFileSync(join(root, 'README.md'), 'utf8').matchAll(/```ts\n(.*?)```\n\n```text\n(.*?)```/gs)];

test('the README has examples', () => {
  assert.ok(examples.length >= 2);
});

for (const [index, [, program = '', output = '']] of examples.entries()) {
  test(`example ${index + 1} of the README prints what it says`, () => {
    const file = join(folder, `example-${index}.ts`);
    const entry = pathToFileURL(join(root, 'src/index.ts')).href;
    writeFileSync(file, program.replaceAll("'starlark-js'", `'${entry}'`));
    assert.equal(execFileSync(process.execPath, [file], { encoding: 'utf8' }), output);
  });
}
