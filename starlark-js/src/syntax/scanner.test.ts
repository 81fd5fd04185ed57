import assert from 'node:assert/strict';
import test from 'node:test';
import { type Dialect, defaultDialect, strictDialect } from './dialect.ts';
import { Scanner } from './scanner.ts';
import { Source } from './source.ts';
import * as token from './token.ts';

function scan(
  text: string,
  dialect: Dialect = defaultDialect,
): { tokens: string[]; errors: string[]; scanner: Scanner } {
  const scanner = new Scanner(new Source('t.star', text), dialect);
  const tokens: string[] = [];
  do {
    scanner.next();
    tokens.push(describe(scanner));
  } while (scanner.kind !== token.END_OF_FILE);
  const errors = scanner.diagnostics.map((found) => `${found.line}:${found.column}: ${found.message}`);
  return { tokens, errors, scanner };
}

function describe(scanner: Scanner): string {
  switch (scanner.kind) {
    case token.NAME:
      return scanner.string;
    case token.STRING:
      return JSON.stringify(scanner.string);
    case token.INT:
    case token.FLOAT:
      return String(scanner.number);
    case token.BYTES:
      return `b[${scanner.bytes.join(' ')}]`;
    case token.NEWLINE:
      return '⏎';
    case token.INDENT:
      return '→';
    case token.OUTDENT:
      return '←';
    case token.END_OF_FILE:
      return '∎';
    default:
      return token.tokenText[scanner.kind] ?? '';
  }
}

function literal(text: string, dialect?: Dialect): string {
  const { tokens, errors } = scan(text, dialect);
  return errors[0] ?? tokens[0] ?? '';
}

test('indentation becomes tokens, and lines without code do not count', () => {
  const text = 'if x:\n  a\n\n # note\n    \n  b\nc';
  assert.deepEqual(scan(text).tokens, ['if', 'x', ':', '⏎', '→', 'a', '⏎', 'b', '⏎', '←', 'c', '⏎', '∎']);
});

test('every open block is closed at the end of a file without a final newline', () => {
  assert.deepEqual(
    scan('if x:\n if y:\n  z').tokens.slice(-6),
    ['z', '⏎', '←', '←', '∎'].slice(-6).toSpliced(0, 0, '→'),
  );
});

test('inside brackets newlines, comments and indentation mean nothing', () => {
  assert.deepEqual(scan('x = [ # one\n  1,\n\t2 ]\ny').tokens, ['x', '=', '[', '1', ',', '2', ']', '⏎', 'y', '⏎', '∎']);
});

test('a tab moves to the next multiple of eight columns, and a strict dialect refuses it', () => {
  assert.deepEqual(scan('if x:\n\ta\n        b\n').errors, []);
  assert.deepEqual(scan('if x:\n\ta\n', strictDialect).errors, ['2:1: tab in indentation']);
});

test('an unindent that fits no block is reported once', () => {
  assert.deepEqual(scan('if x:\n    a\n  b\n').errors, ['3:3: unindent does not match any outer indentation level']);
});

test('carriage returns, a byte order mark and a backslash before a newline are white space', () => {
  assert.deepEqual(scan('\ufeffx = \\\r\n 1\r\ny\rz').tokens, ['x', '=', '1', '⏎', 'y', '⏎', 'z', '⏎', '∎']);
});

test('a stray backslash is told apart from one with blanks after it', () => {
  const { scanner } = scan('x = 1 \\ \n');
  assert.match(scanner.diagnostics[0]?.hint ?? '', /remove what stands after it/);
  assert.deepEqual(scan('x \\y').errors, ['1:3: stray backslash in program']);
});

test('operators are taken as long as possible', () => {
  const text = '+ += // //= << <<= >> >>= ** *= -> == != <= >= ^= |= &= %= ~';
  assert.deepEqual(scan(text).tokens.slice(0, -2), text.split(' '));
});

test('integers of every base are exact, and beyond 2^53 they are bigints', () => {
  assert.deepEqual(
    ['0', '00', '123', '0x1F', '0o17', '0b101', '9007199254740991', '9007199254740993', '0xffffffffffffffffff'].map(
      (text) => literal(text),
    ),
    ['0', '0', '123', '31', '15', '5', '9007199254740991', '9007199254740993', '4722366482869645213695'],
  );
  assert.equal(typeof scanned('9007199254740991'), 'number');
  assert.equal(typeof scanned('9007199254740993'), 'bigint');
});

function scanned(text: string): number | bigint {
  const scanner = new Scanner(new Source('t.star', text), defaultDialect);
  scanner.next();
  return scanner.number;
}

test('floats need a dot or an exponent', () => {
  assert.deepEqual(
    ['1.', '.5', '1e3', '1.5e-3', '09.5', '1E+2'].map((text) => literal(text)),
    ['1', '0.5', '1000', '0.0015', '9.5', '100'],
  );
});

