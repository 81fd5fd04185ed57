import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { defaultDialect } from '../syntax/dialect.ts';
import { parse } from '../syntax/parse.ts';
import { Source } from '../syntax/source.ts';
import { format } from './format.ts';

function formatted(text: string): string {
  const { text: result, diagnostics } = format(text);
  assert.ok(result !== null, diagnostics.map((found) => found.message).join('; '));
  return result;
}

/** A tree without places, in which a bigint or bytes compare by value. */
function meaning(text: string): { body: string; comments: string[] } {
  const { file, diagnostics } = parse(new Source('t.star', text), defaultDialect);
  assert.deepEqual(diagnostics, [], text);
  const body = JSON.stringify(file.body, (key, value) => {
    if (key === 'start' || key === 'end' || key === 'operatorStart' || key === 'parenthesis') return undefined;
    return typeof value === 'bigint' ? `${value}n` : value;
  });
  return { body, comments: file.comments.map((comment) => comment.text.trimEnd()) };
}

function checkRoundTrip(text: string): void {
  const once = formatted(text);
  assert.deepEqual(meaning(once), meaning(text), `meaning of:\n${text}\nbecame:\n${once}`);
  assert.equal(formatted(once), once, `not idempotent:\n${text}`);
  assert.doesNotMatch(once.replaceAll(/"""[\s\S]*?"""|'''[\s\S]*?'''/g, '""'), /[ \t]+$/m, 'blanks at a line end');
}

const cases: readonly (readonly [string, string, string])[] = [
  ['spaces and quotes', `x=f( a,b = 'c' )[ 1:2 ]+-y\n`, `x = f(a, b = "c")[1:2] + -y\n`],
  [
    'quotes that need escapes stay',
    `x = ['a"b', 'it\\'s', r'\\d', b'x', '''d''']\n`,
    `x = ['a"b', "it's", r"\\d", b"x", """d"""]\n`,
  ],
  ['f-strings stay', `x = f'{a["b"]!r:>{w}}'\n`, `x = f'{a["b"]!r:>{w}}'\n`],
  ['a broken bracket is spread', 'f(a,\n  b)\n', 'f(\n    a,\n    b,\n)\n'],
  ['an unbroken bracket stays', 'f([\n1], {\n"a":1})\n', 'f([\n    1,\n], {\n    "a": 1,\n})\n'],
  ['parameters', 'def f(a,b:int=1,*,c,**d)->str: pass\n', 'def f(a, b: int = 1, *, c, **d) -> str:\n    pass\n'],
  [
    'spread parameters stand apart from the body',
    'def f(a,\n b=1):\n  c\n',
    'def f(\n        a,\n        b = 1):\n    c\n',
  ],
  ['one blank line around functions', 'a\ndef f():\n  b\n\n\n\nc\nd\n', 'a\n\ndef f():\n    b\n\nc\nd\n'],
  ['semicolons', 'if a: b; c\nelse: d;\n', 'if a:\n    b\n    c\nelse:\n    d\n'],
  [
    'comments of a block',
    'if a:#x\n #y\n b #z\n #w\n#v\nelse: #u\n c\n#t\n',
    'if a:  #x\n    #y\n    b  #z\n    #w\n#v\nelse:  #u\n    c\n#t\n',
  ],
  [
    'comments in brackets',
    'x = [ # a\n# b\n1, # c\n2 # d\n# e\n]\n',
    'x = [  # a\n    # b\n    1,  # c\n    2,  # d\n    # e\n]\n',
  ],
  ['groups of a dict', '{\n"a":1,\n\n# two\n"b":2}\n', '{\n    "a": 1,\n\n    # two\n    "b": 2,\n}\n'],
  ['operators break where the author broke', 'x = (a+\n b)\n', 'x = (\n    a +\n    b\n)\n'],
  ['comprehension', '[a\nfor a in b if c]\n', '[\n    a\n    for a in b\n    if c\n]\n'],
  ['method chains', '(a.b()\n.c(\n).d)\n', '(\n    a.b()\n    .c(\n    ).d\n)\n'],
  ['tuples', 'x=(1,)\na,b=(c,d)\nfor(e,f)in g:pass\n', 'x = (1,)\na, b = (c, d)\nfor (e, f) in g:\n    pass\n'],
  ['backslashes are joined', 'x = a + \\\n  b\n', 'x = a + b\n'],
  ['an integer before a dot', 'x = 1 .a\n', 'x = 1 .a\n'],
  ['load', "load('m', 'a',b='c')\n", 'load("m", "a", b = "c")\n'],
  [
    'elif',
    'if a:\n b\nelif c:\n d\nelse:\n if e:\n  f\n',
    'if a:\n    b\nelif c:\n    d\nelse:\n    if e:\n        f\n',
  ],
  ['carriage returns', 'a\r\n\r\n\r\n"""x\r\ny"""\r\n', 'a\n\n"""x\ny"""\n'],
  ['nothing', '\n\n', ''],
  ['only comments', '\n# a\n\n\n# b', '# a\n\n# b\n'],
];

