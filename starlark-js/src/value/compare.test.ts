import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { equals, greaterThan, lessEqual, lessThan } from './compare.ts';
import { StarlarkDict } from './dict.ts';
import { StarlarkFloat } from './float.ts';
import { StarlarkList } from './list.ts';
import { setFrom } from './set.ts';
import { StarlarkTuple } from './tuple.ts';

const float = (x: number): StarlarkFloat => new StarlarkFloat(x);

describe('equality', () => {
  test('of ints and floats is exact', () => {
    assert.ok(equals(1, float(1)));
    assert.ok(equals(float(2 ** 60), 2n ** 60n));
    assert.ok(!equals(2n ** 53n + 1n, float(2 ** 53)));
    assert.ok(!equals(true, 1));
    assert.ok(!equals(null, false));
  });

  test('holds for nan and for both zeros', () => {
    assert.ok(equals(float(Number.NaN), float(Number.NaN)));
    assert.ok(equals(float(-0), 0));
  });

  test('looks into containers, whatever their order of insertion', () => {
    const a = new StarlarkDict();
    a.set('x', new StarlarkList([1, float(2)]));
    a.set(1, null);
    const b = new StarlarkDict();
    b.set(float(1), null);
    b.set('x', new StarlarkList([float(1), 2]));
    assert.ok(equals(a, b));
    assert.ok(equals(setFrom([1, 2]), setFrom([2, float(1)])));
    assert.ok(!equals(new StarlarkList([]), new StarlarkTuple([])));
  });

  test('of values nested without end is an ordinary error', () => {
    const nest = (): StarlarkList => {
      let list = new StarlarkList([]);
      for (let i = 0; i < 100_000; i++) list = new StarlarkList([list]);
      return list;
    };
    assert.throws(() => equals(nest(), nest()), {
      code: 'NESTING',
      message: 'comparison exceeded maximum recursion depth',
    });
  });
});

describe('order', () => {
  test('puts nan above all numbers', () => {
    assert.ok(greaterThan(float(Number.NaN), float(Number.POSITIVE_INFINITY)));
    assert.ok(lessThan(10n ** 400n, float(Number.POSITIVE_INFINITY)));
    assert.ok(lessThan(5, float(Number.NaN)));
    assert.ok(lessEqual(float(Number.NaN), float(Number.NaN)));
  });

  test('compares big ints with floats exactly', () => {
    assert.ok(lessThan(float(2 ** 53), 2n ** 53n + 1n));
    assert.ok(!lessThan(2n ** 53n, float(2 ** 53)));
  });

  test('of strings is that of code points, not of UTF-16 units', () => {
    assert.ok(lessThan('\uffff', '\u{10000}'));
    assert.ok(lessThan('a\ue000', 'a\u{1f600}'));
    assert.ok(lessThan('abc', 'abcd'));
    assert.ok(greaterThan('b', 'a'));
  });

  test('of sequences is lexicographic', () => {
    assert.ok(lessThan(new StarlarkTuple([1, 2]), new StarlarkTuple([1, 2, 0])));
    assert.ok(lessThan(new StarlarkList([1, 'b']), new StarlarkList([2, 1])));
  });

  test('of unlike types is an error that names the relation', () => {
    assert.throws(() => lessThan(1, 'a'), { message: 'int < string not implemented' });
    assert.throws(() => greaterThan(new StarlarkList([1]), new StarlarkList(['a'])), {
      message: 'int > string not implemented',
    });
    assert.throws(() => lessEqual(null, null), { message: 'NoneType <= NoneType not implemented' });
  });
});
