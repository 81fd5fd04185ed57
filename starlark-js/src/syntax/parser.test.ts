import assert from 'node:assert/strict';
import test from 'node:test';
import type { Expression, File, Statement } from './ast.ts';
import { createDialect, type Dialect, defaultDialect, strictDialect } from './dialect.ts';
import { parse } from './parse.ts';
import { Source } from './source.ts';

function parsed(text: string, dialect: Dialect = defaultDialect): File {
  const { file, diagnostics } = parse(new Source('t.star', text), dialect);
  assert.deepEqual(diagnostics, [], text);
  return file;
}

function errors(text: string, dialect: Dialect = defaultDialect): string[] {
  return parse(new Source('t.star', text), dialect).diagnostics.map(
    (found) => `${found.line}:${found.column}: ${found.message}`,
  );
}

function statement(text: string): Statement {
  const [first] = parsed(text).body;
  assert.ok(first);
  return first;
}

function expression(text: string): Expression {
  const first = statement(text);
  assert.equal(first.kind, 'ExpressionStatement');
  return first.kind === 'ExpressionStatement' ? first.expression : assert.fail();
}

/** An expression with its structure shown by brackets. */
function shape(node: Expression): string {
  switch (node.kind) {
    case 'Binary':
      return `(${shape(node.left)} ${node.operator} ${shape(node.right)})`;
    case 'Unary':
      return `(${node.operator} ${shape(node.operand)})`;
    case 'Conditional':
      return `(${shape(node.then)} if ${shape(node.test)} else ${shape(node.otherwise)})`;
    case 'Parenthesized':
      return shape(node.expression);
    case 'Name':
      return node.name;
    case 'Int':
      return String(node.value);
    case 'Dot':
      return `${shape(node.object)}.${node.name.name}`;
    case 'Index':
      return `${shape(node.object)}[${shape(node.index)}]`;
    case 'Call':
      return `${shape(node.callee)}(${node.arguments.length})`;
    case 'Tuple':
      return `<${node.items.map(shape).join(' ')}>`;
    case 'Lambda':
      return `(λ ${shape(node.body)})`;
    default:
      return node.kind;
  }
}

test('operators bind as the grammar says', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['1 + 2 * 3', '(1 + (2 * 3))'],
    ['1 - 2 - 3', '((1 - 2) - 3)'],
    ['not a == b', '(not (a == b))'],
    ['not a and not b or c', '(((not a) and (not b)) or c)'],
    ['a | b ^ c & d << e + f', '(a | (b ^ (c & (d << (e + f)))))'],
    ['-a * b', '((- a) * b)'],
    ['- - a', '(- (- a))'],
    ['-a.b[c](d)', '(- a.b[c](1))'],
    ['a not in b', '(a not in b)'],
    ['a if b else c if d else e', '(a if b else (c if d else e))'],
    ['lambda: a if b else c', '(λ (a if b else c))'],
    ['a, b if c else d', '<a (b if c else d)>'],
    ['a < b and c < d', '((a < b) and (c < d))'],
    ['1 .x', '1.x'],
    ['(a, b)[0]', '<a b>[0]'],
  ];
  for (const [text, expected] of cases) assert.equal(shape(expression(text)), expected, text);
});

test('spans cover exactly the text of a node', () => {
  const text = 'x = f(a, *b)[1:] if (y) else {k: v}\n';
  const node = statement(text);
  assert.equal(text.slice(node.start, node.end), text.trim());
  assert.ok(node.kind === 'Assign' && node.value.kind === 'Conditional');
  const { then, test: condition, otherwise } = node.value;
  assert.deepEqual(
    [then, condition, otherwise].map((part) => text.slice(part.start, part.end)),
    ['f(a, *b)[1:]', '(y)', '{k: v}'],
  );
});

test('an elif is an if alone in the branch before it', () => {
  const text = 'if a:\n  b\nelif c:\n  d\nelse:\n  e\n';
  const node = statement(text);
  assert.ok(node.kind === 'If' && node.otherwise.length === 1);
  const [inner] = node.otherwise;
  assert.ok(inner?.kind === 'If');
  assert.ok(text.startsWith('elif', inner.start));
  assert.equal(inner.otherwise.length, 1);
});

