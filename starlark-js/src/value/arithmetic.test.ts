import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { add, div, floorDiv, mod, mul, negate, sub } from './arithmetic.ts';
import { bitAnd, bitOr, bitXor, invert, shiftLeft, shiftRight } from './bitwise.ts';
import { StarlarkFloat } from './float.ts';
import { StarlarkList } from './list.ts';
import { repr } from './repr.ts';
import { StarlarkTuple } from './tuple.ts';
import type { Value } from './value.ts';

const MAX = Number.MAX_SAFE_INTEGER;
const float = (x: number): StarlarkFloat => new StarlarkFloat(x);

function shows(actual: Value, expected: string): void {
  assert.equal(repr(actual), expected);
}

describe('int arithmetic', () => {
  test('goes beyond the safe range and comes back', () => {
    const big = add(MAX, 1);
    assert.equal(big, 2n ** 53n);
    assert.equal(sub(big, 1), MAX);
    assert.equal(mul(MAX, MAX), BigInt(MAX) ** 2n);
    assert.equal(floorDiv(mul(MAX, MAX), MAX), MAX);
    assert.equal(sub(-MAX, 1), -(2n ** 53n));
  });

  test('never makes a negative zero', () => {
    for (const zero of [mul(0, -1), mod(-4, 2), floorDiv(0, -5), negate(0)]) assert.ok(Object.is(zero, 0));
  });

  test('divides and takes remainders toward negative infinity', () => {
    assert.deepEqual([floorDiv(-7, 2), floorDiv(7, -2), mod(-7, 3), mod(7, -3)], [-4, -4, 2, -2]);
    assert.equal(floorDiv(MAX, 2), 4503599627370495);
    assert.equal(mod(-(2n ** 70n), 7), 5);
    assert.equal(floorDiv(-(2n ** 70n), 7), -168655945816773043347n);
  });

  test("refuses to divide by zero in starlark-go's words", () => {
    assert.throws(() => floorDiv(1, 0), { code: 'ZERO_DIVISION', message: 'floored division by zero' });
    assert.throws(() => mod(1, 0), { message: 'integer modulo by zero' });
    assert.throws(() => div(1, 0), { message: 'floating-point division by zero' });
    assert.throws(() => mod(1.5, 0), { message: 'floating-point modulo by zero' });
  });
});

describe('bitwise operators', () => {
  test("see two's complement of any width", () => {
    const samples: (number | bigint)[] = [
      0,
      1,
      -1,
      5,
      -3,
      2 ** 31,
      -(2 ** 31),
      2 ** 32 + 5,
      -(2 ** 40) - 7,
      MAX,
      -MAX,
      2n ** 64n - 1n,
      -(2n ** 70n),
    ];
    for (const a of samples)
      for (const b of samples) {
        const [x, y] = [BigInt(a), BigInt(b)];
        assert.equal(BigInt(bitAnd(a, b) as number), x & y, `${a} & ${b}`);
        assert.equal(BigInt(bitOr(a, b) as number), x | y, `${a} | ${b}`);
        assert.equal(BigInt(bitXor(a, b) as number), x ^ y, `${a} ^ ${b}`);
        assert.equal(BigInt(invert(a) as number), ~x);
      }
  });

  test('shift exactly, and refuse what would be too large', () => {
    assert.equal(shiftLeft(1, 64), 2n ** 64n);
    assert.equal(shiftRight(shiftLeft(1, 511), 505), 64);
    assert.equal(shiftRight(-1, 100), -1);
    assert.throws(() => shiftLeft(1, 2 ** 21), { code: 'SIZE', message: 'shift count too large: 2097152' });
    assert.throws(() => shiftLeft(1, -1), { message: 'negative shift count: -1' });
  });

  test('an integer is capped at a megabit', () => {
    const half = shiftLeft(1, 600_000);
    assert.throws(() => mul(half, half), { code: 'SIZE' });
  });
});

describe('float arithmetic', () => {
  test('keeps integral results floats', () => {
    shows(add(0.5, 0.5), '1.0');
    shows(div(4, 2), '2.0');
    shows(mul(float(2), 3), '6.0');
    shows(mul(0, float(-1)), '-0.0');
    shows(mul(float(1e300), float(1e10)), '+inf');
    shows(floorDiv(float(1), 0.3), '3.0');
    shows(mod(-7.5, 2), '0.5');
    shows(mod(7.5, -2), '-0.5');
  });

  test('refuses an int beyond the range of floats', () => {
    assert.throws(() => div(shiftLeft(1, 2000), 3), { code: 'OVERFLOW', message: 'int too large to convert to float' });
  });
});

describe('operators on sequences', () => {
  test('concatenate and repeat', () => {
    shows(add(new StarlarkList([1]), new StarlarkList([2])), '[1, 2]');
    shows(mul(2, new StarlarkTuple([1, 2])), '(1, 2, 1, 2)');
    shows(mul('ab', -1), '""');
    assert.throws(() => mul('a', 2 ** 40), { code: 'SIZE', message: 'repeat count 1099511627776 too large' });
  });

  test('a type error names the types, shows the operands and tells what to write', () => {
    assert.throws(() => add('n = ', 5), {
      code: 'TYPE',
      message: 'unknown binary op: string + int',
      notes: [
        'left operand: "n = "',
        'right operand: 5',
        'Convert the right operand with str(x), or format it: "%s" % x.',
      ],
    });
    assert.throws(() => negate('a'), { message: 'unknown unary op: - string' });
    assert.throws(() => add(true, 1), { message: 'unknown binary op: bool + int' });
  });
});
