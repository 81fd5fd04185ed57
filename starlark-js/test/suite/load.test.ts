import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compile, type Module, StarlarkError, strictDialect, Thread } from '../../src/index.ts';

const LIBRARY = `x = [1]
_hidden = 2
def f(a, acc = []):
    acc.append(a)
    return acc
def get(): return x
def grow():
    y = [1]
    y.append(2)
    return y
def broken(): return 1 // 0
d = {}
s = set([1])
t = ([1],)
`;

/** Runs `main`, which may load `lib.star`, `broken.star` and itself, and gives what was printed or the error. */
function run(main: string): string {
  const files: Record<string, string> = {
    'lib.star': LIBRARY,
    'broken.star': 'x = 1\ny = x + "a"\n',
    'main.star': main,
  };
  const printed: string[] = [];
  const execute = (name: string, open: readonly string[]): Module => {
    const text = files[name];
    if (text === undefined) throw new Error('no such file');
    if (open.includes(name)) throw new Error('cycle in load graph');
    const { program, diagnostics } = compile(text, { file: name, dialect: strictDialect });
    if (program === null) throw new StarlarkError('SYNTAX', diagnostics[0]!.message);
    const thread = new Thread({ print: (line) => void printed.push(line) });
    return program.run(thread, { load: (module) => execute(module, [...open, name]) });
  };
  try {
    execute('main.star', []);
    return printed.join('\n');
  } catch (error) {
    assert.ok(error instanceof StarlarkError, String(error));
    return `error: ${error.message}`;
  }
}

const CASES: readonly (readonly [name: string, source: string, expected: RegExp])[] = [
  [
    'a loaded list is frozen',
    'load("lib.star", "x")\nx.append(2)\n',
    /^error: (?:append: )?cannot append to frozen list$/,
  ],
  ['a loaded dict is frozen', 'load("lib.star", "d")\nd["a"] = 1\n', /^error: cannot insert into frozen hash table$/],
  [
    'a loaded set is frozen',
    'load("lib.star", "s")\ns.add(2)\n',
    /^error: (?:add: )?cannot insert into frozen hash table$/,
  ],
  ['what a loaded tuple holds is frozen', 'load("lib.star", "t")\nt[0].append(2)\n', /cannot append to frozen list$/],
  ['a default value is frozen with its module', 'load("lib.star", "f")\nf(1)\n', /cannot append to frozen list$/],
  [
    'a global seen through a function is frozen',
    'load("lib.star", "get")\nget()[0] = 5\n',
    /cannot assign to element of frozen list$/,
  ],
  [
    'a list made by a loaded function is not frozen',
    'load("lib.star", "grow")\nx = grow()\nx.append(3)\nprint(x)\n',
    /^\[1, 2, 3\]$/,
  ],
  ['a passed list stays as free as it was', 'load("lib.star", "f")\nx = [0]\nf(1, x)\nprint(x)\n', /^\[0, 1\]$/],
  ['a name may be loaded under another', 'load("lib.star", y = "x")\nprint(y)\n', /^\[1\]$/],
  [
    'a module is loaded twice by two statements',
    'load("lib.star", "x")\nload("lib.star", y = "x")\nprint(x == y)\n',
    /^True$/,
  ],
  [
    'hidden names are not exported',
    'load("lib.star", "_hidden")\n',
    /names with leading underscores are not exported: _hidden/,
  ],
  ['a missing name is told', 'load("lib.star", "nope")\n', /^error: load: name nope not found in module lib\.star/],
  [
    'a near name is offered',
    'load("lib.star", "gett")\n',
    /name gett not found in module lib\.star \(did you mean get\?\)/,
  ],
  [
    'a loaded name is not assigned again',
    'load("lib.star", "x")\nx = 1\n',
    /^error: cannot reassign local x declared at/,
  ],
  ['a name is loaded once', 'load("lib.star", "x", "x")\n', /^error: cannot reassign top-level x/],
  ['a load without names is refused', 'load("lib.star")\n', /must import at least 1 symbol/],
  ['a load in a function is refused', 'def f():\n    load("lib.star", "x")\n', /load statement within a function/],
  ['the module is named by a literal', 'load(1, "x")\n', /first operand of load statement must be a string literal/],
  ['the names are literals too', 'load("lib.star", y = x)\n', /original name of loaded symbol must be quoted/],
  ['a missing module is told', 'load("nofile.star", "x")\n', /^error: cannot load nofile\.star: no such file/],
  ['a module that loads itself is told', 'load("main.star", "x")\n', /cycle in load graph/],
  [
    'an error of the loaded module is told',
    'load("broken.star", "x")\n',
    /cannot load broken\.star: .*unknown binary op: int \+ string/,
  ],
  [
    'an error in a loaded function is its own',
    'load("lib.star", "broken")\nbroken()\n',
    /^error: floored division by zero$/,
  ],
];

describe('load', () => {
  for (const [name, source, expected] of CASES) test(name, () => assert.match(run(source), expected));
});

test('the backtrace of an error in a loaded function names both files', () => {
  const library = compile('def broken(x):\n    return x // 0\n', { file: 'lib.star' }).program!.run(new Thread());
  const { program } = compile('load("lib.star", "broken")\ndef f():\n    return broken(1)\nf()\n', {
    file: 'main.star',
  });
  assert.throws(
    () => program!.run(new Thread(), { load: () => library }),
    (error: unknown) => {
      assert.ok(error instanceof StarlarkError);
      assert.deepEqual(
        error.backtrace.map(({ file, line, function: name }) => `${file}:${line} ${name}`),
        ['main.star:4 <toplevel>', 'main.star:3 f', 'lib.star:2 broken'],
      );
      return true;
    },
  );
});
