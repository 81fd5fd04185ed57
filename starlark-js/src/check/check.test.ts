import assert from 'node:assert/strict';
import { test } from 'node:test';
import { check, HostFunction, StarlarkModule } from '../index.ts';

const http = new StarlarkModule(
  'http',
  new Map([['get', new HostFunction('get(url: str, timeout: int = 10) -> str', () => '')]]),
);
const predeclared = { http, notify: new HostFunction('notify(text: str)', () => null) };

function found(text: string): string[] {
  return check(text, { predeclared }).map(
    ({ severity, line, column, message }) => `${severity === 'error' ? '' : 'warning '}${line}:${column} ${message}`,
  );
}

function hints(text: string): (string | undefined)[] {
  return check(text, { predeclared }).map(({ hint }) => hint);
}

test('all errors of a file are reported at once, in order', () => {
  const text = 'def f(a, b):\n    return a + undefined_name\n\nf(1)\nlen()\nx = "a" + 1\n';
  assert.deepEqual(found(text), [
    '2:16 undefined: undefined_name',
    '4:1 function f missing 1 argument (b)',
    '5:1 len: got 0 arguments, want 1',
    '6:5 unknown binary op: string + int',
  ]);
});

test('a correct file has no findings', () => {
  const text = `
def average(numbers: list[float]) -> float:
    """The mean, or 0.0 of nothing."""
    if not numbers:
        return 0.0
    total = 0.0
    for number in numbers:
        total += number
    return total / len(numbers)

def describe(values, *, digits = 2, **labels):
    found = None
    for name, label in labels.items():
        if name.startswith("x"):
            found = label
    return "{} {}".format(average(values), found or digits)

print(describe([1, 2.5], digits = 1, xlabel = "ms"))
print({k: v for k, v in zip("ab".elems(), [1, 2])}, http.get("https://example.org", timeout = 3))
`;
  assert.deepEqual(found(text), []);
});

test('a variable is followed through branches and loops', () => {
  assert.deepEqual(found('def f(c):\n    if c:\n        x = 1\n    return x\n'), [
    'warning 4:12 x may be used before it is assigned',
  ]);
  assert.deepEqual(found('def f(c):\n    if c:\n        x = 1\n    else:\n        fail("no")\n    return x\n'), []);
  assert.deepEqual(found('def f(xs):\n    for x in xs:\n        pass\n    return x\n'), [
    'warning 4:12 x may be used before it is assigned',
  ]);
  assert.deepEqual(found('def f():\n    print(x)\n    x = 1\n'), [
    '2:11 local variable x referenced before assignment',
  ]);
  assert.deepEqual(
    found('def f():\n    while True:\n        x = 1\n        if x:\n            break\n    return x\n'),
    [],
  );
});

test('a local that hides a global of its name is told so', () => {
  const [hint] = hints('count = 0\ndef f():\n    count += 1\n    return count\n');
  assert.match(hint!, /hides the global count/);
});

test('code after the end of every path is reported once', () => {
  assert.deepEqual(found('def f():\n    return 1\n    print(2)\n    print(3)\n'), [
    'warning 3:5 this code is never reached',
  ]);
});

test('calls are held against functions of the file, built-ins, methods and functions of the host', () => {
  assert.deepEqual(found('def f(a, *, b = 1): pass\nf(1, 2)\nf(1, c = 2)\nf(1, a = 2)\n'), [
    '2:1 function f accepts 1 positional argument (2 given)',
    '3:6 function f got an unexpected keyword argument "c"',
    '4:6 function f got multiple values for parameter "a"',
  ]);
  assert.deepEqual(
    found('"a".join(1)\nsorted([1], revers = True)\nnotify(3)\nhttp.get("u", timout = 1)\nhttp.post("u")\n'),
    [
      '1:10 join: for parameter iterable: got int, want Iterable[str]',
      '2:13 sorted: unexpected keyword argument "revers" (did you mean reverse?)',
      '3:8 notify: for parameter text: got int, want str',
      '4:15 get: unexpected keyword argument "timout" (did you mean timeout?)',
      '5:6 http has no .post field or method',
    ],
  );
});

test('types come from annotations and from local values', () => {
  assert.deepEqual(found('def f(n: int, names: list[str]) -> str:\n    return n\n'), [
    '2:12 f: got result int, want str',
  ]);
  assert.deepEqual(found('def f(n: int): pass\nf("1")\n'), ['2:3 f: for parameter n: got string, want int']);
  assert.deepEqual(found('x: str = 1\n'), ['1:10 got int, want str']);
  assert.deepEqual(found('def f(x: strng): pass\n'), ['1:10 unknown type: strng (did you mean string?)']);
  assert.deepEqual(found('a, b = 1, 2, 3\n'), ['1:1 too many values to unpack (got 3, want 2)']);
  assert.deepEqual(found('for i in 10:\n    print(i)\n'), ['1:10 int value is not iterable']);
});

test('a value that may be of several types is wrong only where all of them are', () => {
  assert.deepEqual(found('def f(x: int | str):\n    return x + 1\n'), []);
  assert.deepEqual(found('def f(x: str | list):\n    return x - 1\n'), ['2:12 unknown binary op: str | list - int']);
});

test('habits of Python are named with their replacement', () => {
  const cases: [string, RegExp][] = [
    ['xs = [2, 1]\nxs.sort()\n', /sorted\(xs\)/],
    ['"5".isnumeric()\n', /isdigit/],
    ['d = {}\nd.has_key("a")\n', /key in d/],
    ['def f(items):\n    items.sort()\n', /sorted\(xs\)/],
    ['print(isinstance(1, 2))\n', /type\(x\)/],
    ['x = sum([1])\n', /loop/],
    ['y = null\n', /None/],
    ['raise_ = ValueError("x")\n', /fail/],
    ['for c in "abc":\n    print(c)\n', /"abc"\.elems\(\)/],
  ];
  for (const [text, hint] of cases) {
    const given = hints(text);
    assert.ok(
      given.some((each) => each !== undefined && hint.test(each)),
      `${text} gave ${JSON.stringify(given)}`,
    );
  }
});