test('parameters of every kind are told apart', () => {
  const node = statement('def f(a, b: int, c=1, *, d: str = "x", **e) -> list[int]:\n  return a\n');
  assert.ok(node.kind === 'Def');
  assert.deepEqual(
    node.parameters.map((parameter) => parameter.kind),
    ['Parameter', 'Parameter', 'Parameter', 'KeywordOnlyMarker', 'Parameter', 'KwargsParameter'],
  );
  assert.equal(node.returnType?.kind, 'Index');
});

test('an f-string holds its texts, its expressions and their specs', () => {
  const node = expression(`f"a{{b}} {x!r:>{w}.2f} {d["k"] + f'{y}'} {z=}\\n"`);
  assert.ok(node.kind === 'FormattedString');
  const [text, first, , second, , debug, third, end] = node.parts;
  assert.equal(text, 'a{b} ');
  assert.ok(typeof first === 'object' && first.conversion === 'r');
  assert.equal(first.spec.length, 3);
  assert.equal(first.spec[0], '>');
  assert.equal(first.spec[2], '.2f');
  assert.ok(typeof second === 'object' && second.expression.kind === 'Binary');
  assert.equal(debug, 'z=');
  assert.ok(typeof third === 'object' && third.conversion === 'r');
  assert.equal(end, '\n');
});

test('faults inside an f-string are reported at their place', () => {
  assert.deepEqual(errors('x = f"{}"'), ['1:8: f-string: empty expression not allowed']);
  assert.deepEqual(errors('x = f"a}"'), ["1:8: f-string: single '}' is not allowed"]);
  assert.deepEqual(errors('x = f"{a!x}"'), ['1:10: f-string: conversion must be !r or !s']);
  assert.deepEqual(errors('x = f"{a b}"'), ["1:10: got identifier, want '}'"]);
  assert.deepEqual(errors('x = f"{a:{b:{c}}}"'), ['1:13: f-string: expressions nested too deeply']);
  assert.deepEqual(errors('x = f"{a'), ["1:9: got end of file, want '}'"]);
});

test('every broken statement of a file is reported, and the sound ones are kept', () => {
  const text = 'a = 1\nb = = 2\nc = (1, 2\nd = 3\ndef f(:\n  x = ]\n  return 1\nif a\n  e = 4\nf = 5 5\ng = 6\n';
  const { file, diagnostics } = parse(new Source('t.star', text), defaultDialect);
  assert.deepEqual(
    diagnostics.map((found) => `${found.line}: ${found.message}`),
    [
      "2: got '=', want primary expression",
      "4: got identifier, want ')'",
      "5: got ':', want ')'",
      "6: unexpected ']'",
      "8: got newline, want ':'",
      '10: got int literal, want newline',
    ],
  );
  assert.deepEqual(
    file.body.map((node) => text.slice(node.start, node.end).split('\n')[0]),
    ['a = 1', 'd = 3', 'if a', 'f = 5', 'g = 6'],
  );
});

test('a bracket that is never closed is pointed out', () => {
  const { diagnostics } = parse(new Source('t.star', 'x = foo(1,\n  [2,\ndef g():\n  pass\n'), defaultDialect);
  assert.equal(diagnostics.length, 1);
  assert.equal(diagnostics[0]?.line, 3);
  assert.deepEqual(
    diagnostics[0]?.notes?.map((note) => [note.message, note.location?.line, note.location?.column]),
    [['this [ is never closed', 2, 3]],
  );
});

