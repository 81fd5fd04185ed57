import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { getAttribute } from '../builtins/attribute.ts';
import { universe } from '../builtins/universe.ts';
import { decodeJson } from '../modules/json-decode.ts';
import { encodeJson } from '../modules/json-encode.ts';
import type { Builtin } from './builtin.ts';
import { StarlarkCallable } from './callable.ts';
import { lessThan } from './compare.ts';
import { getIndex } from './indexing.ts';
import { StarlarkList } from './list.ts';
import { repr } from './repr.ts';
import { fromUnicode, toUnicode, useByteStrings } from './string-unit.ts';
import type { NamedArgument, Value } from './value.ts';

function inBytes(body: () => void): void {
  const before = useByteStrings(true);
  try {
    body();
  } finally {
    useByteStrings(before);
  }
}

/** `v.name(…)`. */
function callMethod(v: Value, name: string, positional: Value[], named: NamedArgument[] = []): Value {
  const method = getAttribute(v, name);
  assert.ok(method instanceof StarlarkCallable);
  return method.call(positional, named);
}

const call = (name: string, ...positional: Value[]): Value => (universe.get(name) as Builtin).call(positional, []);
const method = (s: string, name: string, ...positional: Value[]): Value => callMethod(fromUnicode(s), name, positional);
const text = (v: Value): string => toUnicode(v as string);

describe('strings of bytes, as starlark-go has them', () => {
  test('have the length and the order of their UTF-8 form', () =>
    inBytes(() => {
      assert.equal(call('len', fromUnicode('é😀')), 6);
      assert.ok(lessThan(fromUnicode('\uffff'), fromUnicode('\u{10000}')));
      assert.equal(text(repr(getIndex(fromUnicode('é'), 0))), '"\\xc3"');
      assert.equal(text(repr(fromUnicode('é"😀'))), '"é\\"😀"');
    }));

  test('are seen as characters where the language speaks of characters', () =>
    inBytes(() => {
      assert.equal(call('ord', fromUnicode('😀')), 128512);
      assert.equal(text(call('chr', 233)), 'é');
      assert.equal(call('hash', fromUnicode('é')), 233);
      assert.equal(text(method('éà', 'upper')), 'ÉÀ');
      assert.equal(method('éà', 'isalpha'), true);
      assert.equal(text(method('àbà', 'strip', fromUnicode('à'))), 'b');
      assert.equal(text(method(' à ', 'strip')), 'à');
      assert.equal(text(method('éa', 'replace', '', '-')), '-é-a-');
      assert.equal(text(repr(call('list', method('é😀', 'codepoints')))), '["é", "😀"]');
      assert.equal(call('len', call('list', method('é😀', 'elems'))), 6);
    }));

  test('know the spaces that take several bytes, and keep broken ones', () =>
    inBytes(() => {
      assert.equal(text(method('\u2028\u00a0 à \u3000\u0085', 'strip')), 'à');
      assert.equal(text(repr(method('a\u2003b\u00a0à ', 'split'))), '["a", "b", "à"]');
      assert.equal(
        text(repr(method('a\u2003b c', 'rsplit', null, 1))),
        '["a\u2003b", "c"]'.replace('\u2003', '\\u2003'),
      );
      assert.equal(method('\u2003 ', 'isspace'), true);
      assert.equal(callMethod('\xc3 ', 'strip', []), '\xc3');
    }));

  test('keep a byte that is no UTF-8 when characters are taken off or put between', () =>
    inBytes(() => {
      const broken = `\xc3${fromUnicode('é')}`;
      assert.equal(callMethod(broken, 'strip', [fromUnicode('àé')]), '\xc3');
      assert.equal(callMethod(broken, 'lstrip', [fromUnicode('\ufffd')]), fromUnicode('é'));
      assert.equal(callMethod(broken, 'replace', ['', '-']), `-\xc3-${fromUnicode('é')}-`);
      assert.equal(callMethod(broken, 'count', ['']), 3);
      assert.equal(text(encodeJson(`<\xc3${fromUnicode('\ufffd')}`)), '"\\u003c\\ufffd\ufffd"');
    }));

  test('go through bytes and JSON unchanged', () =>
    inBytes(() => {
      assert.equal(text(call('str', call('bytes', fromUnicode('é')))), 'é');
      assert.equal(text(encodeJson(new StarlarkList([fromUnicode('é\u2028')]))), '["é\\u2028"]');
      assert.equal(text(decodeJson(fromUnicode('"é\\u00e9\\ud83d\\ude00"'))), 'éé😀');
    }));
});
