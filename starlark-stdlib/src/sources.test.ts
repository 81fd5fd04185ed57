import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkModule, loadModule, moduleLabels } from './library.ts';
import { moduleSource } from './texts.ts';
import { renderSources } from './write-sources.ts';

test('the sources at hand are the files (npm run generate -w starlark-stdlib)', () => {
  assert.equal(readFileSync(join(import.meta.dirname, 'sources.ts'), 'utf8'), renderSources());
});

for (const label of moduleLabels) {
  test(`${label} is without findings, and has a member of its own name`, () => {
    const file = label.replace('@std//', '');
    assert.deepEqual(checkModule(label, moduleSource(file)!), []);
    const module = loadModule(label);
    assert.ok(module.get(file.replace('.star', '')) !== undefined);
    for (const { name, docstring } of module.functions)
      assert.ok(name.startsWith('_') || docstring !== null, `${label} ${name}`);
    assert.equal(loadModule(label), module);
  });
}

test('a module that does not exist is told with those that do', () => {
  assert.throws(
    () => loadModule('@std//nothing.star'),
    /there is no module @std\/\/nothing\.star; there are @std\/\/base64\.star/,
  );
  assert.throws(() => loadModule('@std//__proto__'), /there is no module/);
});
