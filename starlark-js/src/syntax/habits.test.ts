import assert from 'node:assert/strict';
import test from 'node:test';
import { defaultDialect } from './dialect.ts';
import { parse } from './parse.ts';
import { Source } from './source.ts';

function onlyHint(text: string): string {
  const { diagnostics } = parse(new Source('t.star', text), defaultDialect);
  assert.equal(diagnostics.length, 1, `${text}: ${diagnostics.map((found) => found.message).join('; ')}`);
  return diagnostics[0]?.hint ?? '';
}

test('each habit of Python gets one finding that says what to write instead', () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ['try:\n  x = 1\nexcept Exception as e:\n  x = 2\nelse:\n  y = 1\nfinally:\n  pass\n', /no try\/except/],
    ['class A(object):\n  x = 1\n  def f(self):\n    return self.x\n', /struct\(name = value\)/],
    ['import json', /json needs none/],
    ['import os.path as p', /load\("module.star", "name"\)/],
    ['from os.path import join, split as s', /load\("os\.path\.star", "join", s = "split"\)/],
    ['if x is None:\n  y = 1\nelse:\n  y = 2\n', /write x == None$/],
    ['x = a ** n', /math\.pow\(a, n\)/],
    ['x = 2 ** n', /1 << n/],
    ['x = {**a, **b}', /a \| b$/],
    ['x = f(1) is None', /write == instead of is$/],
    ['try:\n  x = d[k]\nexcept KeyError:\n  x = 1\n', /d\.get\(key, default\)/],
    ['x = a is not b', /write a != b$/],
    ['x = a ** 2', /write a \* a$/],
    ['with open("f") as f:\n  x = f.read()\n', /write f = open\("f"\)/],
    ['def f():\n  yield 1', /append to a list/],
    ['x = [(yield y)]', /append to a list/],
    ['if (n := 3) > 2: pass', /no :=/],
    ['n := 3', /no :=/],
    ['assert x == 1', /if not \(x == 1\): fail\("assertion failed"\)/],
    ['assert f(x, y), "boom"', /if not \(f\(x, y\)\): fail\("boom"\)/],
    ['del d["k"]', /d\.pop\("k"\)/],
    ['del x', /d\.pop\(key\)/],
    ['s = {1, 2}', /set\(\[1, 2\]\)/],
    ['s = {x for x in y}', /set\(\[x for x in y\]\)/],
    ['x = 0 < a < 10', /0 < a and a < 10$/],
    ['def f():\n  global n\n  n = 1\n', /state = \{"n": 0\}/],
    ['def f():\n  nonlocal n\n  n = 1\n', /no nonlocal/],
    ['raise ValueError("bad " + x) from e', /fail\("bad " \+ x\)/],
    ['raise', /fail\("message"\)/],
    ['async def f():\n  return 1\n', /plain def/],
    ['x = await f()', /remove await/],
    ['print "hello", x', /print\("hello", x\)/],
    ['@memo\ndef f(): pass', /write f = memo\(f\)/],
    ['a, *b = c', /write a, b = c\[0\], c\[1:\]$/],
    ['a = [*b, 1]', /join lists with \+/],
    ['a = {**b, "c": 1}', /join dicts with \|, as in/],
    ['x = "a" "b"', /put \+ between/],
    ['if a:\n  x = 1\nelse if b:\n  x = 2\n', /write elif/],
    ['x = sum(a for a in b)', /write a list, \[a for a in b\]/],
    ['x = (a for a in b)', /write a list, \[a for a in b\]/],
    ['x++', /x \+= 1/],
    ['x = a && b', /write and/],
    ['x = a || b', /write or/],
    ['x = !a', /not x/],
    ['x = a <> b', /!=/],
    ['x = a ? b : c', /a if condition else b/],
    ['a = b = c', /once per statement/],
    ['if x = 1:\n  pass\n', /use ==/],
    ['x = 1_000', /no _ between digits/],
    ['x = u"a"', /no u""/],
    ['for x in y:\n  pass\nelse:\n  pass\n', /loops have no else/],
    ['def f():\n  ...', /write pass/],
    ['match x:\n  case 1:\n    pass\n', /if \/ elif \/ else/],
    ['def f(a, /, b): pass', /positional-only/],
    ['[a for a in b if c else d]', /stands before for/],
    ['let x = 1', /write x = 1/],
    ['x: int', /needs a value/],
    ['f("a" = 1)', /without quotes/],
    ['f(*a, b = 1)', /before \*args/],
    ['def f(x) {\n}', /block begins with :/],
  ];
  for (const [text, expected] of cases) assert.match(onlyHint(text), expected, text);
});
