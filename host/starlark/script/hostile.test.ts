import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspectScript } from './index.ts';
import { createScriptHost, reportOf, scriptOf } from './testing/script-host.ts';

const greet = 'def greet(name: str):\n    "Greets."\n    return "hi " + name\ntool(greet)\n';

/** Functions that must fail within their bounds: how, and with what code. */
const attacks: readonly { name: string; body: string; code: string; message: RegExp }[] = [
  {
    name: 'a loop without end',
    body: 'while True:\n        pass',
    code: 'TIMEOUT',
    message: /ran for 2000 ms without waiting/,
  },
  {
    name: 'recursion without end',
    body: 'return attack(n + 1)',
    code: 'TOO_LARGE',
    message: /too many calls are open/,
  },
  {
    name: 'a list that doubles',
    body: 'x = [1]\n    while True:\n        x = x + x',
    code: 'TOO_LARGE',
    message: /memory limit/,
  },
  {
    name: 'a text that doubles',
    body: 'x = "ab"\n    while True:\n        x = x + x',
    code: 'TOO_LARGE',
    message: /memory limit|too large|SIZE|long/i,
  },
  {
    name: 'an int that doubles',
    body: 'x = 3\n    while True:\n        x = x * x',
    code: 'TOO_LARGE',
    message: /too large|bits|memory limit/i,
  },
  {
    name: 'a dict that grows',
    body: 'x = {}\n    for i in range(1 << 40):\n        x[i] = str(i)',
    code: 'TOO_LARGE',
    message: /memory limit/,
  },
  {
    name: 'a giant repeat',
    body: 'return len("x" * (1 << 29))',
    code: 'TOO_LARGE',
    message: /memory limit|too large|long/i,
  },
  {
    name: 'a giant join',
    body: 'return len(("x" * 1000000).join(["y"] * 1000000))',
    code: 'TOO_LARGE',
    message: /memory limit|too large|long/i,
  },
  {
    name: 'output of 100 MB',
    body: 'for i in range(100):\n        print("x" * 1000000)',
    code: 'TOO_LARGE',
    message: /output limit of 1000000 characters/,
  },
  {
    name: 'a result that is too large',
    body: 'return "x" * 2000000',
    code: 'TOO_LARGE',
    message: /has 2000000 characters, and 1000000 may be given back/,
  },
];

for (const { name, body, code, message } of attacks) {
  test(`${name} ends within its bounds, and the next call works`, async () => {
    const source = `${greet}def attack(n: int = 0):\n    "Attacks."\n    ${body}\ntool(attack)\n`;
    await using host = await createScriptHost(source);
    await assert.rejects(host.tool('attack'), (error: Error & { code: string }) => {
      assert.equal(error.code, code, error.message);
      assert.match(error.message, message);
      return true;
    });
    assert.equal(await host.tool('greet', { name: 'Ada' }), 'hi Ada');
  });
}

test('a regular expression cannot backtrack', async () => {
  const source =
    'load("@std//re.star", "re")\ndef run(n: int):\n    "Matches."\n    return re.fullmatch(r"(a+)+(a|aa)+$", "a" * n + "b") == None\n';
  await using host = await createScriptHost(source);
  const start = performance.now();
  assert.equal(await host.tool('sample', { n: 20_000 }), true);
  assert.ok(performance.now() - start < 2_000);
});

test('output before a failure is kept', async () => {
  await using host = await createScriptHost(`def run():\n    "Prints."\n    print("one")\n    print("x" * 2000000)\n`);
  await assert.rejects(
    host.tool('sample'),
    (error: Error & { details: { output: string } }) => error.details.output === 'one\n',
  );
});

test('ten thousand nested brackets are an error, not a crash', async () => {
  for (const bracket of ['(', '[', '{1:']) assert.match(await reportOf(`x = ${bracket.repeat(10_000)}\n`), /nest/);
});