test('malformed numbers are named as starlark-go names them', () => {
  assert.equal(literal('0777'), '1:1: obsolete form of octal literal; use 0o777');
  assert.equal(literal('09'), '1:1: invalid int literal');
  assert.equal(literal('0x'), '1:1: invalid hex literal');
  assert.equal(literal('0o8'), '1:1: invalid octal literal');
  assert.equal(literal('1e'), '1:1: invalid float literal');
  assert.equal(literal('1e999'), '1:1: invalid float literal');
});

test('an integer of a million digits is an ordinary error', () => {
  assert.equal(literal('9'.repeat(1_000_000)), '1:1: int literal of more than 300000 digits');
});

test('every form of string and escape has its value', () => {
  const cases: readonly (readonly [string, string])[] = [
    [`'a"b'`, 'a"b'],
    [`"it's"`, "it's"],
    ['"\\a\\b\\f\\n\\r\\t\\v\\\\\\"\\\'"', '\x07\b\f\n\r\t\v\\"\''],
    ['"\\0\\12\\119"', '\0\n\t9'],
    ['"\\x41\\u754c\\U0001F600"', 'A界😀'],
    ['"a\\\nb"', 'ab'],
    ['"a\\\r\nb"', 'ab'],
    ['"""a\n"b" ""c"""', 'a\n"b" ""c'],
    ["'''a\r\nb\rc'''", 'a\nb\nc'],
    ['r"a\\n\\"b"', 'a\\n\\"b'],
    ['r"a\\\nb"', 'a\\\nb'],
    ['r"""a\\\r\nb"""', 'a\\\nb'],
    ['"\u2028\0"', '\u2028\0'],
    ['""', ''],
    ['R"\\d"', '\\d'],
  ];
  for (const [text, value] of cases) assert.equal(literal(text), JSON.stringify(value), text);
});

test('bytes hold the UTF-8 form of their text and any byte by escape', () => {
  assert.equal(literal('b"aé\\xff\\377\\u00e9"'), 'b[97 195 169 255 255 195 169]');
  assert.equal(literal('rb"\\x"'), 'b[92 120]');
  assert.equal(literal("br'''a\r\nb'''"), 'b[97 10 98]');
  assert.equal(literal('b"\\400"'), '1:3: invalid escape sequence \\400');
});

test('bad escapes say what is wrong at their own place', () => {
  assert.equal(literal('"ab\\q"'), '1:4: invalid escape sequence \\q');
  assert.equal(literal('"\\x8"'), '1:2: truncated escape sequence \\x8');
  assert.equal(literal('"\\x80"'), '1:2: non-ASCII hex escape \\x80 (use \\u0080 for the UTF-8 encoding of U+0080)');
  assert.equal(literal('"\\400"'), '1:2: non-ASCII octal escape \\400 (use \\u0100 for the UTF-8 encoding of U+0100)');
  assert.equal(literal('"\\ud800"'), '1:2: invalid Unicode code point U+D800');
  assert.equal(literal('"\\U00110000"'), '1:2: code point out of range: \\U00110000 (max \\U0010ffff)');
});

test('a string that is not closed ends at its line or at the end of the file', () => {
  assert.deepEqual(scan('x = "abc\ny = 1').errors, ['1:5: unexpected newline in string']);
  assert.deepEqual(scan('x = """abc\n\n').errors, ['1:5: unexpected EOF in string']);
  assert.deepEqual(scan('"\\').errors, ['1:2: invalid escape sequence \\', '1:1: unexpected EOF in string']);
  assert.deepEqual(scan('r"\\').errors, ['1:1: unexpected EOF in string']);
});

test('with UTF-8 strings a literal has one character for each byte', () => {
  assert.equal(literal('"é"', { ...defaultDialect, strings: 'utf8' }), JSON.stringify('\u00c3\u00a9'));
});

test('names may hold any letters, and other characters are reported with what to write', () => {
  assert.deepEqual(scan('变量 = é1').tokens, ['变量', '=', 'é1', '⏎', '∎']);
  const { errors, scanner } = scan('x = “a”; y\u00a0= \u2028 \0 ?');
  assert.deepEqual(errors, [
    "1:5: unexpected input character '“'",
    "1:7: unexpected input character '”'",
    "1:11: unexpected input character '\\xa0'",
    "1:14: unexpected input character '\\u2028'",
    "1:16: unexpected input character '\\x00'",
    "1:18: unexpected input character '?'",
  ]);
  assert.equal(scanner.diagnostics[0]?.hint, 'use the straight quote "');
});

test('comments are kept with their place and whether they stand alone', () => {
  const { scanner } = scan('# one\nx = [ # two\n  # three\n]\n#four');
  assert.deepEqual(
    scanner.comments.map((comment) => [comment.text, comment.ownLine, comment.start]),
    [
      ['# one', true, 0],
      ['# two', false, 12],
      ['# three', true, 20],
      ['#four', true, 30],
    ],
  );
});

test('a bracket that closes nothing is reported and passed over', () => {
  assert.deepEqual(scan('x)]\n').errors, ["1:2: unexpected ')'", "1:3: unexpected ']'"]);
});
