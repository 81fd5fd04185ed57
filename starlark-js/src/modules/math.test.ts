import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Builtin } from '../value/builtin.ts';
import { StarlarkFloat } from '../value/float.ts';
import { repr } from '../value/repr.ts';
import type { Value } from '../value/value.ts';
import { mathModule } from './math.ts';

function call(name: string, ...positional: Value[]): string {
  const member = mathModule.getAttribute(name);
  assert.ok(member instanceof Builtin);
  return repr(member.call(positional, []));
}

const float = (x: number): StarlarkFloat => new StarlarkFloat(x);

test('the functions give floats, and floor and ceil ints of any size', () => {
  assert.equal(call('pow', 2, 3), '8.0');
  assert.equal(call('floor', 1.5), '1');
  assert.equal(call('ceil', -0.5), '0');
  assert.equal(call('ceil', float(1e20)), '100000000000000000000');
  assert.equal(call('sqrt', -1), 'nan');
  assert.equal(call('log', 8, 2), '3.0');
  assert.equal(call('log', 100, 10), '2.0');
});

test('round turns halves away from zero', () => {
  assert.deepEqual(
    [call('round', 2.5), call('round', -2.5), call('round', 0.49999999999999994)],
    ['3.0', '-3.0', '0.0'],
  );
});

test('remainder goes to the nearest multiple, ties to the even one', () => {
  assert.deepEqual(
    [call('remainder', 5, 3), call('remainder', 7, 2), call('remainder', 5, 2), call('remainder', -7, 4)],
    ['-1.0', '-1.0', '1.0', '1.0'],
  );
  assert.equal(call('remainder', float(1e308), float(1.7e308)), `${repr(float(1e308 - 1.7e308))}`);
  assert.equal(call('mod', -5, 3), '-2.0');
});

test('gamma is exact for small ints and near for others', () => {
  assert.equal(call('gamma', 5), '24.0');
  assert.equal(call('gamma', -1), 'nan');
  assert.ok(Math.abs(Number(call('gamma', 0.5)) - Math.sqrt(Math.PI)) < 1e-14);
});

test("wrong arguments are told in starlark-go's words", () => {
  assert.throws(() => call('sin', 'a'), { message: 'sin: for parameter 1: got string, want float or int' });
  assert.throws(() => call('log', 10, 1), { message: 'division by zero' });
  assert.throws(() => call('floor', float(Number.NaN)), { message: 'floor: cannot convert float NaN to integer' });
});
