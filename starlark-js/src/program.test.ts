import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type CompileOptions,
  compile,
  HostFunction,
  type Module,
  renderError,
  repr,
  StarlarkError,
  type StarlarkFunction,
  type StarlarkList,
  strictDialect,
  Thread,
} from './index.ts';

function run(text: string, options: CompileOptions = {}): { readonly module: Module; readonly printed: string[] } {
  const printed: string[] = [];
  const { program, diagnostics } = compile(text, { file: 'a.star', ...options });
  assert.deepEqual(diagnostics, []);
  const module = program!.run(new Thread({ print: (line) => printed.push(line) }));
  return { module, printed };
}

function failure(text: string, options: CompileOptions = {}): StarlarkError {
  try {
    run(text, options);
  } catch (error) {
    assert.ok(error instanceof StarlarkError, String(error));
    return error;
  }
  throw new Error('the program did not fail');
}

function value(expression: string, options?: CompileOptions): string {
  return repr(run(`result = ${expression}\n`, options).module.get('result')!);
}

test('a program is compiled once and run many times, each with fresh globals', () => {
  const { program } = compile('items = []\ndef add(x):\n    return items + [x]\nitems.append(start)\n', {
    predeclared: { start: 0 },
  });
  const first = program!.run(new Thread(), { predeclared: { start: 1 } });
  const second = program!.run(new Thread());
  assert.equal(repr(first.get('items')!), '[1]');
  assert.equal(repr(second.call('add', [5])), '[0, 5]');
});

test('the globals of a finished run are frozen, with everything that functions hold', () => {
  const { module } = run(
    'xs = [1]\ndef make():\n    held = []\n    def add(x):\n        held.append(x)\n    return add\nadd = make()\ndef push():\n    xs.append(2)\n',
  );
  assert.throws(() => module.call('push'), { code: 'FROZEN', message: 'append: cannot append to frozen list' });
  assert.throws(() => module.call('add', [1]), { code: 'FROZEN' });
});

test('functions are called by position and by keyword', () => {
  const { module } = run('def f(a, b = 2, *rest, c, **more):\n    return (a, b, rest, c, more)\n');
  assert.equal(repr(module.call('f', [1, 5, 6], { c: 3, d: 4 })), '(1, 5, (6,), 3, {"d": 4})');
  assert.throws(() => module.call('f', [1]), { code: 'ARGUMENTS', message: 'function f missing 1 argument (c)' });
  assert.throws(() => module.call('g'), { code: 'ATTRIBUTE' });
});

test('signatures and docstrings of functions can be read before and after the run', () => {
  const text =
    '"""A file."""\ndef f(a: int, b = [1], *args, c: str | None = None, **kw) -> list[int]:\n    """Does it."""\n';
  const { program } = compile(text);
  assert.equal(program!.docstring, 'A file.');
  const [info] = program!.functions;
  assert.equal(info!.docstring, 'Does it.');
  assert.equal(info!.returns, 'list[int]');
  assert.deepEqual(
    info!.parameters.map(({ name, kind, annotation, default: given }) => [name, kind, annotation, given]),
    [
      ['a', 'normal', 'int', null],
      ['b', 'normal', null, '[1]'],
      ['args', 'args', null, null],
      ['c', 'keyword', 'str | None', 'None'],
      ['kw', 'kwargs', null, null],
    ],
  );
  assert.deepEqual(
    program!.run(new Thread()).functions.map(({ name, line }) => [name, line]),
    [['f', 2]],
  );
});

test('load takes names from another module, and says which one is missing', () => {
  const library = run('def double(x):\n    return 2 * x\n').module;
  const { program } = compile('load("lib", "double", twice = "double")\nresult = double(2) + twice(3)\n');
  assert.deepEqual(program!.loads, ['lib']);
  const module = program!.run(new Thread(), { load: () => library });
  assert.equal(module.get('result'), 10);
  assert.equal(module.get('double'), undefined);
  const { program: wrong } = compile('load("lib", "duoble")\n');
  assert.throws(() => wrong!.run(new Thread(), { load: () => library }), {
    code: 'LOAD',
    message: 'load: name duoble not found in module lib (did you mean double?)',
  });
  assert.throws(() => wrong!.run(new Thread()), { code: 'LOAD' });
});

