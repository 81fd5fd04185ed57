import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { StarlarkBytes } from '../value/bytes.ts';
import { StarlarkCallable } from '../value/callable.ts';
import { StarlarkDict } from '../value/dict.ts';
import { freeze } from '../value/freeze.ts';
import { iterate, release } from '../value/iterate.ts';
import { StarlarkList } from '../value/list.ts';
import { repr } from '../value/repr.ts';
import { setFrom } from '../value/set.ts';
import { StarlarkStruct } from '../value/struct.ts';
import { StarlarkTuple } from '../value/tuple.ts';
import type { NamedArgument, Value } from '../value/value.ts';
import { attributeNames, getAttribute, setAttribute } from './attribute.ts';

const list = (...items: Value[]): StarlarkList => new StarlarkList(items);
const tuple = (...items: Value[]): StarlarkTuple => new StarlarkTuple(items);

/** `v.name(…)`. */
function callMethod(v: Value, name: string, positional: Value[], named: NamedArgument[] = []): Value {
  const method = getAttribute(v, name);
  assert.ok(method instanceof StarlarkCallable);
  return method.call(positional, named);
}

/** `receiver.name(…)` as source text. */
function shows(
  receiver: Value,
  name: string,
  positional: Value[],
  expected: string,
  named: NamedArgument[] = [],
): void {
  assert.equal(repr(callMethod(receiver, name, positional, named)), expected, `.${name}(${positional.map(repr)})`);
}

function fails(
  receiver: Value,
  name: string,
  positional: Value[],
  message: string | RegExp,
  named: NamedArgument[] = [],
): void {
  assert.throws(() => callMethod(receiver, name, positional, named), { message });
}

