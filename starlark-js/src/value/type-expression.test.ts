import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StarlarkDict } from './dict.ts';
import { StarlarkFloat } from './float.ts';
import { StarlarkList } from './list.ts';
import { StarlarkTuple } from './tuple.ts';
import { acceptsType, parseType, typeText } from './type-expression.ts';
import type { Value } from './value.ts';

const accepts = (type: string, v: Value): boolean => acceptsType(parseType(type), v);

test('a type accepts the values that it names, and no others', () => {
  assert.ok(accepts('int', 5) && accepts('int', 2n ** 60n) && !accepts('int', 1.5) && !accepts('int', true));
  assert.ok(accepts('float', new StarlarkFloat(1)) && accepts('float', 1) && !accepts('float', 'x'));
  assert.ok(accepts('str | None', null) && accepts('str | None', 'x') && !accepts('str | None', 1));
  assert.ok(accepts('list[int]', new StarlarkList([1])) && !accepts('list[int]', new StarlarkList(['a'])));
  assert.ok(
    accepts('tuple[int, str]', new StarlarkTuple([1, 'a'])) && !accepts('tuple[int, str]', new StarlarkTuple([1])),
  );
  assert.ok(accepts('tuple[int, ...]', new StarlarkTuple([1, 2, 3])));
  const dict = new StarlarkDict();
  dict.set('a', 1);
  assert.ok(accepts('dict[str, int]', dict) && !accepts('dict[str, str]', dict));
  assert.ok(accepts('Iterable', dict) && !accepts('Iterable', 'text'));
});

test('the text of a type reads back', () => {
  for (const text of ['int', 'list[str | None]', 'dict[str, tuple[int, ...]] | None'])
    assert.equal(typeText(parseType(text)), text);
});

test('a broken type is told with its text', () => {
  assert.throws(() => parseType('list[int'), /type "list\[int": expected "]"/);
  assert.throws(() => parseType('int |'), /expected a name/);
  assert.throws(() => parseType('int; x'), /unexpected/);
});
