import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '@clay/sdk/testing';
import { type GraphNode, startOrder } from './start-order.ts';

const node = (name: string, requires: readonly string[] = [], optional: readonly string[] = []): GraphNode => ({
  name,
  requires: requires.map((one) => `tool:${one}`),
  optional: optional.map((one) => `tool:${one}`),
  provides: [`tool:${name}`],
});

test('providers come before their users, and names decide where nothing else does', () => {
  assert.deepEqual(startOrder([node('c', ['b']), node('b', ['a']), node('a'), node('0')]).order, ['0', 'a', 'b', 'c']);
});

test('an optional need orders, and never refuses', () => {
  const { order, refused } = startOrder([node('a', [], ['b', 'nowhere']), node('b', [], ['a'])]);
  assert.deepEqual(order, ['b', 'a']);
  assert.equal(refused.size, 0);
});

test('a plugin may require what it provides itself', () => {
  assert.deepEqual(startOrder([node('a', ['a'])]).order, ['a']);
});

test('a circle is printed as a path, and refuses those behind it', () => {
  const { order, refused } = startOrder([node('a', ['b']), node('b', ['c']), node('c', ['b']), node('d')]);
  assert.deepEqual(order, ['d']);
  assert.equal(refused.get('b'), 'The plugins require each other in a circle: "b" → "c" → "b".');
  assert.equal(refused.get('a'), '"a" → tool:b → The plugins require each other in a circle: "b" → "c" → "b".');
});

test('no order ever puts a user before its provider or drops a plugin in silence', (t) => {
  const random = createRandom();
  t.diagnostic(`seed ${random.seed}`);
  for (let round = 0; round < 1000; round++) {
    const names = Array.from({ length: 1 + random.below(8) }, (_, index) => `p${index}`);
    const some = (chance: number) => [...names, 'nowhere'].filter(() => random.below(chance) === 0);
    const nodes = names.map((name) => node(name, some(6), some(6)));
    const { order, refused } = startOrder(nodes);
    assert.deepEqual([...order, ...refused.keys()].sort(), names, `seed ${random.seed}`);
    for (const { name, requires } of nodes) {
      if (!order.includes(name)) continue;
      for (const capability of requires) {
        const provider = capability.slice('tool:'.length);
        assert.ok(
          provider === name || (order.includes(provider) && order.indexOf(provider) < order.indexOf(name)),
          `seed ${random.seed}`,
        );
      }
    }
  }
});