describe('string methods', () => {
  test('find, count and compare parts within a range', () => {
    shows('abc', 'find', ['', 3], '3');
    shows('abc', 'find', ['b', null, 1], '-1');
    shows('banana', 'rfind', ['a', 0, -1], '3');
    shows('abc', 'count', [''], '4');
    shows('abc', 'count', ['', 5], '1');
    shows('aaa', 'count', ['aa'], '1');
    shows('abc', 'startswith', [tuple('x', 'ab')], 'True');
    shows('abc', 'endswith', ['b', 0, 2], 'True');
    fails('abc', 'index', ['z'], 'index: substring not found');
    fails('abc', 'startswith', [1], 'startswith: got int, want string or tuple of string');
  });

  test('split by a separator or by white space, from either end', () => {
    shows('a,b,,c', 'split', [','], '["a", "b", "", "c"]');
    shows('a,b,,c', 'rsplit', [',', 2], '["a,b", "", "c"]');
    shows('  a b\u2003c  ', 'split', [], '["a", "b", "c"]');
    shows('  a b  c  ', 'split', [null, 1], '["a", "b  c  "]');
    shows('  a b  c  ', 'rsplit', [null, 1], '["  a b", "c"]');
    shows('', 'split', [], '[]');
    shows('', 'split', [','], '[""]');
    fails('a', 'split', [''], 'split: empty separator');
    shows('A\nB\rC\r\nD', 'splitlines', [], '["A", "B", "C", "D"]');
    shows('a\n\nb\n', 'splitlines', [true], '["a\\n", "\\n", "b\\n"]');
    shows('a=b=c', 'partition', ['='], '("a", "=", "b=c")');
    shows('abc', 'rpartition', ['z'], '("", "", "abc")');
  });

  test('replace literally, at most count times', () => {
    shows('a.b.c', 'replace', ['.', '$&'], '"a$&b$&c"');
    shows('aaa', 'replace', ['a', 'b', 2], '"bba"');
    shows('abc', 'replace', ['', '-'], '"-a-b-c-"');
    shows('abc', 'replace', ['', '-', 2], '"-a-bc"');
  });

  test('strip sets of code points, never half of a pair', () => {
    shows('xxabcxx', 'strip', ['x'], '"abc"');
    shows('\u00a0 abc\t', 'strip', [], '"abc"');
    shows('\u{1f600}a\u{1f601}', 'strip', ['\u{1f601}'], '"\u{1f600}a"');
    shows('abc', 'removeprefix', ['ab'], '"c"');
  });

  test('change case one character for one, as starlark-go does', () => {
    shows("hELLO wORLD's x2y", 'title', [], '"Hello World\'S X2Y"');
    shows('ß\u01c6', 'upper', [], '"ß\u01c4"');
    shows('\u01c6a', 'title', [], '"\u01c5a"');
    shows('\u0130\u03a3', 'lower', [], '"i\u03c3"');
    shows('ΣΑΣ', 'lower', [], '"σασ"');
    shows('Ab Cd', 'istitle', [], 'True');
    shows('a1', 'islower', [], 'True');
    shows('1', 'islower', [], 'False');
    shows('²', 'isdigit', [], 'False');
    shows('٣', 'isdigit', [], 'True');
  });

  test('join strings only, and tell what was found instead', () => {
    shows(',', 'join', [list('a', 'b')], '"a,b"');
    fails(',', 'join', [list('a', 1)], 'join: in list, want string, got int');
    fails(',', 'join', ['abc'], 'join: for parameter 1: got string, want iterable');
  });

  test('format by position, by name and by specification', () => {
    shows('{}-{}', 'format', [1, 'a'], '"1-a"');
    shows('a{x}b{y}c{}', 'format', [1], '"a2b3c1"', [
      ['x', 2],
      ['y', 3],
    ]);
    shows('{1} {0!r} {{}}', 'format', ['a', 'b'], '"b \\"a\\" {}"');
    shows('{:>{width}}|', 'format', ['x'], '"   x|"', [['width', 4]]);
    fails('{}{}', 'format', [1], 'format: tuple index out of range');
    fails(
      '{0}{}',
      'format',
      [1, 2],
      'format: cannot switch from manual field specification to automatic field numbering',
    );
    fails('{a.b}', 'format', [], 'format: attribute syntax x.y is not supported in replacement fields: a.b', [
      ['a', 1],
    ]);
    fails('{nam}', 'format', [], 'format: keyword nam not found (did you mean name?)', [['name', 1]]);
    fails('}', 'format', [], "format: single '}' in format");
    fails('{', 'format', [], "format: unmatched '{' in format");
  });

  test('show their elements and code points', () => {
    const elements = (name: string): string =>
      repr(list(...(iterate(callMethod('a\u{1f600}', name, [])) as Iterable<Value>)));
    assert.equal(elements('codepoints'), '["a", "\u{1f600}"]');
    assert.equal(elements('codepoint_ords'), '[97, 128512]');
    assert.equal(elements('elem_ords'), '[97, 55357, 56832]');
    shows('ab', 'elems', [], '"ab".elems()');
  });
});

describe('list methods', () => {
  test('change the list in place', () => {
    const xs = list(1, 2, 3);
    callMethod(xs, 'insert', [-1, 'x']);
    callMethod(xs, 'extend', [xs]);
    assert.equal(repr(xs), '[1, 2, "x", 3, 1, 2, "x", 3]');
    shows(xs, 'pop', [0], '1');
    shows(xs, 'index', [2, 1], '4');
    callMethod(xs, 'remove', ['x']);
    assert.equal(repr(xs), '[2, 3, 1, 2, "x", 3]');
    fails(list(), 'pop', [], 'pop: index -1 out of range: empty list');
    fails(list(1), 'pop', [4], 'pop: list index 4 out of range [-1:0]');
    fails(list(1), 'remove', [2], 'remove: element not found');
  });

  test("are refused while a loop runs and when frozen, in starlark-go's words", () => {
    const xs = list(1);
    iterate(xs);
    fails(xs, 'append', [1], 'append: cannot append to list during iteration');
    fails(xs, 'insert', [0, 1], 'insert: cannot insert into list during iteration');
    release(xs);
    freeze(xs);
    fails(xs, 'clear', [], 'clear: cannot clear frozen list');
    fails(xs, 'pop', [], 'pop: cannot pop from frozen list');
  });
});

