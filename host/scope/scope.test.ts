import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Log } from '@clay/sdk';
import { Scope } from './scope.ts';

function setUp() {
  const errors: string[] = [];
  const released: string[] = [];
  const quiet = () => undefined;
  const log: Log = { debug: quiet, info: quiet, warn: quiet, error: (_, fields) => errors.push(String(fields?.label)) };
  const scope = new Scope(log);
  const hold = (label: string) =>
    scope.hold(label, () => {
      released.push(label);
    });
  return { scope, hold, errors, released };
}

test('what is held is listed, and released in reverse order, once', async () => {
  const { scope, hold, released } = setUp();
  for (const label of ['a', 'b', 'c']) hold(label);
  assert.deepEqual(scope.list(), ['a', 'b', 'c']);
  await Promise.all([scope.release(), scope.release()]);
  assert.deepEqual(released, ['c', 'b', 'a']);
  assert.deepEqual(scope.list(), []);
});

test('a release that throws is told and stops no other', async () => {
  const { scope, hold, errors, released } = setUp();
  hold('a');
  scope.hold('bad', () => Promise.reject(new Error('stuck')));
  hold('c');
  await scope.release();
  assert.deepEqual(released, ['c', 'a']);
  assert.deepEqual(errors, ['bad']);
});

test('what comes after the release is released at once', async () => {
  const { scope, hold, released } = setUp();
  await scope.release();
  hold('late');
  await scope.release();
  assert.deepEqual(released, ['late']);
});
