import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspectScript } from './index.ts';
import { scriptOf } from './testing/script-host.ts';

const math = 'write load("@std//math.star", "math") at the top of the file';
const remove = 'Starlark has no decorators: remove @';
const types = 'the types are str, int, float, bool, list, dict, None and Any; a time is passed as a str';

/** What authors who think in Python write, and what they are told. */
const habits: readonly (readonly [source: string, told: readonly string[]])[] = [
  ['def run(n: int):\n    return sum([n])\n', [`error: undefined: sum | ${math}, and math.sum(xs) instead of sum`]],
  [
    'def run(n: int):\n    return round(n, 2)\n',
    [`error: undefined: round | ${math}, and math.round_to(x, 2) instead of round`],
  ],
  [
    '@tool\ndef run(n: int):\n    return n\n',
    [`error: unexpected input character '@' | ${remove}tool, and write tool(run) after the function`],
  ],
  [
    '@tool(name = "x")\ndef run(n: int):\n    return n\n',
    [
      `error: unexpected input character '@' | ${remove}tool(name = "x"), and write tool(run, name = "x") after the function`,
    ],
  ],
  [
    '@schedule("0 * * * *")\ndef tick():\n    pass\n',
    [
      `error: unexpected input character '@' | ${remove}schedule("0 * * * *"), and write schedule("0 * * * *", tick) after the function`,
    ],
  ],
  [
    'def run(n: int):\n    return os.environ["KEY"]\n',
    [
      'error: undefined: os | write load("@std//http.star", "http") at the top of the file, and http.secret("NAME") instead of os',
    ],
  ],
  [
    'def run(n: int):\n    with open("x") as f:\n        return f.read()\n',
    [
      'error: got with, want primary expression | Starlark has no with: write load("@std//files.star", "files") at the top of the file, and files.read(path), files.write(path, text) or files.append(path, text)',
    ],
  ],
  [
    'def run(n: int):\n    "Tells."\n    return n\ntool("run")\n',
    [
      'error: tool: for parameter fn: got string, want Callable | give the function itself, without quotes, as in tool(run)',
    ],
  ],
  [
    'def tick():\n    http_get("https://example.org/")\nschedule("0 * * * *", tick())\n',
    [
      'error: http_get cannot be used while the file is loaded; call it inside a function | schedule takes the function itself: write tick there, and not tick().',
    ],
  ],
  [
    '@cache\ndef run(n: int):\n    return n\n',
    [`error: unexpected input character '@' | ${remove}cache, and write run = cache(run) after the function`],
  ],
  [
    'def run(when: datetime) -> Optional[str]:\n    "Tells."\n    return when\n',
    [`error: unknown type: datetime | ${types}`, 'error: unknown type: Optional | write str | None'],
  ],
  ['def run(n: int) -> datetime:\n    "Tells."\n    return n\n', [`error: unknown type: datetime | ${types}`]],
];

for (const [source, told] of habits)
  test(`${JSON.stringify(source.split('\n', 2).join('\n'))} is told with what to write`, async () => {
    const { diagnostics } = await inspectScript(scriptOf('sample', source));
    assert.deepEqual(
      diagnostics.map(({ severity, message, hint }) => `${severity}: ${message} | ${hint}`),
      told,
    );
  });

test('what an author expects of an answer, a time and a function is told where it fails', async () => {
  const source = `load("@std//http.star", "http")
load("@std//testing.star", "testing")
load("@std//time.star", "time")
def run(city: str):
    "Tells."
    return http.get("https://example.org/" + city)
def test_json():
    testing.http({"*": "{}"})
    testing.fails(lambda: run("x").json["temp"], "unhandled index operation function[string]")
    run("x").json["temp"]
def test_loop():
    testing.http({"*": "[]"})
    [each for each in run("x").json]
def test_key():
    {"title": "a", "user": "b"}["author"]
def test_none():
    {}.get("count") + 1
def test_status():
    testing.http({"*": "{}"})
    run("x").status_code
def test_content():
    testing.http({"*": "{}"})
    run("x").content
def test_strftime():
    time.now().strftime("%Y")
def test_parse():
    time.parse_time("2026-01-01", "%Y-%m-%d")
`;
  const { tests } = await inspectScript(scriptOf('sample', source));
  const notes = tests.map(({ name, message }) => [name, message.split('\n').slice(-2).join('\n')]);
  assert.match(
    Object.fromEntries(notes).test_json,
    /note: A function has no elements: call it first, as f\(\)\[index\]\./,
  );
  assert.match(
    Object.fromEntries(notes).test_status,
    /did you mean \.status\?\)\n {2}note: It has \.body, \.error, \.headers/,
  );
  assert.match(Object.fromEntries(notes).test_content, /did you mean \.text\?\)/);
  assert.match(Object.fromEntries(notes).test_strftime, /Use t\.format\("2006-01-02 15:04:05"\)/);
  assert.match(Object.fromEntries(notes).test_parse, /note: A layout shows .*: write "2006-01-02"\./);
});