describe('dict methods', () => {
  const dict = (): StarlarkDict => {
    const d = new StarlarkDict();
    d.set('a', null);
    d.set('b', 2);
    return d;
  };

  test('tell None from an absent entry', () => {
    shows(dict(), 'get', ['a', 5], 'None');
    shows(dict(), 'pop', ['a'], 'None');
    shows(dict(), 'setdefault', ['a', 5], 'None');
    fails(dict(), 'pop', ['z'], 'pop: missing key');
  });

  test('read and fill', () => {
    shows(dict(), 'items', [], '[("a", None), ("b", 2)]');
    shows(dict(), 'popitem', [], '("a", None)');
    const d = dict();
    callMethod(d, 'update', [list(tuple('c', 3), list('a', 1))], [['k', 4]]);
    assert.equal(repr(d), '{"a": 1, "b": 2, "c": 3, "k": 4}');
    fails(dict(), 'update', [list(1)], 'update: dictionary update sequence element #0 is not iterable (int)');
    fails(dict(), 'update', [list(tuple(1))], 'update: dictionary update sequence element #0 has length 1, want 2');
    fails(new StarlarkDict(), 'popitem', [], 'popitem: empty dict');
  });
});

describe('set methods', () => {
  test('combine sets with any iterables', () => {
    const s = setFrom([3, 11, 5]);
    shows(s, 'union', [list(7), tuple(3)], 'set([3, 11, 5, 7])');
    shows(s, 'intersection', [list(11, 3)], 'set([11, 3])');
    shows(s, 'difference', [list(3)], 'set([11, 5])');
    shows(s, 'symmetric_difference', [list(11, 7)], 'set([3, 5, 7])');
    shows(s, 'isdisjoint', [list(1)], 'True');
    fails(s, 'union', [1], 'union: argument #1 is not iterable: int');
    fails(s, 'remove', [1], 'remove: missing key');
  });
});

describe('attributes', () => {
  test('offer the near name, and what to write for methods of Python', () => {
    assert.throws(() => getAttribute('abc', 'startwith'), {
      message: 'string has no .startwith field or method (did you mean .startswith?)',
    });
    assert.throws(() => getAttribute(list(1), 'sort'), {
      notes: ['value: [1]', 'Use xs = sorted(xs): a list has no method that sorts it.'],
    });
    const message = new StarlarkDict();
    message.set('text', 'hello');
    assert.throws(() => getAttribute(message, 'text'), {
      message: 'dict has no .text field or method (did you mean ["text"]?)',
    });
    const page = new StarlarkStruct([
      ['status', 200],
      ['text', ''],
    ]);
    assert.throws(() => getAttribute(page, 'status_code'), {
      message: 'struct has no .status_code field or method (did you mean .status?)',
      notes: ['It has .status, .text.'],
    });
    assert.throws(() => getAttribute(null, 'x'), { code: 'ATTRIBUTE', message: 'NoneType has no .x field or method' });
  });

  test("never reach JavaScript's own properties", () => {
    for (const value of ['s', 5, 1.5, true, list(), new StarlarkDict(), new StarlarkBytes(new Uint8Array(1))])
      for (const name of ['constructor', '__proto__', 'toString', 'length', 'items', 'map', 'lock', 'valueOf', 'data'])
        if (!attributeNames(value).includes(name))
          assert.throws(() => getAttribute(value, name), { code: 'ATTRIBUTE' });
    assert.throws(() => setAttribute(list(), '__proto__', 1), { message: "can't assign to .__proto__ field of list" });
  });

  test("bound methods print their receiver's type and can be called later", () => {
    const xs = list();
    const append = getAttribute(xs, 'append');
    assert.equal(repr(append), '<built-in method append of list value>');
    shows(new StarlarkDict(), 'get', [1, append], '<built-in method append of list value>');
  });

  test("calls with wrong arguments are told in starlark-go's words, with the usage", () => {
    fails('a', 'startswith', [], 'startswith: got 0 arguments, want at least 1');
    fails('a', 'upper', [1], 'upper: got 1 arguments, want 0');
    fails('a', 'split', [','], 'split: unexpected keyword arguments', [['maxsplit', 1]]);
    assert.throws(() => callMethod('a', 'replace', ['x']), { notes: ['usage: replace(old, new, count=-1)'] });
  });
});
