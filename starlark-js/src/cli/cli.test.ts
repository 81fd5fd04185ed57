import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test, { after } from 'node:test';
import { runCommand } from './command.ts';

const folder = mkdtempSync(join(tmpdir(), 'starlark-cli-'));
after(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), text);
  return name;
}

async function starlark(given: readonly string[], input = ''): Promise<{ code: number; out: string; err: string }> {
  const result = { code: -1, out: '', err: '' };
  result.code = await runCommand(
    {
      folder,
      hasColor: false,
      out: (text) => {
        result.out += text;
      },
      err: (text) => {
        result.err += text;
      },
      readInput: () => input,
    },
    given,
  );
  return result;
}

test('run executes a file, code of the command line and standard input, with the words after -- in args', async () => {
  const file = write('hello.star', 'print("hello", args)\n');
  assert.deepEqual(await starlark(['run', file, '--', 'a', '-b']), { code: 0, out: 'hello ["a", "-b"]\n', err: '' });
  assert.equal((await starlark(['run', '-c', 'print(json.encode([1]))'])).out, '[1]\n');
  assert.equal((await starlark(['run', '-'], 'print(1 + 1)')).out, '2\n');
});

test('a program that fails ends with 1 and a backtrace', async () => {
  const { code, err } = await starlark(['run', '-c', 'def f(x):\n  return x // 0\nf(1)\n']);
  assert.equal(code, 1);
  assert.match(err, /<command>:3:2: in <toplevel>[\s\S]*<command>:2:\d+: in f[\s\S]*division by zero/);
});

test('a program is bounded by the options of the command line', async () => {
  const { code, err } = await starlark(['run', '--steps', '1000', '-c', 'while True: pass']);
  assert.equal(code, 1);
  assert.match(err, /step limit of 1000 exceeded/);
});

test('load finds modules beside the loading file, runs each once, and refuses cycles', async () => {
  write('lib/a.star', 'load("b.star", "two")\nprint("a runs")\nfour = two * two\n');
  write('lib/b.star', 'two = 2\n');
  const main = write(
    'main.star',
    'load("lib/a.star", "four")\nload("lib/a.star", again = "four")\nprint(four + again)\n',
  );
  assert.deepEqual(await starlark(['run', main]), { code: 0, out: 'a runs\n8\n', err: '' });
  write('c.star', 'load("d.star", "d")\nc = 1\n');
  write('d.star', 'load("c.star", "c")\nd = 1\n');
  assert.match((await starlark(['run', 'c.star'])).err, /cycle in load graph/);
  assert.match(
    (await starlark(['run', '-c', 'load("nowhere.star", "x")'])).err,
    /cannot load nowhere\.star: .*no such file/,
  );
});

test('check shows every finding of every file and ends with 1 when one is an error', async () => {
  write('checked/bad.star', 'x = 1 ** 2\ny = a is b\n');
  write('checked/good.star', 'x = 1\n');
  const { code, err, out } = await starlark(['check', 'checked']);
  assert.equal(code, 1);
  assert.equal(out, '');
  assert.match(
    err,
    /bad\.star:1:7: error: got '\*\*', want newline\n 1 \| x = 1 \*\* 2\n {3}\| {7}\^\^\nhint: .*1 \* 1/,
  );
  assert.match(err, /bad\.star:2:7: error: got is/);
  assert.equal((await starlark(['check', 'checked/good.star'])).code, 0);
});

test('check --json gives the findings as fields', async () => {
  const { code, out } = await starlark(['check', '--json', '-'], 'x = 1 ** 2\n');
  assert.equal(code, 1);
  const [found] = JSON.parse(out);
  assert.deepEqual(
    [found.file, found.line, found.column, found.endColumn, found.code, found.severity, found.sourceLine],
    ['<stdin>', 1, 7, 9, 'SYNTAX_UNEXPECTED_TOKEN', 'error', 'x = 1 ** 2'],
  );
  assert.match(found.hint, /1 \* 1/);
});

const tests = `
items = []

def test_fresh_state_one():
    items.append(1) if type(items) == "x" else None
    assert.eq(len(items), 0)

def test_all_assertions():
    assert.eq((1, [2]), (1, [2]))
    assert.ne(1, 2)
    assert.true([0])
    assert.false("")
    assert.contains({"a": 1}, "a")
    assert.eq(assert.fails(lambda: fail("boom 7"), "boom"), "fail: boom 7")

def test_eq_fails():
    print("before")
    assert.eq([1, 2, 3], [1, 5, 3], "third list")

def test_fails_fails():
    assert.fails(lambda: 3)

def test_limit_is_no_expected_failure():
    def spin():
        while True:
            pass
    assert.fails(spin)

def helper():
    pass
`;