test('assignment targets, arguments and parameters are checked without knowing names', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['f() = 1', "1:1: can't assign to callexpr"],
    ['[a, 1] = x', "1:5: can't assign to literal"],
    ['a + b = 1', "1:1: can't assign to binaryexpr"],
    ['x[1:2] = y', "1:1: can't assign to sliceexpr"],
    ['a, b += 1', "1:1: can't use tuple expression in augmented assignment"],
    ['[x for 1 in y]', "1:8: can't assign to literal"],
    ['f(a=1, 2)', '1:8: positional argument may not follow named'],
    ['f(*a, b)', '1:7: positional argument may not follow *args'],
    ['f(**a, *b)', '1:8: *args may not follow **kwargs'],
    ['f(a=1, a=2)', '1:8: keyword argument "a" is repeated'],
    ['f(1=2)', '1:4: keyword argument must have form name=expr'],
    ['def f(a=1, b): pass', '1:12: required parameter may not follow optional'],
    ['def f(a, a): pass', '1:10: duplicate parameter: a'],
    ['def f(*): pass', '1:7: bare * must be followed by keyword-only parameters'],
    ['def f(**k, a): pass', '1:12: required parameter may not follow **k'],
    ['lambda **k, *a: 1', '1:13: * parameter may not follow **k'],
    ['return 1', '1:1: return statement not within a function'],
    ['break', '1:1: break not in a loop'],
    ['for x in y:\n  def f():\n    continue', '3:5: continue not in a loop'],
    ['def f():\n  load("a", "b")', '2:3: load statement within a function'],
    ['if x:\n  load("a", "b")', '2:3: load statement within a conditional'],
    ['load("a")', '1:1: load statement must import at least 1 symbol'],
    ['load(a, "b")', '1:6: first operand of load statement must be a string literal'],
    ['load("a", b)', `1:11: load operand must be "b" or b="originalname" (want '=' after b)`],
    ['load("a", "_b")', '1:11: load: names with leading underscores are not exported: _b'],
    ['load("a", "b\\"+c")', '1:11: load: "b\\"+c" is not an identifier'],
    ['x = 1,', '1:6: unparenthesized tuple with trailing comma'],
    ['print(1 if 2)', '1:9: conditional expression without else clause'],
    ['[x for x in 1, 2]', "1:14: got ',', want ']', for, or if"],
    ['[x for x in lambda: 0]', '1:13: got lambda, want primary expression'],
    ['if True:\n# c\n', '3:1: got end of file, want indent'],
    ['  x = 1', '1:3: got indent, want primary expression'],
  ];
  for (const [text, expected] of cases) assert.deepEqual(errors(text), [expected], text);
});

test('each switch of the dialect has its own error', () => {
  const text = 'while x: pass\n';
  assert.deepEqual(errors(text, createDialect({ while: false })), [
    '1:1: this Starlark dialect does not support while loops',
  ]);
  assert.deepEqual(errors(text, createDialect({ topLevelControl: false })), ['1:1: while loop not within a function']);
  assert.deepEqual(errors('for x in y: pass', strictDialect), ['1:1: for loop not within a function']);
  assert.deepEqual(errors('def f():\n  for x in y: pass', strictDialect), []);
  assert.deepEqual(errors('x = f"{y}"', strictDialect), ['1:5: this Starlark dialect does not support f-strings']);
  assert.deepEqual(errors('def f(x: int) -> str: pass\ny: int = 1', strictDialect), [
    '1:8: this Starlark dialect does not support type annotations',
    '1:15: this Starlark dialect does not support type annotations',
    '2:2: this Starlark dialect does not support type annotations',
  ]);
});

test('a dialect with an unknown switch is refused by name', () => {
  assert.throws(() => createDialect(JSON.parse('{"whiles": true}')), /no switch "whiles"/);
});

test('input that nests without end is an ordinary error', () => {
  const deep = 10_000;
  const cases = [
    '('.repeat(deep),
    `${'['.repeat(deep)}${']'.repeat(deep)}`,
    '{1:'.repeat(deep),
    'f('.repeat(deep),
    'a['.repeat(deep),
    `x = ${'-'.repeat(deep)}1`,
    `x = ${'not '.repeat(deep)}1`,
    `x = ${'lambda: '.repeat(deep)}1`,
    `x = ${'1 if 2 else '.repeat(deep)}3`,
    `x = ${'1 + '.repeat(deep)}1`,
    `x = a${'.b'.repeat(deep)}`,
    `x = a${'()'.repeat(deep)}`,
    `x = [${'a for b in c '.repeat(1)}${'for b in c '.repeat(deep)}]`,
    `x = ${'f"{'.repeat(deep)}`,
    `if a: pass\n${'elif a: pass\n'.repeat(deep)}`,
    Array.from({ length: 300 }, (_, level) => `${' '.repeat(level)}if x:\n`).join(''),
  ];
  for (const text of cases) assert.ok(errors(text).length > 0, text.slice(0, 20));
});

test('a tree is never higher than later phases can recurse', () => {
  const chain = '1 + '.repeat(900);
  const nested = `${'('.repeat(150)}${chain}1${`) + ${chain}1`.repeat(150)}`;
  assert.match(errors(`x = ${nested}`)[0] ?? '', /more than 1000 operators/);
});

test('garbage stops being read after a hundred findings', () => {
  const found = errors('x = = 1\n'.repeat(100_000));
  assert.equal(found.length, 101);
  assert.match(found[100] ?? '', /too many errors/);
});
