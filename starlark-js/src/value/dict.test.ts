import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { StarlarkDict } from './dict.ts';
import { StarlarkFloat } from './float.ts';
import { freeze } from './freeze.ts';
import { iterate, release } from './iterate.ts';
import { StarlarkList } from './list.ts';
import { repr } from './repr.ts';
import { StarlarkSet, setFrom } from './set.ts';
import { StarlarkTuple } from './tuple.ts';
import type { Value } from './value.ts';

function dictOf(...entries: [Value, Value][]): StarlarkDict {
  const dict = new StarlarkDict();
  for (const [key, value] of entries) dict.set(key, value);
  return dict;
}

describe('a dict', () => {
  test('finds an entry by any equal number and shows the key that came first', () => {
    const dict = dictOf([new StarlarkFloat(1), 'a'], [2, 'b'], [new StarlarkFloat(1e300), 'c']);
    dict.set(1, 'A');
    dict.set(new StarlarkFloat(2), 'B');
    assert.equal(repr(dict), '{1.0: "A", 2: "B", 1e+300: "c"}');
    assert.equal(dict.get(BigInt(1e300)), 'c');
    assert.equal(dict.get(true), undefined);
  });

  test('tells tuples apart by value and keeps the order of insertion', () => {
    const dict = dictOf([new StarlarkTuple([1, 'x']), 1], ['s', 2], [new StarlarkTuple([2]), 3]);
    dict.set(new StarlarkTuple([new StarlarkFloat(1), 'x']), 9);
    assert.equal(repr(dict), '{(1, "x"): 9, "s": 2, (2,): 3}');
    assert.equal(dict.delete(new StarlarkTuple([2])), 3);
    dict.set(new StarlarkTuple([2]), 4);
    assert.equal(repr(dict), '{(1, "x"): 9, "s": 2, (2,): 4}');
  });

  test('keeps pairs and triples of small ints apart, and shows the tuple that came first', () => {
    const dict = new StarlarkDict();
    dict.set(new StarlarkTuple([new StarlarkFloat(1), 2]), 'float');
    dict.set(new StarlarkTuple([1, 2]), 'int');
    dict.set(new StarlarkTuple([-3, 0, 65535]), 'triple');
    dict.set(new StarlarkTuple([2 ** 25 - 1, -(2 ** 25)]), 'edge');
    dict.set(new StarlarkTuple([2 ** 25, 0]), 'beyond');
    dict.set(new StarlarkTuple([true, 2]), 'bool');
    assert.equal(
      repr(dict),
      '{(1.0, 2): "int", (-3, 0, 65535): "triple", (33554431, -33554432): "edge", (33554432, 0): "beyond", (True, 2): "bool"}',
    );
    assert.equal(dict.get(new StarlarkTuple([1, new StarlarkFloat(2)])), 'int');
    assert.equal(dict.get(new StarlarkTuple([new StarlarkFloat(2 ** 25), 0])), 'beyond');
    assert.equal(dict.delete(new StarlarkTuple([1, 2])), 'int');
    dict.set(new StarlarkTuple([1, 2]), 'again');
    assert.ok(repr(dict).endsWith('(1, 2): "again"}'));
    for (let x = -40; x < 40; x++)
      for (let y = -40; y < 40; y++) {
        const grid = new StarlarkDict();
        grid.set(new StarlarkTuple([x * 831_111, y * 799_999]), 1);
        grid.set(new StarlarkTuple([x * 1600, y, y * 1600]), 2);
        assert.equal(repr(grid), `{(${x * 831_111}, ${y * 799_999}): 1, (${x * 1600}, ${y}, ${y * 1600}): 2}`);
      }
  });

  test("takes names of JavaScript's prototypes as ordinary keys", () => {
    const dict = dictOf(['__proto__', 1], ['constructor', 2], ['toString', 3]);
    assert.equal(repr(dict), '{"__proto__": 1, "constructor": 2, "toString": 3}');
    assert.equal(dict.get('hasOwnProperty'), undefined);
  });

  test('refuses an unhashable key, even to look for it', () => {
    const message = 'unhashable type: list';
    assert.throws(() => new StarlarkDict().get(new StarlarkList([])), { code: 'UNHASHABLE', message });
    assert.throws(() => dictOf([new StarlarkTuple([new StarlarkList([])]), 1]), { message });
  });

  test('survives many keys that share a hash', () => {
    const dict = new StarlarkDict();
    for (let i = 0; i < 500; i++) dict.set(new StarlarkTuple([i * 2 ** 32, `${i}`]), i);
    for (let i = 0; i < 500; i++) assert.equal(dict.get(new StarlarkTuple([i * 2 ** 32, `${i}`])), i);
  });

  test('gives up its first entries one by one in time linear in their number', () => {
    const dict = new StarlarkDict();
    for (let i = 0; i < 200_000; i++) dict.set(i, i);
    const before = performance.now();
    for (let i = 0; i < 200_000; i++) {
      assert.equal(dict.popFirst()![0], i);
      if (i === 5) dict.set(0, 'again');
    }
    assert.deepEqual(dict.popFirst(), [0, 'again']);
    assert.equal(dict.popFirst(), undefined);
    dict.set('new', 1);
    assert.deepEqual(dict.popFirst(), ['new', 1]);
    assert.ok(performance.now() - before < 5000);
  });

  test('hashes a tuple nested without end into an ordinary error', () => {
    let tuple = new StarlarkTuple([]);
    for (let i = 0; i < 100_000; i++) tuple = new StarlarkTuple([tuple]);
    assert.throws(() => new StarlarkDict().set(tuple, 1), { code: 'NESTING' });
  });

  test('cannot be changed while a loop runs over it, and can afterwards', () => {
    const dict = dictOf(['a', 1]);
    iterate(dict);
    assert.throws(() => dict.set('b', 2), {
      code: 'ITERATING',
      message: 'cannot insert into hash table during iteration',
    });
    assert.throws(() => dict.delete('a'), { message: 'cannot delete from hash table during iteration' });
    release(dict);
    dict.set('b', 2);
    assert.equal(dict.size, 2);
  });
});

