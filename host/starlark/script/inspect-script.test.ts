import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspectScript } from './index.ts';
import { reportOf, scriptOf } from './testing/script-host.ts';

/** What a model reads of scripts that are wrong in the ways in which models write them. */
const golden: readonly { name: string; source: string; text: string }[] = [
  {
    name: 'habits of Python',
    source:
      'import json\ndef run(args):\n    try:\n        return json.loads("1")\n    except Exception:\n        return None\n',
    text: `sample.star was not taken: 2 errors (phase check).

sample.star:1:1: error: got import, want primary expression
 1 | import json
   | ^^^^^^
hint: Starlark has no import: write load("@std//json.star", "json")

sample.star:3:5: error: got try, want primary expression
 3 |     try:
   |     ^^^
hint: Starlark has no try/except: an error ends the program. Test for the condition first, with if`,
  },
  {
    name: 'a module and a name that do not exist',
    source: 'load("@std/http.star", "http")\nload("@std//csv.star", "reader")\n',
    text: `sample.star was not taken: 2 errors (phase check).

sample.star:1:6: error: there is no module "@std/http.star"
 1 | load("@std/http.star", "http")
   |      ^^^^^^^^^^^^^^^^
hint: write load("@std//http.star", "http")

sample.star:2:24: error: @std//csv.star has no "reader"
 2 | load("@std//csv.star", "reader")
   |                        ^^^^^^^^
hint: it has parse, format, csv`,
  },
  {
    name: 'an effect at top level',
    source:
      'def fetch():\n    return http_get("https://example.org/")\n\ndef run(city: str):\n    "Tells."\n    return page\n\npage = fetch()\n',
    text: `sample.star was not taken: 1 error (phase load).

sample.star:2:20: error: http_get cannot be used while the file is loaded; call it inside a function
 2 |     return http_get("https://example.org/")
   |                    ^^^^^^^^^^^^^^^^^^^^^^^^

Traceback (most recent call last):
  sample.star:8:13: in <toplevel>
     8 | page = fetch()
       |             ^^
  sample.star:2:20: in fetch
     2 |     return http_get("https://example.org/")
       |                    ^^^^^^^^^^^^^^^^^^^^^^^^
Error: http_get cannot be used while the file is loaded; call it inside a function`,
  },
  {
    name: 'declarations that do not fit',
    source:
      'def f(x, *rest: int, on_done: Callable):\n    "Does."\ntool(f)\ntool(f, name = "no spaces")\nschedule("every hour", f)\non("mesage", f)\nallow(http = ["https://example.org/x"], write = ["clay.json"], permissions = ["root"])\n',
    text: `sample.star was not taken: 10 errors (phase load).

sample.star:3:5: error: tool: the arguments of a tool have names: write *rest as rest: list
 3 | tool(f)
   |     ^^^

sample.star:4:5: error: tool: the name "no spaces" is none: letters, digits, _ and -, at most 64, a letter or _ first
 4 | tool(f, name = "no spaces")
   |     ^^^^^^^^^^^^^^^^^^^^^^^
hint: Give one with tool(fn, name = "...").

sample.star:4:5: error: tool: the arguments of a tool have names: write *rest as rest: list
 4 | tool(f, name = "no spaces")
   |     ^^^^^^^^^^^^^^^^^^^^^^^

sample.star:5:9: error: schedule: f is called with no argument, and needs x, on_done
 5 | schedule("every hour", f)
   |         ^^^^^^^^^^^^^^^^^

sample.star:5:9: error: schedule: a cron expression has five fields (minute, hour, day of month, month, day of week), not 2: "every hour"
 5 | schedule("every hour", f)
   |         ^^^^^^^^^^^^^^^^^

sample.star:6:3: error: on: f is called with at most one argument, and needs x, on_done
 6 | on("mesage", f)
   |   ^^^^^^^^^^^^^

sample.star:6:3: error: on: there is no event "mesage"; there are turn.started, turn.ended, message, generation.changed, session.compacted
 6 | on("mesage", f)
   |   ^^^^^^^^^^^^^

sample.star:7:6: error: allow: http: "https://example.org/x" is no host, which has no scheme, port and path: write allow(http = ["example.org"]), ["*.example.org"] for all below it, or ["*"]
 7 | allow(http = ["https://example.org/x"], write = ["clay.json"], permissions = ["root"])
   |      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

sample.star:7:6: error: allow: write: "clay.json" holds the claw's own state or secrets, which no file may touch: write a folder or file from the root of the claw, such as allow(read = ["public", "files/shared"])
 7 | allow(http = ["https://example.org/x"], write = ["clay.json"], permissions = ["root"])
   |      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

sample.star:7:6: error: allow: permissions: "root" does not exist; there are memory.read, memory.write, soul.read, soul.write, tasks.read, tasks.write, chat.send, chat.read, llm
 7 | allow(http = ["https://example.org/x"], write = ["clay.json"], permissions = ["root"])
   |      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^`,
  },
  {
    name: 'a test that fails',
    source:
      'load("@std//testing.star", "testing")\n\ndef run(n: int) -> int:\n    "Doubles."\n    print("doubling", n)\n    return n + n + 1\n\ndef test_doubles():\n    testing.eq(run(2), 4)\n\ndef test_zero():\n    pass\n',
    text: `sample.star was not taken: 1 of 2 tests failed (phase test).

test_doubles failed after 0 ms
    printed:
        doubling 2
    Traceback (most recent call last):
      sample.star:9:12: in test_doubles
         9 |     testing.eq(run(2), 4)
           |            ^^^^^^^^^^^^^^
    Error: got 5, want 4`,
  },
  {
    name: 'a tool without a description',
    source: 'def run(n: int):\n    return n\n',
    text: `sample.star is good: tool sample, which extension_run calls too; it has no tests.

sample.star:1:1: warning: the model is told nothing about the tool sample
 1 | def run(n: int):
   | ^^^^^^^^^^^^^^^^
hint: write """What it does.""" as the first line of run`,
  },
];