test('names of JavaScript’s inside are names like any other', async () => {
  const names = [
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'prototype',
    'valueOf',
    'globalThis',
    'process',
  ];
  const source = [
    'def run(__proto__: str, constructor: int = 1, **toString) -> dict:',
    '    "Names."',
    '    prototype, valueOf, globalThis, process, hasOwnProperty = 1, 2, 3, 4, 5',
    '    s = struct(__proto__ = __proto__, constructor = constructor)',
    '    d = {"__proto__": s.__proto__, "constructor": s.constructor, "toString": toString}',
    '    return d | {name: hasattr(s, name) for name in ["hasOwnProperty", "valueOf"]}',
  ];
  await using host = await createScriptHost(`${source.join('\n')}\n`);
  const given = JSON.parse('{"__proto__": "p", "constructor": 7, "toString": "t", "valueOf": "v"}');
  const result = await host.tool('sample', given);
  const expected =
    '{"__proto__":"p","constructor":7,"toString":{"toString":"t","valueOf":"v"},"hasOwnProperty":false,"valueOf":false}';
  assert.equal(JSON.stringify(result), expected);
  for (const name of names) {
    assert.match(await reportOf(`x = ${name}\n`), /undefined: /, name);
    assert.match(await reportOf(`x = "".${name}\n`), /has no \.|no field|no attribute/, name);
  }
  assert.equal(({} as Record<string, unknown>).polluted, undefined);
});

test('source cannot break out of the code that is made of it', async () => {
  const sources = [
    'x = "`$' + '{process.exit(1)}`"\ny = \'"); process.exit(1); ("\'\n',
    '# \u2028 process.exit(1)\n# */ process.exit(1) /*\nx = 1\n',
    'x = "\u2028\u2029\\u2028"\n"""`*/ process.exit(1) /*"""\n',
    'def constructor(process): return process\nx = constructor("exit")\n',
  ];
  for (const source of sources) assert.equal((await inspectScript(scriptOf('sample', source))).isGood, true, source);
});

test('a host call that never answers ends at the deadline of its call', async () => {
  const http = () => new Promise<Response>(() => {});
  await using host = await createScriptHost(
    'load("@std//http.star", "http")\ndef run():\n    "Hangs."\n    return http.get("https://example.org/").text\n',
    { http },
  );
  await assert.rejects(host.tool('sample', {}, { timeoutMs: 50 }), (error: Error & { code: string }) => {
    assert.equal(error.code, 'TIMEOUT');
    return true;
  });
});

test('a cancel in the middle of a host call ends the script, and the call of the host with it', async () => {
  const cancelled = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  const provided = {
    'tool:slow': (_: unknown, signal: AbortSignal) => {
      signal.addEventListener('abort', () => cancelled.resolve());
      asked.resolve();
      return new Promise<null>(() => {});
    },
  };
  const source =
    'load("@std//tools.star", "tools")\nallow(tools = ["slow"])\ndef run():\n    "Waits."\n    print("before")\n    tools.call("slow")\n';
  await using host = await createScriptHost(source, { provided });
  const controller = new AbortController();
  const call = host.tool('sample', {}, { signal: controller.signal });
  call.catch(() => undefined);
  await asked.promise;
  controller.abort();
  await cancelled.promise;
  await assert.rejects(call, { code: 'CANCELLED' });
});

test('a test without end is a failed test, and the others are run', async () => {
  const source = 'def test_a():\n    while True:\n        pass\ndef test_b():\n    pass\n';
  const { isGood, tests } = await inspectScript(scriptOf('sample', source));
  assert.equal(isGood, false);
  assert.deepEqual(
    tests.map(({ name, isPassed }) => [name, isPassed]),
    [
      ['test_a', false],
      ['test_b', true],
    ],
  );
});

test('a top level without end is told, and an inspection can be cancelled', async () => {
  assert.match(
    await reportOf('x = 0\nwhile True:\n    x += 1\n'),
    /sample\.star:2:7: error: it ran for 1000 ms without waiting/,
  );
  const controller = new AbortController();
  controller.abort(new Error('not needed any more'));
  await assert.rejects(
    inspectScript(scriptOf('sample', 'x = 1\nfor i in range(1 << 40): x = i\n'), controller.signal),
    /not needed any more/,
  );
});
