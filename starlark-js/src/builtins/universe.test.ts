import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Builtin } from '../value/builtin.ts';
import { StarlarkCallable } from '../value/callable.ts';
import { StarlarkDict } from '../value/dict.ts';
import { StarlarkFloat } from '../value/float.ts';
import { StarlarkList } from '../value/list.ts';
import { repr } from '../value/repr.ts';
import { StarlarkTuple } from '../value/tuple.ts';
import type { NamedArgument, Value } from '../value/value.ts';
import { HostFunction } from './host-function.ts';
import { useServices } from './services.ts';
import { universe } from './universe.ts';

const list = (...items: Value[]): StarlarkList => new StarlarkList(items);

function call(name: string, positional: Value[], named: NamedArgument[] = []): Value {
  const builtin = universe.get(name);
  assert.ok(builtin instanceof Builtin);
  return builtin.call(positional, named);
}

function shows(name: string, positional: Value[], expected: string, named: NamedArgument[] = []): void {
  assert.equal(repr(call(name, positional, named)), expected, `${name}(${positional.map(repr)})`);
}

function fails(name: string, positional: Value[], message: string | RegExp, named: NamedArgument[] = []): void {
  assert.throws(() => call(name, positional, named), { message });
}

describe('conversions', () => {
  test('int reads text in any base, exactly', () => {
    shows('int', ['-0x1F', 16], '-31');
    shows('int', ['0b101', 0], '5');
    shows('int', ['z', 36], '35');
    shows('int', ['9'.repeat(30)], '9'.repeat(30));
    shows('int', ['z'.repeat(20), 36], `${36n ** 20n - 1n}`);
    shows('int', ['-0'], '0');
    shows('int', [-1.9], '-1');
    shows('int', [true], '1');
    fails('int', ['010', 0], 'int: invalid literal with base 0: 010');
    fails('int', [' 5'], 'int: invalid literal with base 10:  5');
    fails('int', ['12', 37], 'int: base must be an integer >= 2 && <= 36');
    fails('int', [5, 10], "int: can't convert non-string with explicit base");
    fails('int', [new StarlarkFloat(Number.NaN)], 'int: cannot convert float NaN to integer');
    fails('int', [list()], 'int: cannot convert list to int');
    fails('int', ['9'.repeat(400_000)], /integer too large/);
  });

  test('float reads what starlark-go reads, and takes time linear in the text', () => {
    shows('float', ['.5'], '0.5');
    shows('float', ['5.'], '5.0');
    shows('float', ['1_0'], '10.0');
    shows('float', ['-Infinity'], '-inf');
    shows('float', [], '0.0');
    fails('float', ['1e400'], 'floating-point number too large');
    fails('float', ['abc'], 'invalid float literal: abc');
    const before = performance.now();
    fails('float', [`${'1'.repeat(1_000_000)}x`], /invalid float literal/);
    assert.ok(performance.now() - before < 1000);
  });

  test('str, bytes, chr and ord agree on UTF-8', () => {
    const bytes = call('bytes', ['é😀']);
    shows('str', [bytes], '"é😀"');
    shows('bytes', [list(1, 255)], 'b"\\x01\\xff"');
    shows('chr', [128512], '"😀"');
    shows('ord', ['😀'], '128512');
    fails('bytes', [list(1, 256)], 'bytes: at index 1, 256 out of range (want value in unsigned 8-bit range)');
    fails('ord', ['ab'], 'ord: string encodes 2 Unicode code points, want 1');
    fails('chr', [0x110000], 'chr: Unicode code point U+110000 out of range (>0x10FFFF)');
  });

  test("hash is Java's for strings and FNV-1a for bytes", () => {
    shows('hash', ['aaaaaaaaaa'], '-799347552');
    shows('hash', [call('bytes', ['hello'])], '1335831723');
    fails('hash', [1], 'hash: got int, want string or bytes');
  });
});

describe('sequences', () => {
  test('are made and combined', () => {
    shows('range', [10, 0, -3], 'range(10, 0, -3)');
    shows('list', [call('range', [3])], '[0, 1, 2]');
    shows('enumerate', [list('a', 'b'), 5], '[(5, "a"), (6, "b")]');
    shows('zip', [list(1, 2), list(3)], '[(1, 3)]');
    shows('reversed', [call('range', [3])], '[2, 1, 0]');
    shows('dict', [list(list('a', 1))], '{"a": 1, "b": 2}', [['b', 2]]);
    shows('set', [list(1, 1)], 'set([1])');
    fails('range', [1, 2, 0], 'range: step argument must not be zero');
    fails('list', ['abc'], 'list: for parameter 1: got string, want iterable');
    fails('zip', [list(), 2], 'zip: argument #2 is not iterable: int');
    fails('len', [1], 'len: value of type int has no len');
  });

  test('min and max take the first of equals, and a key', () => {
    shows('max', [list(1, new StarlarkFloat(1))], '1');
    shows('min', [list(-3, 1, 2)], '1', [['key', universe.get('abs')!]]);
    shows('max', ['b', 'c', 'a'], '"c"');
    fails('max', [list()], 'max: argument is an empty sequence');
    fails('min', [], 'min requires at least one positional argument');
  });
});