for (const { name, source, text } of golden) {
  test(`the report of ${name}`, async () => {
    assert.equal((await reportOf(source)).replaceAll(/after [\d.]+ ms/g, 'after 0 ms'), text);
  });
}

test('a description stands in the first ten lines, as the original had it', async () => {
  const descriptions: readonly (readonly [string, string])[] = [
    ['# DESCRIPTION: one\n', 'one'],
    [`${'\n'.repeat(9)}   # DESCRIPTION:   tenth  \n`, 'tenth'],
    [`${'\n'.repeat(10)}# DESCRIPTION: eleventh\n`, ''],
    ['#DESCRIPTION: no space\n', ''],
    ['x = 1\n', ''],
  ];
  for (const [source, description] of descriptions) {
    const { outline } = await inspectScript(scriptOf('sample', source));
    assert.equal(outline?.description, description, JSON.stringify(source));
  }
});

test('an effect within a function that is never called while the file is loaded is none', async () => {
  const { isGood } = await inspectScript(scriptOf('sample', 'def f():\n    return http_get("https://example.org/")\n'));
  assert.equal(isGood, true);
});

test('a report is plain data, and places are those of the file', async () => {
  const source = 'x = 1\ny = 2 // 0\n';
  const report = await inspectScript(scriptOf('sample', source));
  assert.deepEqual(JSON.parse(JSON.stringify(report)), report);
  const [found] = report.diagnostics;
  assert.equal(found?.code, 'RUN_ZERO_DIVISION');
  assert.equal(source.slice(found.start, found.end), '//');
  assert.equal(report.outline, null);
});

test('tests see no other test, no network and no file', async () => {
  const source = `
load("@std//kv.star", "kv")
load("@std//testing.star", "testing")

def test_a():
    kv.set("x", 1)
    testing.files({"public/a": "A"})
    testing.eq(read_file("public/a"), "A")

def test_b():
    testing.eq(kv.get("x"), None)
    testing.contains(read_file("public/a"), "ERROR: there is no file public/a in the test")
    testing.contains(http_get("https://example.org/"), "ERROR: the test has no answer to GET https://example.org/")
`;
  const { isGood, text } = await inspectScript(scriptOf('sample', source));
  assert.ok(isGood, text);
});