test('an error names every open call with its line, and the built-in that failed', () => {
  const error = failure(
    'def inner(d):\n    return d["b"]\n\ndef outer():\n    return [inner({"a": 1}) for _ in range(2)]\n\nouter()\n',
  );
  assert.deepEqual(
    error.backtrace.map(({ function: name, line, column }) => [name, line, column]),
    [
      ['<toplevel>', 7, 6],
      ['outer', 5, 18],
      ['inner', 2, 13],
    ],
  );
  assert.equal(error.backtrace.at(-1)!.sourceLine, '    return d["b"]');
  assert.match(renderError(error), /a\.star:2:13: in inner\n.*return d\["b"\]\n.*\^{5}\nError: key "b" not in dict/);
  assert.match(renderError(failure('sorted(1)\n')), /Error in sorted: /);
});

test('lambdas, defaults and closures appear in backtraces under their names', () => {
  const error = failure('def f():\n    g = lambda x: 1 // x\n    def h():\n        return g(0)\n    return h()\nf()\n');
  assert.deepEqual(
    error.backtrace.map((frame) => frame.function),
    ['<toplevel>', 'f', 'h', 'lambda'],
  );
});

test('integers are exact beyond what a double holds, and floats stay floats', () => {
  assert.equal(value('(1 << 62) + 1'), '4611686018427387905');
  assert.equal(value('9007199254740991 + 1'), '9007199254740992');
  assert.equal(value('9007199254740993 - 2'), '9007199254740991');
  assert.equal(value('94906267 * 94906267'), '9007199515875289');
  assert.equal(value('0.5 + 0.5'), '1.0');
  assert.equal(
    value('[1.0 * 3, 7 / 2, 6 / 2, -7 // 2, -7 % 3, 7.0 // 2, -7.5 % 2]'),
    '[3.0, 3.5, 3.0, -4, 2, 3.0, 0.5]',
  );
  assert.equal(value('[0 * -5, -0.0, 0 // -5, 0 % -5]'), '[0, -0.0, 0, 0]');
});

test('loops that the compiler writes out compute what the operators compute', () => {
  const text = `
def sums(n):
    i, total, product, half, text = 0, 0, 1, 0.0, ""
    for k in range(n):
        total += k * k - k // 3 + k % 7
        product = product * 3 % 1000003
        half = half / 2 + k
        text += str(k % 10)
        if k & 1:
            i -= k
    return [i, total, product, half, text[-5:]]
result = sums(50)
`;
  assert.equal(repr(run(text).module.get('result')!), '[-625, 40180, 718524, 96.0, "56789"]');
  const growing = 'def f():\n    x = 1\n    for _ in range(80):\n        x = x * 2 + 1\n    return x\nresult = f()\n';
  assert.equal(repr(run(growing).module.get('result')!), String(2n ** 81n - 1n));
});

test('nan is equal to itself and greater than everything in typed loops too', () => {
  const text =
    'def f():\n    n = float("nan")\n    z = 0.0\n    return [n == n, n > z, z < n, n < z, n <= n, z >= n, n != n]\nresult = f()\n';
  assert.equal(repr(run(text).module.get('result')!), '[True, True, True, False, True, False, False]');
});

test('a loop locks what it runs over, and unlocks it however it ends', () => {
  assert.equal(
    failure('xs = [1]\nfor x in xs:\n    xs.append(2)\n').message,
    'append: cannot append to list during iteration',
  );
  const text =
    'xs = [1, 2]\ndef f():\n    for x in xs:\n        return x\nf()\nfor x in xs:\n    break\nxs.append(3)\n';
  assert.equal(repr(run(text).module.get('xs')!), '[1, 2, 3]');
  assert.equal(failure('d = {1: 2}\nfor k in d:\n    d[k + 1] = 3\n').code, 'ITERATING');
  assert.equal(repr(run('d = {1: 2}\nfor k, v in d.items():\n    d[k + 1] = v\n').module.get('d')!), '{1: 2, 2: 2}');
});

test('parts of an expression are evaluated from left to right around comprehensions', () => {
  const text =
    'log = []\ndef t(x):\n    log.append(x)\n    return x\nt(1) + len([t(2) for _ in range(1)]) + t(3)\nx = t(4) if [t(5) for _ in range(1)] else t(6)\ny = t(0) and [t(7) for _ in range(1)]\n';
  assert.equal(repr(run(text).module.get('log')!), '[1, 2, 3, 5, 4, 0]');
});

test('variables are told apart by scope and are unassigned until they are assigned', () => {
  assert.equal(
    failure('def f():\n    return x\nf()\nx = 1\n').message,
    'global variable x referenced before assignment',
  );
  assert.equal(
    failure('def f(c):\n    if c:\n        y = 1\n    return y\nf(False)\n').message,
    'local variable y referenced before assignment',
  );
  assert.equal(value('[[x for x in range(y)] for y in range(3)]'), '[[], [0], [0, 1]]');
  assert.equal(
    repr(run('fs = [lambda: i for i in range(3)]\nresult = [f() for f in fs]\n').module.get('result')!),
    '[2, 2, 2]',
  );
});

