import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { StarlarkDict } from './dict.ts';
import { StarlarkFloat } from './float.ts';
import { useFormatExtensions } from './format-options.ts';
import { formatPercent } from './format-percent.ts';
import { formatValue } from './format-spec.ts';
import { StarlarkTuple } from './tuple.ts';
import type { Value } from './value.ts';

const tuple = (...items: Value[]): StarlarkTuple => new StarlarkTuple(items);

describe('the % operator', () => {
  test('converts as starlark-go does', () => {
    assert.equal(formatPercent('%s %r %d', tuple('a', 'a', 1.9)), 'a "a" 1');
    assert.equal(formatPercent('%x %X %o %c', tuple(-255, 255, 8, 65)), '-ff FF 10 A');
    assert.equal(formatPercent('%e %g %f', tuple(1, 2.5, 3)), '1.000000e+00 2.5 3.000000');
    assert.equal(formatPercent('%d', 2n ** 70n), '1180591620717411303424');
    assert.equal(formatPercent('100%%', tuple()), '100%');
  });

  test('takes values by name from a dict', () => {
    const dict = new StarlarkDict();
    dict.set('a', 1);
    assert.equal(formatPercent('%(a)s-%(a)d', dict), '1-1');
    assert.throws(() => formatPercent('%(b)s', dict), { message: 'key not found: b' });
    assert.throws(() => formatPercent('%(a)s', 1), { message: 'format requires a mapping' });
  });

  test('counts its arguments', () => {
    assert.throws(() => formatPercent('%d %d', 1), { message: 'not enough arguments for format string' });
    assert.throws(() => formatPercent('%d', tuple(1, 2)), { message: 'too many arguments for format string' });
    assert.throws(() => formatPercent('%', 1), { message: 'incomplete format' });
    assert.throws(() => formatPercent('%(a', 1), { message: 'incomplete format key' });
  });

  test('refuses values that do not fit the conversion', () => {
    assert.throws(() => formatPercent('%d', true), {
      message: '%d format requires integer: cannot convert bool to int',
    });
    assert.throws(() => formatPercent('%f', 'x'), { message: '%f format requires float, not string' });
    assert.throws(() => formatPercent('%c', 'xy'), { message: '%c format requires a single-character string' });
    assert.throws(() => formatPercent('%z', 1), { message: 'unknown conversion %z' });
  });

  test('takes width, precision and flags while extensions are on, and only then', () => {
    assert.equal(formatPercent('%.2f|%5d|%-5d|%05d|%+d', tuple(2.6543, 42, 42, -42, 42)), '2.65|   42|42   |-0042|+42');
    assert.equal(formatPercent('%10s|%-4s|%.2s', tuple('abc', 'abc', 'abc')), '       abc|abc |ab');
    const before = useFormatExtensions(false);
    try {
      assert.throws(() => formatPercent('%5d', 1), { message: 'unknown conversion %5' });
    } finally {
      useFormatExtensions(before);
    }
  });

  test('refuses a width that would not fit into memory', () => {
    assert.throws(() => formatPercent('%999999999d', 1), { code: 'SIZE' });
    assert.throws(() => formatPercent('%.999999999d', 1), { code: 'SIZE' });
  });
});

describe('format specifications', () => {
  test("align, fill, sign, group and round as Python's do", () => {
    const cases: [Value, string, string][] = [
      [2.6543, '.2f', '2.65'],
      ['a', '>4', '   a'],
      ['mid', '*^9', '***mid***'],
      [2.6543, '08.3f', '0002.654'],
      [5, '+d', '+5'],
      [255, '#x', '0xff'],
      [1234567, ',', '1,234,567'],
      [1234567.891, ',.1f', '1,234,567.9'],
      [255, '_b', '1111_1111'],
      [0.256, '.1%', '25.6%'],
      [-42, '=+6d', '-   42'],
      [1234, '010,d', '00,001,234'],
      ['abcdef', '.3', 'abc'],
      [true, 'd', '1'],
      [true, '>6', '  True'],
      [null, '<6', 'None  '],
      [new StarlarkFloat(2), '', '2.0'],
      [new StarlarkFloat(2), '.3', '2.0'],
    ];
    for (const [value, spec, expected] of cases) assert.equal(formatValue(value, spec), expected, spec);
  });

  test('name the value and the type that do not fit', () => {
    assert.throws(() => formatValue('a', 'd'), { message: 'format spec type "d" requires a number, not string' });
    assert.throws(() => formatValue(1, 'zz'), { message: 'invalid format spec "zz"' });
    assert.throws(() => formatValue(1, '.2d'), { message: 'precision not allowed in integer format spec ".2d"' });
  });
});
