import type { HostileCase } from './case.ts';

export const nested: readonly HostileCase[] = [
  { name: '10,000 nested brackets', source: `x = ${'['.repeat(10000)}${']'.repeat(10000)}`, error: /^SYNTAX/ },
  { name: '10,000 nested parentheses', source: `x = ${'('.repeat(10000)}1${')'.repeat(10000)}`, error: /^SYNTAX/ },
  { name: '10,000 nested dicts', source: `x = ${'{1:'.repeat(10000)}1${'}'.repeat(10000)}`, error: /^SYNTAX/ },
  { name: '100,000 open brackets', source: '['.repeat(100000), error: /^SYNTAX/ },
  { name: '10,000 nots', source: `x = ${'not '.repeat(10000)}1`, error: /^SYNTAX/ },
  { name: '100,000 minuses', source: `x = ${'-'.repeat(100000)}1`, error: /^SYNTAX/ },
  { name: '10,000 nested calls', source: `x = ${'str('.repeat(10000)}1${')'.repeat(10000)}`, error: /^SYNTAX/ },
  { name: '10,000 nested lambdas', source: `x = ${'lambda: '.repeat(10000)}1`, error: /^SYNTAX/ },
  { name: '10,000 nested conditionals', source: `x = ${'1 if 1 else '.repeat(10000)}1`, error: /^SYNTAX/ },
  {
    name: '1,000 nested blocks',
    source: `${Array.from({ length: 1000 }, (_, i) => `${' '.repeat(i)}if 1:`).join('\n')}\n${' '.repeat(1001)}pass\n`,
    error: /^SYNTAX/,
  },
  {
    name: '1,000 nested functions',
    source: `${Array.from({ length: 1000 }, (_, i) => `${' '.repeat(i)}def f():`).join('\n')}\n${' '.repeat(1001)}pass\n`,
    error: /^SYNTAX/,
  },
  { name: '10,000 nested f-strings', source: `x = ${'f"{'.repeat(10000)}`, error: /^SYNTAX/ },
  {
    name: 'a chain of 100,000 additions',
    source: `x = ${Array(100000).fill('1').join(' + ')}\nprint(x)`,
    error: /^SYNTAX/,
  },
  { name: 'a chain of 100,000 attributes', source: `x = 1${'.a'.repeat(100000)}`, error: /^SYNTAX/ },
  { name: 'a chain of 100,000 calls', source: `x = f${'()'.repeat(100000)}`, error: /^SYNTAX|^RESOLVE|undefined/ },
  {
    name: '5,000 elifs',
    source: `x = 1\nif x == 0: pass\n${Array.from({ length: 5000 }, (_, i) => `elif x == ${i + 2}: pass`).join('\n')}\n`,
    error: /^SYNTAX/,
  },
  {
    name: 'data of great depth, printed',
    source: 'x = []\nfor _ in range(1000000): x = [x]\nstr(x)',
    error: /^NESTING/,
  },
  {
    name: 'data of great depth, compared',
    source: 'x = []\ny = []\nfor _ in range(100000):\n  x = [x]\n  y = [y]\nx == y',
    error: /^NESTING/,
  },
  {
    name: 'data of great depth, hashed',
    source: 'x = ()\nfor _ in range(100000): x = (x,)\nd = {x: 1}',
    error: /^NESTING/,
  },
  {
    name: 'data of great depth, sorted',
    source: 'x = []\ny = []\nfor _ in range(100000):\n  x = [x]\n  y = [y]\nsorted([x, y])',
    error: /^NESTING/,
  },
  {
    name: 'data of great depth, encoded as JSON',
    source: 'x = []\nfor _ in range(100000): x = [x]\njson.encode(x)',
    error: /^(NESTING|JSON)/,
  },
  { name: 'data of great depth, frozen at the end', source: 'x = []\nfor _ in range(300000): x = [x]', output: '' },
  { name: 'JSON of great depth', source: 'json.decode("[" * 100000 + "]" * 100000)', error: /^(NESTING|JSON)/ },
  { name: 'a million statements', source: `${'x = 1\n'.repeat(100000)}print(x)`, output: '1\n' },
  { name: 'a name of a megabyte', source: `${'a'.repeat(1 << 20)} = 1`, output: '' },
  { name: 'an integer literal of a megabyte', source: `x = ${'9'.repeat(1 << 20)}`, error: /^SYNTAX|^SIZE/ },
  {
    name: 'a list that contains itself, compared',
    source: 'a = []\na.append(a)\nb = []\nb.append(b)\na == b',
    error: /^NESTING/,
  },
  {
    name: 'a list that contains itself, printed and encoded',
    source: 'a = []\na.append(a)\nprint(a)\njson.encode(a)',
    error: /cycle|^NESTING|^JSON/,
  },
];