describe('freezing', () => {
  test('reaches everything that a value holds', () => {
    const list = new StarlarkList([1]);
    const set = new StarlarkSet();
    const dict = dictOf(['k', new StarlarkTuple([list, set])]);
    freeze(dict);
    assert.throws(() => list.append(2), { code: 'FROZEN', message: 'append: cannot append to frozen list' });
    assert.throws(() => set.add(1), { message: 'cannot insert into frozen hash table' });
    assert.throws(() => dict.clear(), { message: 'cannot clear frozen hash table' });
  });

  test('works on data nested 100,000 deep, on cycles and on data shared exponentially', () => {
    let deep = new StarlarkList([]);
    const innermost = deep;
    for (let i = 0; i < 100_000; i++) deep = new StarlarkList([deep]);
    innermost.items.push(deep);
    freeze(deep);
    assert.throws(() => innermost.append(1), { code: 'FROZEN' });
    let shared = new StarlarkTuple([]);
    for (let i = 0; i < 60; i++) shared = new StarlarkTuple([shared, shared]);
    freeze(shared);
  });
});

describe('the text of containers', () => {
  test('elides a cycle and is bounded in depth', () => {
    const list = new StarlarkList([1]);
    list.append(list);
    assert.equal(repr(list), '[1, [...]]');
    const dict = dictOf(['self', null]);
    dict.set('self', dict);
    assert.equal(repr(dict), '{"self": {...}}');
    let deep = new StarlarkList([]);
    for (let i = 0; i < 100_000; i++) deep = new StarlarkList([deep]);
    assert.throws(() => repr(deep), { code: 'NESTING' });
  });

  test('of sets and tuples', () => {
    assert.equal(repr(setFrom([1, 1, 'a'])), 'set([1, "a"])');
    assert.equal(repr(new StarlarkTuple([1])), '(1,)');
  });
});
