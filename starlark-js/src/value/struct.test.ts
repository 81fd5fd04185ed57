import assert from 'node:assert/strict';
import { test } from 'node:test';
import { add } from './arithmetic.ts';
import { equals } from './compare.ts';
import { StarlarkDict } from './dict.ts';
import { StarlarkList } from './list.ts';
import { repr } from './repr.ts';
import { StarlarkStruct } from './struct.ts';
import type { Value } from './value.ts';

const struct = (...fields: [string, Value][]): StarlarkStruct => new StarlarkStruct(fields);

test('fields are kept by name, whatever the order they are given in, and the last of one name wins', () => {
  assert.equal(repr(struct(['b', 1], ['a', 'x'])), 'struct(a = "x", b = 1)');
  assert.equal(repr(struct(['b', 1], ['a', 2], ['b', 3])), 'struct(a = 2, b = 3)');
  assert.equal(repr(struct()), 'struct()');
});

test('structs with equal fields are equal, and one key of a dict', () => {
  assert.ok(equals(struct(['a', 1], ['b', 2]), struct(['b', 2], ['a', 1])));
  assert.ok(!equals(struct(['a', 1]), struct(['b', 1])));
  const dict = new StarlarkDict();
  dict.set(struct(['a', 1], ['b', 2]), 'found');
  assert.equal(dict.get(struct(['b', 2], ['a', 1])), 'found');
  assert.throws(() => dict.get(struct(['a', new StarlarkList([])])), { message: 'unhashable type: list' });
});

test('a sum has the fields of both, those of the right side first', () => {
  assert.equal(repr(add(struct(['a', 1], ['b', 2]), struct(['b', 3], ['c', 4]))), 'struct(a = 1, b = 3, c = 4)');
});

test('names of JavaScript are fields like any other, or absent', () => {
  const value = struct(['__proto__', 1], ['constructor', 2]);
  assert.equal(value.getAttribute('__proto__'), 1);
  assert.equal(value.getAttribute('constructor'), 2);
  assert.equal(value.getAttribute('toString'), undefined);
});

test('equality outlives the forgetting of shapes', () => {
  const before = struct(['a', 1], ['b', 2]);
  for (let i = 0; i < 10_050; i++) struct([`name${i}`, i]);
  assert.ok(equals(before, struct(['a', 1], ['b', 2])));
  assert.ok(!equals(before, struct(['a', 1], ['c', 2])));
});
