import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatExponent, formatFixed, formatFloat, formatGeneral } from './float-text.ts';

describe('the text of floats', () => {
  test('is the shortest that reads back, with an exponent below 1e-4 and from 1e6 on', () => {
    const texts: [number, string][] = [
      [0, '0.0'],
      [-0, '-0.0'],
      [1, '1.0'],
      [100000, '100000.0'],
      [999999.5, '999999.5'],
      [1e6, '1e+06'],
      [1234567, '1.234567e+06'],
      [0.0001, '0.0001'],
      [0.00001, '1e-05'],
      [0.1 + 0.2, '0.30000000000000004'],
      [1e21, '1e+21'],
      [1.5e300, '1.5e+300'],
      [5e-324, '5e-324'],
      [-1e-7, '-1e-07'],
      [Number.POSITIVE_INFINITY, '+inf'],
      [Number.NEGATIVE_INFINITY, '-inf'],
      [Number.NaN, 'nan'],
    ];
    for (const [x, text] of texts) assert.equal(formatFloat(x), text);
  });

  test('rounds exact halves to the even digit under %f', () => {
    assert.equal(formatFixed(0.0078125, 6), '0.007812');
    assert.equal(formatFixed(0.5, 0), '0');
    assert.equal(formatFixed(1.5, 0), '2');
    assert.equal(formatFixed(2.5, 0), '2');
    assert.equal(formatFixed(-2.5, 0), '-2');
    assert.equal(formatFixed(0.125, 2), '0.12');
    assert.equal(formatFixed(2.675, 2), '2.67');
  });

  test('writes every digit of a large float under %f', () => {
    assert.equal(formatFixed(1e22, 1), '10000000000000000000000.0');
    assert.equal(formatFixed(2 ** 80, 0), '1208925819614629174706176');
  });

  test('rounds exact halves to the even digit under %e', () => {
    assert.equal(formatExponent(2.5, 0), '2e+00');
    assert.equal(formatExponent(3.5, 0), '4e+00');
    assert.equal(formatExponent(1.125, 2), '1.12e+00');
    assert.equal(formatExponent(-125, 1), '-1.2e+02');
    assert.equal(formatExponent(0, 6), '0.000000e+00');
    assert.equal(formatExponent(12345.678, 3), '1.235e+04');
  });

  test('drops trailing zeros under %g with a precision', () => {
    assert.equal(formatGeneral(1234.5, 3), '1.23e+03');
    assert.equal(formatGeneral(0.0001, 6), '0.0001');
    assert.equal(formatGeneral(100, 6), '100');
    assert.equal(formatGeneral(1e10, 3), '1e+10');
  });
});
