import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile, repr, Thread } from '../index.ts';
import { bigintLiteral, numberLiteral, stringLiteral } from './names.ts';

const hostileNames = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'prototype',
  'arguments',
  'eval',
  'this',
  'K',
  'M',
  'P',
  'X',
  't0',
  'function_',
];

const hostileTexts = [
  '"; process.exit(1); "',
  `'\`\${process.exit(1)}`,
  '\u2028\u2029 */ // <!-- --> </script>',
  '\\',
  '\u0000\u0001\u0002',
  '\ud800 \udfff',
  '\r\n',
];

test('a string of a program is only ever data in the generated code', () => {
  for (const text of hostileTexts) {
    assert.equal(JSON.parse(stringLiteral(text)), text);
    assert.match(stringLiteral(text), /^"[\x20-\x7e]*"$/, JSON.stringify(text));
    const source = `x = ${JSON.stringify(text)}\nd = {x: x}\nresult = (d[x] == x, x in d)\n`.replaceAll(
      /\\u([0-9a-f]{4})/g,
      (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)),
    );
    const { program, diagnostics } = compile(source);
    if (program === null) assert.ok(diagnostics.length > 0);
    else assert.equal(repr(program.run(new Thread()).get('result')!), '(True, True)');
  }
});

test('numbers are written as literals that mean the same', () => {
  for (const value of [0, -0, 1, -1, 0.1, 1e300, -5e-324, 2 ** 53 - 1])
    assert.ok(Object.is(Number(numberLiteral(value).replaceAll(/[()]/g, '')), value));
  assert.throws(() => numberLiteral(Number.NaN), RangeError);
  assert.equal(bigintLiteral(-(2n ** 64n)), '(-18446744073709551616n)');
});

test('names that mean something in JavaScript are ordinary variables, parameters, keywords and keys', () => {
  for (const name of hostileNames) {
    const text = `
${name} = 1
def f(${name}, *, k = 0):
    def g():
        return ${name} + k
    return g()
d = {"${name}": 5}
def h(**kw):
    return kw["${name}"]
result = [${name}, f(${name} = 2, k = 3), d["${name}"], h(${name} = 4), dict(${name} = 6)["${name}"], [${name} for ${name} in [7]]]
`;
    const { program, diagnostics } = compile(text);
    assert.deepEqual(diagnostics, [], name);
    const module = program!.run(new Thread());
    assert.equal(repr(module.get('result')!), '[1, 5, 5, 4, 6, [7]]', name);
    assert.equal(module.get(name), 1);
  }
});

test('no attribute reaches a JavaScript property', () => {
  for (const receiver of [
    '""',
    '1',
    '1.5',
    '[]',
    '{}',
    '()',
    'len',
    '(lambda: 1)',
    'None',
    'True',
    'range(3)',
    'set()',
  ]) {
    for (const name of [
      'constructor',
      '__proto__',
      'toString',
      'prototype',
      'length',
      'items_',
      'map',
      'js',
      'code',
      'call',
    ]) {
      const { program } = compile(`x = ${receiver}\nresult = [hasattr(x, "${name}"), getattr(x, "${name}", None)]\n`);
      assert.equal(repr(program!.run(new Thread()).get('result')!), '[False, None]', `${receiver}.${name}`);
      const { program: direct } = compile(`x = ${receiver}\nx.${name}\n`);
      assert.throws(() => direct!.run(new Thread()), { code: 'ATTRIBUTE' }, `${receiver}.${name}`);
      const { program: called } = compile(`x = ${receiver}\nx.${name}()\n`);
      assert.throws(() => called!.run(new Thread()), { code: 'ATTRIBUTE' }, `${receiver}.${name}()`);
    }
  }
});

test('an index that names a JavaScript property is an error or an ordinary key', () => {
  for (const text of ['[1]["length"]', '[1]["constructor"]', '(1,)["length"]', '"abc"["length"]'])
    assert.throws(
      () => compile(`def f(x):\n    for i in range(2):\n        y = ${text}\nf(1)\n`).program!.run(new Thread()),
      { code: /TYPE|INDEX/ },
    );
  const { program } = compile(
    'def f(d, k):\n    for i in range(2):\n        d[k] = d.get(k, 0) + 1\n    return d\nresult = f({}, "__proto__")\n',
  );
  assert.equal(repr(program!.run(new Thread()).get('result')!), '{"__proto__": 2}');
});

test('generated code is made of the shapes that the compiler writes', () => {
  const text =
    'def f(x, y = [1]):\n    for i in range(x):\n        if i in y and not i == 2:\n            y = y + [i * 2.5, "t" + str(i)]\n    return {k: v for k, v in enumerate(y)}\nresult = f(3)\n';
  const withoutStrings = compile(text).program!.code.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""');
  assert.doesNotMatch(
    withoutStrings,
    /\b(eval|import|require|process|globalThis|window|constructor|prototype|__proto__|with|delete|this|async|await)\b/,
  );
  assert.doesNotMatch(withoutStrings, /[`'\n\r\u2028\u2029]/);
});