for (const [name, before, after] of cases) {
  test(`formats: ${name}`, () => {
    assert.equal(formatted(before), after);
    checkRoundTrip(before);
  });
}

test('comments in the oddest places survive', () => {
  const texts = [
    'f( # 1\n)\n',
    'x = ( # 1\n a # 2\n + # 3\n b # 4\n) # 5\n',
    '{ # 1\n a # 2\n : # 3\n b # 4\n , # 5\n}\n',
    'def f( # 1\n a, # 2\n b # 3\n ) : # 4\n  # 5\n  pass\n  # 6\n',
    'def f(\n # 1\n): pass\n',
    'x = a[ # 1\n 1 # 2\n : # 3\n 2 # 4\n]\n',
    '[ # 1\n x # 2\n for # 3\n x # 4\n in # 5\n y # 6\n if # 7\n z # 8\n]\n',
    'x = (lambda # 1\n a # 2\n : # 3\n a) # 4\n',
    'x = (a # 1\n if # 2\n b # 3\n else # 4\n c)\n',
    'x = (a # 1\n . # 2\n b # 3\n ( # 4\n c # 5\n = # 6\n d))\n',
    'x = (not # 1\n a, - # 2\n b, * # 3\n c)\n'.replace(', * # 3\n c', ''),
    'f(* # 1\n a, ** # 2\n b)\n',
    'x = (1, # 1\n)\n',
    'load( # 1\n "m", # 2\n # 3\n a = # 4\n "b" # 5\n)\n',
    'if a:\n    b\n        # deep\n  # shallow\nelif c: d # e\n# f\nelse:\n  g\n',
    '# a\n\n# b\ndef f():\n  # c\n\n  # d\n  pass\n\n\n  # e\n\n# f\n\n\ndef g(): pass # h\n',
  ];
  for (const text of texts) checkRoundTrip(text);
});

function starFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.star'))
    .map((name) => join(folder, name));
}

/** Every program of the package that parses: the corpus of the specification, the benchmarks, and their chunks. */
function corpus(): string[] {
  const root = join(import.meta.dirname, '../..');
  return [...starFiles(join(root, 'test')), ...starFiles(join(root, 'bench'))]
    .flatMap((file) => readFileSync(file, 'utf8').split(/^---$/m))
    .filter((text) => parse(new Source('t.star', text), defaultDialect).diagnostics.length === 0);
}

test('every program of the package keeps its meaning and formats to itself', () => {
  const texts = corpus();
  assert.ok(texts.length > 50, `${texts.length} programs`);
  for (const text of texts) checkRoundTrip(text);
});

test('programs whose lines are broken and commented at random keep their meaning', () => {
  let seed = 20_261_123;
  const random = (limit: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return (seed >>> 8) % limit;
  };
  const texts = corpus();
  for (let round = 0; round < 300; round++) {
    const text = texts[random(texts.length)] ?? '';
    const shaken = text
      .split('\n')
      .map((line) => {
        const choice = random(8);
        if (choice === 0) return `${line}\n`;
        if (choice === 1) return `${line} # ${random(100)}`;
        if (choice === 2) return line.replace(/([([{,])(?=[^"']*$)/, `$1 # ${random(100)}\n`);
        if (choice === 3) return line.replace(/([([{,])(?=[^"']*$)/, '$1\n   ');
        if (choice === 4) return line.replace(/ ([-+*<]|and|or|==) (?=[^"']*$)/, ' $1\n ');
        return line;
      })
      .join('\n');
    if (parse(new Source('t.star', shaken), defaultDialect).diagnostics.length > 0) continue;
    checkRoundTrip(shaken);
  }
});

test('a program that does not parse is returned as diagnostics', () => {
  const { text, diagnostics } = format('x = = 1\n', { file: 'bad.star' });
  assert.equal(text, null);
  assert.equal(diagnostics[0]?.file, 'bad.star');
});
