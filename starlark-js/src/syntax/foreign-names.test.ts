import assert from 'node:assert/strict';
import test from 'node:test';
import { foreignAttributeHint, foreignNameHint } from './foreign-names.ts';

test('names and attributes of other languages are answered with what Starlark has', () => {
  assert.match(foreignNameHint('isinstance') ?? '', /type\(x\) == "string"/);
  assert.match(foreignAttributeHint('list', 'sort') ?? '', /sorted\(items\)/);
  assert.match(foreignAttributeHint('string', 'zfill') ?? '', /%05d/);
});

test('names that mean nothing elsewhere, and those of Object.prototype, have no hint', () => {
  for (const name of ['frobnicate', 'constructor', '__proto__', 'toString']) {
    assert.equal(foreignNameHint(name), undefined);
    assert.equal(foreignAttributeHint('list', name), undefined);
    assert.equal(foreignAttributeHint(name, 'sort'), undefined);
  }
});