test('calls whose arguments fit are direct, and those that do not fail as any call does', () => {
  const text =
    'def f(a, b = 2, *c, d = 4, **e):\n    return (a, b, c, d, e)\nresult = [f(1), f(1, d = 5), f(b = 3, a = 1), f(1, 2, 3, x = 6), f(*[1, 2], **{"d": 3})]\n';
  assert.equal(
    repr(run(text).module.get('result')!),
    '[(1, 2, (), 4, {}), (1, 2, (), 5, {}), (1, 3, (), 4, {}), (1, 2, (3,), 4, {"x": 6}), (1, 2, (), 3, {})]',
  );
  assert.equal(failure('def f(a): pass\nf()\n').message, 'function f missing 1 argument (a)');
  assert.equal(failure('def f(): pass\nf(1)\n').message, 'function f accepts no arguments (1 given)');
  assert.equal(failure('def f(): pass\nf(**{"a": 1})\n').message, 'function f got an unexpected keyword argument "a"');
});

test('annotations are checked at the borders of functions', () => {
  const text = 'def f(n: int, s: str = "") -> str:\n    return s * n\n';
  const { module } = run(text);
  assert.equal(module.call('f', [2, 'ab']), 'abab');
  assert.throws(() => module.call('f', ['2']), { code: 'TYPE', message: 'f: for parameter n: got string, want int' });
  assert.throws(() => module.call('f', [2, 3]), { code: 'TYPE', message: 'f: for parameter s: got int, want str' });
  assert.equal(failure('def f() -> int:\n    return "x"\nf()\n').message, 'f: got result string, want int');
  assert.equal(run(text, { dialect: { types: 'parse' } }).module.call('f', [0, 'x']), '');
});

test('the specification forbids recursion, direct and through others', () => {
  const dialect = strictDialect;
  const direct = failure('def f(n):\n    return f(n)\nf(1)\n', { dialect });
  assert.equal(direct.message, 'function f called recursively');
  const mutual = failure('def f(g):\n    return g(g)\nf(f)\n', { dialect });
  assert.equal(mutual.message, 'function f called recursively');
});

test('f-strings evaluate, convert and format', () => {
  assert.equal(value('f"{1 + 1} {\'a\'!r} {3.14159:.2f} {{}} {[x for x in range(2)]}"'), '"2 \\"a\\" 3.14 {} [0, 1]"');
});

test('functions of the host take checked arguments, and what they throw is an error at the place of the call', () => {
  const double = new HostFunction('double(x: int) -> int', (x: number) => x * 2);
  const broken = new HostFunction('broken()', () => {
    throw new Error('disk on fire');
  });
  const predeclared = { double, broken };
  assert.equal(value('double(21)', { predeclared }), '42');
  assert.equal(failure('double("x")\n', { predeclared }).code, 'TYPE');
  const error = failure('def f():\n    broken()\nf()\n', { predeclared });
  assert.equal(error.code, 'HOST');
  assert.equal(error.message, 'disk on fire');
  assert.equal((error.cause as Error).message, 'disk on fire');
  assert.deepEqual(
    error.backtrace.map(({ line }) => line),
    [3, 2],
  );
});

test('a function of a program can be handed to the host and called by it', () => {
  const kept: StarlarkFunction[] = [];
  const keep = new HostFunction('keep(f)', (f: StarlarkFunction) => {
    kept.push(f);
    return f.call([20], []);
  });
  assert.equal(value('keep(lambda x: x + 1)', { predeclared: { keep } }), '21');
  assert.equal(kept[0]!.name, 'lambda');
});

test('strings can be made of bytes, as in starlark-go, without the host noticing', () => {
  const dialect = { strings: 'utf8' } as const;
  const { module, printed } = run(
    's = "h\u00e9"\nprint(s, len(s), s.upper())\nresult = [len(s), f"{s}!" == "h\u00e9!", s[1:]]\n',
    { dialect },
  );
  assert.deepEqual(printed, ['h\u00e9 3 H\u00c9']);
  assert.equal(repr((module.get('result') as StarlarkList).items[0]!), '3');
  assert.equal(failure('fail("\u00e9")\n', { dialect }).message, 'fail: \u00e9');
  assert.equal(run('x = len("\u00e9")\n').module.get('x'), 1);
});
