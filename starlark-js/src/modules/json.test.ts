import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Builtin } from '../value/builtin.ts';
import { StarlarkDict } from '../value/dict.ts';
import { StarlarkFloat } from '../value/float.ts';
import { StarlarkList } from '../value/list.ts';
import { repr } from '../value/repr.ts';
import { StarlarkStruct } from '../value/struct.ts';
import { StarlarkTuple } from '../value/tuple.ts';
import type { NamedArgument, Value } from '../value/value.ts';
import { jsonModule } from './json.ts';
import { decodeJson } from './json-decode.ts';
import { encodeJson } from './json-encode.ts';

function call(name: string, positional: Value[], named: NamedArgument[] = []): Value {
  const member = jsonModule.getAttribute(name);
  assert.ok(member instanceof Builtin);
  return member.call(positional, named);
}

const dictOf = (...entries: [Value, Value][]): StarlarkDict => {
  const dict = new StarlarkDict();
  for (const [key, value] of entries) dict.set(key, value);
  return dict;
};

describe('json.decode', () => {
  const reads = (text: string, expected: string): void => assert.equal(repr(decodeJson(text)), expected, text);
  const fails = (text: string, message: string): void =>
    assert.throws(() => decodeJson(text), { code: 'JSON', message: `json.decode: ${message}` }, text);

  test('tells ints from floats, however long', () => {
    reads('[1, 1.0, 2e3, -0, -0.0, 1E5, 0.1, 1.]', '[1, 1.0, 2000.0, 0, -0.0, 100000.0, 0.1, 1.0]');
    reads(
      '[12345678901234567890, 9007199254740993, 123456789012345.00000001]',
      '[12345678901234567890, 9007199254740993, 1.23456789012345e+14]',
    );
    reads('[0.30000000000000004, 1234.5678, 5e-324]', '[0.30000000000000004, 1234.5678, 5e-324]');
  });

  test('reads every short decimal as JavaScript would', () => {
    let seed = 7;
    for (let i = 0; i < 20_000; i++) {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      const text = `${seed % 100000}.${`${seed}`.slice(0, 1 + (i % 9))}`;
      const value = decodeJson(text);
      assert.equal(value instanceof StarlarkFloat ? value.value : value, Number(text), text);
    }
  });

  test('keeps the order of keys, and the last of equal ones', () => {
    reads('{"10": 1, "__proto__": 2, "1": 3, "10": 4}', '{"10": 4, "__proto__": 2, "1": 3}');
    reads(
      '[{"a":1,"b":2},{"a":3,"b":4},{"b":5},{"a":6,"c":7,"b":8}]',
      '[{"a": 1, "b": 2}, {"a": 3, "b": 4}, {"b": 5}, {"a": 6, "c": 7, "b": 8}]',
    );
    reads('[{"a\\u0062":1},{"ab":2},{"a":3}]', '[{"ab": 1}, {"ab": 2}, {"a": 3}]');
  });

  test('reads escapes, and makes half a pair a replacement character', () => {
    reads('"\\u00e9\\ud83d\\ude00\\n\\/"', '"é😀\\n/"');
    reads('"\\ud83dx"', '"\ufffdx"');
    reads('"a\nb"', '"a\\nb"');
  });

  test("tells where and why a text is no JSON, in starlark-go's words", () => {
    fails('', 'at offset 0, unexpected end of file');
    fails('[1,]', "at offset 3, unexpected character ']'");
    fails('[1 2]', "at offset 3, got '2', want ',' or ']'");
    fails('{"a" 1}', "at offset 5, after object key, got '1', want ':'");
    fails('{"a":1]', "at offset 6, in object, got ']', want ',' or '}'");
    fails('{1:2}', 'at offset 2, got int for object key, want string');
    fails('nul', "at offset 0, unexpected character 'n'");
    fails('[1] x', "at offset 4, unexpected character 'x' after value");
    fails('"abc', 'at offset 0, unclosed string literal');
    for (const number of ['01', '-', '1.5e', '1.5.5', '1-2', '-01', '1e400'])
      fails(number, `at offset ${number.length}, invalid number: ${number}`);
  });

  test('gives the default for bad JSON, and only for that', () => {
    assert.equal(call('decode', ['x'], [['default', 5]]), 5);
    assert.equal(call('decode', ['x', null]), null);
    assert.throws(() => call('decode', [1, null]), { message: 'json.decode: for parameter x: got int, want string' });
  });

  test('refuses 100,000 open brackets with an ordinary error', () => {
    assert.throws(() => decodeJson('['.repeat(100_000)), { code: 'JSON', message: /nested more than 500 levels deep/ });
    assert.throws(() => decodeJson('{"a":'.repeat(100_000)), { code: 'JSON' });
  });
});