test('test runs every test_ function in fresh state and says what differs', async () => {
  const file = write('suite.star', tests);
  const { code, out } = await starlark(['test', '--steps', '10000', file]);
  assert.equal(code, 1);
  assert.match(out, /^ok {3}suite\.star test_fresh_state_one \(/m);
  assert.match(out, /^ok {3}suite\.star test_all_assertions \(/m, out);
  assert.match(out, /^FAIL suite\.star test_eq_fails .*\n {4}printed:\n {4}before\n/m);
  assert.match(out, /third list: got \[1, 2, 3\], want \[1, 5, 3\]\n.*they differ at index 1: got 2, want 5/);
  assert.match(out, /lambda did not fail, it returned 3/);
  assert.match(out, /step limit of 10000 exceeded/);
  assert.match(out, /2 passed, 3 failed\n$/);
});

test('test --json gives the results as fields, and a file without tests is a failure', async () => {
  const { code, out } = await starlark(['test', '--json', '--filter', 'all_assertions', write('suite.star', tests)]);
  assert.equal(code, 0, out);
  assert.deepEqual(
    JSON.parse(out).map(({ test: name, passed, error }: Record<string, unknown>) => [name, passed, error]),
    [['test_all_assertions', true, null]],
  );
  assert.equal((await starlark(['test', '-'], 'x = 1')).code, 1);
});

test('fmt rewrites files, --check names them, -d shows the difference', async () => {
  const file = write('style.star', "x = [1,\n2]\ny='a'\n");
  const checked = await starlark(['fmt', '--check', file]);
  assert.deepEqual([checked.code, checked.out], [1, 'style.star\n']);
  assert.match((await starlark(['fmt', '-d', file])).out, /^-x = \[1,\n-2\]\n-y='a'\n\+x = \[$/m);
  assert.equal((await starlark(['fmt', file])).code, 0);
  assert.equal(readFileSync(join(folder, file), 'utf8'), 'x = [\n    1,\n    2,\n]\ny = "a"\n');
  assert.equal((await starlark(['fmt', '--check', file])).code, 0);
  assert.equal((await starlark(['fmt', '-'], 'x=1')).out, 'x = 1\n');
  assert.equal((await starlark(['fmt', '-'], 'x = = 1')).code, 1);
});

test('doc writes Markdown or fields', async () => {
  const file = write('doc.star', 'def f(a: int):\n  """Do it.\n\n  Args:\n    a: number\n  """\n');
  assert.match((await starlark(['doc', file])).out, /## f[\s\S]*- `a` \(`int`\): number/);
  assert.equal(JSON.parse((await starlark(['doc', '--json', file])).out)[0].functions[0].summary, 'Do it.');
});

test('a wrong command line ends with 2 and says what is wrong', async () => {
  const cases: readonly (readonly [string[], RegExp])[] = [
    [['fly'], /no command "fly"; there are run, check/],
    [['run'], /needs a file/],
    [['run', 'a.star', 'b.star'], /after -- \(got b\.star\)/],
    [['run', 'nowhere.star'], /cannot read nowhere\.star: no such file/],
    [['run', '--steps', 'many', '-c', '1'], /--steps "many": want a number above zero/],
    [['check', '--fast', 'x'], /Unknown option '--fast'/],
    [['fmt'], /needs files/],
  ];
  for (const [given, message] of cases) {
    const { code, err } = await starlark(given);
    assert.equal(code, 2, given.join(' '));
    assert.match(err, message);
  }
  assert.equal((await starlark([])).code, 2);
  assert.match((await starlark(['test', '--help'])).out, /^starlark test/);
});

test('a file that is not UTF-8 is refused by name', async () => {
  writeFileSync(join(folder, 'latin.star'), Buffer.from([0x78, 0x3d, 0x22, 0xe9, 0x22]));
  assert.match((await starlark(['run', 'latin.star'])).err, /cannot read latin\.star: it is not UTF-8/);
});

const main = join(import.meta.dirname, 'main.ts');

test('the process writes all of its output and gives the exit code', () => {
  const out = execFileSync(process.execPath, [main, 'run', '-c', 'for i in range(30000): print("line", i)'], {
    encoding: 'utf8',
  });
  assert.equal(out.split('\n').length, 30_001);
  assert.equal(spawnSync(process.execPath, [main, 'run', '-c', 'fail("x")']).status, 1);
});

test('the repl keeps globals, shows values and goes on after an error', () => {
  const input =
    'x = [1]\nx\ndef f(a):\n    return a * 2\n\nf(21)\nx.append(\n2)\nx\n1 +\nnope\n"a" + 1\nNone\nprint("end")\n';
  const { stdout, stderr, status } = spawnSync(process.execPath, [main, 'repl'], { input, encoding: 'utf8' });
  assert.equal(status, 0);
  assert.equal(stdout, '[1]\n42\n[1, 2]\nend\n', stderr);
  assert.match(stderr, /got newline, want primary expression[\s\S]*undefined: nope[\s\S]*string \+ int/);
});