describe('sorted', () => {
  test('is stable, in either direction, with or without a key', () => {
    const pairs = [3, 1, 2, 1, 3].map((n, i) => new StarlarkTuple([n, `v${i}`]));
    class First extends StarlarkCallable {
      get type() {
        return 'function';
      }
      get name() {
        return 'first';
      }
      call(positional: readonly Value[]): Value {
        return (positional[0] as StarlarkTuple).items[0]!;
      }
    }
    const key: NamedArgument = ['key', new First()];
    const order = (v: Value): string => (v as StarlarkList).items.map((p) => (p as StarlarkTuple).items[1]).join(' ');
    assert.equal(order(call('sorted', [list(...pairs)], [key])), 'v1 v3 v2 v0 v4');
    assert.equal(order(call('sorted', [list(...pairs)], [key, ['reverse', true]])), 'v0 v4 v2 v1 v3');
  });

  test('orders mixed numbers exactly, and refuses what has no order', () => {
    shows(
      'sorted',
      [list(new StarlarkFloat(3), new StarlarkFloat(Number.NaN), 1, 2n ** 70n, 0.5)],
      '[0.5, 1, 3.0, 1180591620717411303424, nan]',
    );
    fails('sorted', [list(1, 'a')], 'string < int not implemented');
    fails('sorted', [1], 'sorted: for parameter iterable: got int, want iterable');
    fails('sorted', [list()], 'sorted: unexpected keyword argument "revers" (did you mean reverse?)', [
      ['revers', true],
    ]);
    fails('sorted', [], 'sorted: missing argument for iterable');
    fails('sorted', [list(), list(), false, 1], 'sorted: got 4 arguments, want at most 3');
  });
});

describe('services', () => {
  test('print writes to the host, fail ends the program', () => {
    const lines: string[] = [];
    const before = useServices({ print: (text) => lines.push(text), now: () => 0n, regex: null });
    try {
      call('print', [1, 'a', call('bytes', ['b'])], [['sep', '-']]);
      call('print', [list('x')]);
    } finally {
      useServices(before);
    }
    assert.deepEqual(lines, ['1-a-b', '["x"]']);
    assert.throws(() => call('fail', ['oops', 1]), { code: 'FAIL', message: 'fail: oops 1' });
  });
});

describe('host functions', () => {
  test('bind and check their arguments by their signature', () => {
    const repeat = new HostFunction(
      'repeat(text: str, times: int = 2, *, upper: bool = False) -> str',
      (text: string, times = 2, upper = false) => {
        const all = text.repeat(times);
        return upper ? all.toUpperCase() : all;
      },
    );
    assert.equal(repeat.call(['ab'], []), 'abab');
    assert.equal(repeat.call(['ab', 1], [['upper', true]]), 'AB');
    assert.throws(() => repeat.call([1], []), {
      code: 'TYPE',
      message: 'repeat: for parameter "text": got int, want str',
    });
    assert.throws(() => repeat.call(['a'], [['time', 3]]), {
      message: 'repeat: unexpected keyword argument "time" (did you mean times?)',
    });
    assert.throws(() => repeat.call([], []), { message: 'repeat: missing argument for text' });
  });

  test('give None when they give nothing, and refuse to wait where nothing can wait', () => {
    assert.equal(new HostFunction('log(*args)', () => undefined).call([1], []), null);
    const fetch = new HostFunction('fetch(url: str) -> str', async () => 'body', { suspends: true });
    assert.throws(() => fetch.call(['u'], []), {
      code: 'HOST',
      message: 'fetch waits for the host and cannot be called here',
    });
  });

  test('take a dict whose keys name JavaScript properties', () => {
    const keys = new HostFunction('keys(**kwargs) -> list', (named: readonly NamedArgument[]) =>
      list(...named.map(([name]) => name)),
    );
    assert.equal(
      repr(
        keys.call(
          [],
          [
            ['__proto__', 1],
            ['constructor', 2],
          ],
        ),
      ),
      '["__proto__", "constructor"]',
    );
    assert.ok(new StarlarkDict().get('__proto__') === undefined);
  });
});