describe('json.encode', () => {
  test('writes sorted keys, and floats as floats', () => {
    const value = dictOf(
      ['b', new StarlarkTuple([1, new StarlarkFloat(2), 0.5, null, true])],
      ['a', new StarlarkList([])],
      ['\u{1f600}', 2n ** 80n],
    );
    assert.equal(encodeJson(value), '{"a":[],"b":[1,2.0,0.5,null,true],"\u{1f600}":1208925819614629174706176}');
    assert.equal(
      encodeJson(
        new StarlarkStruct([
          ['y', 1],
          ['x', 'a'],
        ]),
      ),
      '{"x":"a","y":1}',
    );
    assert.equal(
      encodeJson(new StarlarkList([dictOf(['b', 1], ['a', 2]), dictOf(['b', 3], ['a', 4]), dictOf(['a', 5])])),
      '[{"a":2,"b":1},{"a":4,"b":3},{"a":5}]',
    );
  });

  test('escapes what HTML and JavaScript would take amiss', () => {
    assert.equal(encodeJson('é\u2028<>&"\\\n\t\x00\x7f/'), '"é\\u2028\\u003c\\u003e\\u0026\\"\\\\\\n\\t\\u0000\x7f/"');
    assert.equal(encodeJson(`${'a'.repeat(100)}<`), `"${'a'.repeat(100)}\\u003c"`);
  });

  test('names the place of what has no JSON', () => {
    const value = dictOf(['a', dictOf(['b', new StarlarkTuple([1, jsonModule.getAttribute('encode')!])])]);
    assert.throws(() => encodeJson(value), {
      message:
        'json.encode: in dict key "a": in dict key "b": at tuple index 1: cannot encode builtin_function_or_method as JSON',
    });
    assert.throws(() => encodeJson(dictOf([1, 2])), { message: 'json.encode: dict has int key, want string' });
    assert.throws(() => encodeJson(new StarlarkFloat(Number.NaN)), {
      message: 'json.encode: cannot encode non-finite float nan',
    });
  });

  test('refuses cycles and bottomless data', () => {
    const list = new StarlarkList([]);
    list.append(list);
    assert.throws(() => encodeJson(list), { message: 'json.encode: at list index 0: cycle in JSON structure' });
    let deep = new StarlarkList([]);
    for (let i = 0; i < 100_000; i++) deep = new StarlarkList([deep]);
    assert.throws(() => encodeJson(deep), { code: 'JSON', message: /nested more than 500 levels deep/ });
  });
});

describe('json.indent', () => {
  test('lays out lines as starlark-go does', () => {
    assert.equal(
      call(
        'indent',
        ['{"a":[1, 2],"b":{}, "c" : [] , "d":"x y"}'],
        [
          ['prefix', '>'],
          ['indent', ' '],
        ],
      ),
      '{\n> "a": [\n>  1,\n>  2\n> ],\n> "b": {},\n> "c": [],\n> "d": "x y"\n>}',
    );
    assert.equal(call('encode_indent', [dictOf(['a', new StarlarkList([1])])]), '{\n\t"a": [\n\t\t1\n\t]\n}');
    assert.throws(() => call('indent', ['{"a":1']), { message: 'json.indent: at offset 6, unexpected end of file' });
  });
});
