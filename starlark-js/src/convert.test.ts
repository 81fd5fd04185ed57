import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { toJs, toStarlark } from './convert.ts';
import { StarlarkError } from './errors.ts';
import { StarlarkDict } from './value/dict.ts';
import { StarlarkFloat } from './value/float.ts';
import { StarlarkList } from './value/list.ts';
import { repr } from './value/repr.ts';

describe('toStarlark', () => {
  test('tells ints from floats as their values demand', () => {
    assert.equal(
      repr(toStarlark([1, -0, 1.5, 2 ** 53, 1e300, 10n ** 20n, 5n, Number.NaN])).replace(/1e\+300/, 'big'),
      '[1, 0, 1.5, 9.007199254740992e+15, big, 100000000000000000000, 5, nan]',
    );
  });

  test('turns arrays, objects, Maps, Sets and bytes into their counterparts', () => {
    const data = {
      list: [null, undefined, true],
      map: new Map<unknown, unknown>([[1, 'one']]),
      set: new Set(['x']),
      b: Uint8Array.of(65, 255),
    };
    assert.equal(
      repr(toStarlark(data)),
      '{"list": [None, None, True], "map": {1: "one"}, "set": set(["x"]), "b": b"A\\xff"}',
    );
  });

  test('treats the key __proto__ like any other', () => {
    assert.equal(repr(toStarlark(JSON.parse('{"__proto__": {"x": 1}}'))), '{"__proto__": {"x": 1}}');
  });

  test('keeps shared data shared, and refuses a cycle with its place', () => {
    const shared = [1];
    const list = toStarlark([shared, shared]) as StarlarkList;
    assert.equal(list.items[0], list.items[1]);
    const cyclic: unknown[] = [];
    cyclic.push({ back: cyclic });
    assert.throws(() => toStarlark(cyclic), {
      code: 'CONVERT',
      message: 'cannot convert $[0].back: it contains itself',
    });
  });

  test('refuses what is no plain data, with its place and its class', () => {
    assert.throws(() => toStarlark({ at: [new Date(0)] }), /cannot convert \$\.at\[0\] to Starlark: it is a Date/);
    assert.throws(() => toStarlark([() => 1]), /\$\[0\] to Starlark: it is a function/);
    assert.throws(() => toStarlark(Symbol('s')), /it is a symbol/);
    assert.throws(() => toStarlark(Promise.resolve()), /it is a Promise/);
  });

  test('refuses data nested too deep with an ordinary error', () => {
    let deep: unknown[] = [];
    for (let i = 0; i < 100_000; i++) deep = [deep];
    assert.throws(
      () => toStarlark(deep),
      (error) => error instanceof StarlarkError && /levels deep/.test(error.message),
    );
  });
});

describe('toJs', () => {
  test('is the way back for plain data', () => {
    const data = { a: [1, 2.5, null, true, 'x'], n: { __proto__: null, deep: [{}] } };
    assert.deepEqual(toJs(toStarlark(data)), { a: [1, 2.5, null, true, 'x'], n: { deep: [{}] } });
  });

  test('gives big ints as bigints and floats as numbers', () => {
    assert.deepEqual(toJs(new StarlarkList([10n ** 20n, new StarlarkFloat(1), 7])), [10n ** 20n, 1, 7]);
  });

  test('defines __proto__ as an own key', () => {
    const dict = new StarlarkDict();
    dict.set('__proto__', 1);
    const object = toJs(dict) as object;
    assert.deepEqual(Object.keys(object), ['__proto__']);
    assert.equal(Object.getPrototypeOf(object), Object.prototype);
  });

  test('refuses other keys than strings for an object, and takes them for a Map', () => {
    const dict = new StarlarkDict();
    dict.set(1, 'one');
    assert.throws(() => toJs(dict), /its key 1 is of type int/);
    assert.deepEqual(toJs(dict, { dicts: 'map' }), new Map([[1, 'one']]));
  });

  test('refuses a cycle', () => {
    const list = new StarlarkList([]);
    list.append(list);
    assert.throws(() => toJs(list), { code: 'CONVERT', message: 'cannot convert $[0]: it contains itself' });
  });
});
