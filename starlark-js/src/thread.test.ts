import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  compile,
  HostFunction,
  type Limits,
  repr,
  StarlarkError,
  StarlarkStruct,
  Thread,
  type Value,
} from './index.ts';

/** A host function whose calls are answered by the test, in the order of its choice. */
class Desk {
  readonly waiting: { readonly question: string; answer(value: Value): void; refuse(error: unknown): void }[] = [];
  #heard: (() => void) | null = null;
  readonly ask: HostFunction = new HostFunction(
    'ask(question: str)',
    (question: string) =>
      new Promise<Value>((answer, refuse) => {
        this.waiting.push({ question, answer, refuse });
        this.#heard?.();
      }),
    { suspends: true },
  );

  /** Resolves when `count` questions are waiting. */
  async questions(count: number): Promise<void> {
    while (this.waiting.length < count) {
      await new Promise<void>((resolve) => {
        this.#heard = resolve;
      });
    }
  }
}

function fails(text: string, limits: Partial<Limits>): StarlarkError {
  const { program, diagnostics } = compile(text, { file: 'a.star' });
  assert.deepEqual(diagnostics, []);
  try {
    program!.run(new Thread({ limits, print: () => undefined }));
  } catch (error) {
    assert.ok(error instanceof StarlarkError, String(error));
    return error;
  }
  throw new Error('the program did not fail');
}

test('a program that loops for ever ends with its step limit, a backtrace and the hottest functions', () => {
  const text = 'def cold():\n    return 1\n\ndef hot():\n    x = 0\n    while True:\n        x += cold()\n\nhot()\n';
  const error = fails(text, { steps: 1_000_000 });
  assert.equal(error.code, 'LIMIT_STEPS');
  assert.deepEqual(
    error.backtrace.slice(0, 2).map((frame) => frame.function),
    ['<toplevel>', 'hot'],
  );
  assert.ok(error.hottest.some(({ function: name }) => name === 'hot (a.star:4)'));
  assert.ok(error.hottest.length <= 5);
});

test('time, memory, output and depth end a program as ordinary errors', () => {
  assert.equal(fails('while True:\n    pass\n', { wallMs: 30 }).code, 'LIMIT_TIME');
  assert.equal(fails('xs = [1]\nwhile True:\n    xs += xs\n', { bytes: 1 << 24 }).code, 'LIMIT_BYTES');
  assert.equal(fails('xs = []\nwhile True:\n    xs.append("x" * 1000)\n', { bytes: 1 << 26 }).code, 'LIMIT_BYTES');
  assert.equal(fails('while True:\n    print("0123456789")\n', { output: 1_000 }).code, 'LIMIT_OUTPUT');
  assert.equal(fails('def f(n):\n    return f(n + 1)\nf(0)\n', { depth: 100 }).code, 'LIMIT_DEPTH');
  assert.equal(fails('def f(g):\n    return g(g)\nf(f)\n', { depth: 100 }).code, 'LIMIT_DEPTH');
  assert.equal(fails('def f(n):\n    return sorted([n], key = f)\nf(0)\n', {}).code, 'LIMIT_DEPTH');
});

test('garbage is not counted as held', () => {
  const { program } = compile(
    'def f():\n    for i in range(400):\n        x = [i] * 100000\n    return len(x)\nresult = f()\n',
  );
  assert.equal(program!.run(new Thread({ limits: { bytes: 1 << 25 } })).get('result'), 100_000);
});

test('the depth of a thread is whole again after an error', () => {
  const { program } = compile(
    'def f(n):\n    return 0 if n == 0 else 1 + f(n - 1)\ndef g(n):\n    return f(n) + [][0]\n',
  );
  const thread = new Thread({ limits: { depth: 50 } });
  const module = program!.run(thread);
  for (let turn = 0; turn < 5; turn++) {
    assert.throws(() => module.call('f', [60]), { code: 'LIMIT_DEPTH' });
    assert.throws(() => module.call('g', [40]), { code: 'INDEX' });
    assert.equal(module.call('f', [40]), 40);
  }
});

test('steps are counted by thread, and the same run counts the same', () => {
  const { program } = compile('def f(n):\n    t = 0\n    for i in range(n):\n        t += i\n    return t\nf(1000)\n');
  const counts = [1, 2].map(() => {
    const thread = new Thread();
    program!.run(thread);
    return thread.steps;
  });
  assert.equal(counts[0], counts[1]);
  assert.ok(counts[0]! >= 1000 && counts[0]! < 1100, String(counts[0]));
});

test('hundreds of scripts wait in one process and are answered in any order', async () => {
  const desk = new Desk();
  const { program } = compile(
    'def main():\n    parts = [ask(str(i)) for i in range(2)]\n    return parts[0] + parts[1]\nresult = main()\n',
    {
      predeclared: { ask: desk.ask },
    },
  );
  const runs = Array.from({ length: 200 }, () => program!.runAsync(new Thread()));
  await desk.questions(200);
  for (const { question, answer } of desk.waiting.splice(0).reverse()) answer(Number(question) + 1);
  await desk.questions(200);
  for (const { question, answer } of desk.waiting.splice(0)) answer(Number(question) + 1);
  for (const module of await Promise.all(runs)) assert.equal(module.get('result'), 3);
});

test('a waiting call goes through closures, methods of structs and values of lists', async () => {
  const desk = new Desk();
  const { program } = compile(
    'def through(f, x):\n    return f(x)\nresult = [through(ask, "a"), through(lambda q: desk.ask(q), "b"), [ask][0]("c")]\n',
    { predeclared: { ask: desk.ask, desk: new StarlarkStruct([['ask', desk.ask]]) } },
  );
  const run = program!.runAsync(new Thread());
  for (const answer of ['1', '2', '3']) {
    await desk.questions(1);
    desk.waiting.shift()!.answer(answer);
  }
  const module = await run;
  assert.equal(repr(module.get('result')!), '["1", "2", "3"]');
});

test('what the host refuses is an error at the place of the waiting call', async () => {
  const desk = new Desk();
  const { program } = compile('def f():\n    return ask("x")\nf()\n', { predeclared: { ask: desk.ask } });
  const run = program!.runAsync(new Thread());
  await desk.questions(1);
  desk.waiting[0]!.refuse(new Error('no network'));
  await assert.rejects(run, (error: StarlarkError) => {
    assert.equal(error.code, 'HOST');
    assert.equal(error.message, 'no network');
    assert.deepEqual(
      error.backtrace.map(({ function: name, line }) => [name, line]),
      [
        ['<toplevel>', 3],
        ['f', 2],
      ],
    );
    return true;
  });
});

test('a call that cannot wait is refused before the host hears of it', async () => {
  const desk = new Desk();
  const predeclared = { ask: desk.ask };
  const { program: callback } = compile('sorted(["a"], key = lambda x: ask(x))\n', { predeclared });
  await assert.rejects(callback!.runAsync(new Thread()), { code: 'HOST' });
  const { program: direct } = compile('ask("a")\n', { predeclared });
  assert.throws(() => direct!.run(new Thread()), { code: 'HOST', message: /runAsync|waits for the host/ });
  assert.equal(desk.waiting.length, 0);
});

test('a thread can be cancelled while it waits and while it runs', async () => {
  const desk = new Desk();
  const { program } = compile('ask("x")\n', { predeclared: { ask: desk.ask } });
  const thread = new Thread();
  const run = program!.runAsync(thread);
  await desk.questions(1);
  thread.cancel('the user left');
  await assert.rejects(run, { code: 'CANCELLED', message: 'cancelled: the user left' });
  const busy = new Thread();
  const stop = new HostFunction('stop()', () => {
    busy.cancel('enough');
    return null;
  });
  const { program: loop } = compile('stop()\nwhile True:\n    pass\n', { predeclared: { stop } });
  assert.throws(() => loop!.run(busy), { code: 'CANCELLED', message: 'cancelled: enough' });
});

test('a host that never answers is ended by the time limit', async () => {
  const desk = new Desk();
  const { program } = compile('ask("x")\n', { predeclared: { ask: desk.ask } });
  await assert.rejects(program!.runAsync(new Thread({ limits: { wallMs: 20 } })), { code: 'LIMIT_TIME' });
});

test('a program without waiting calls is written without generators, whatever the host offers', () => {
  const desk = new Desk();
  const text = 'def f(g, x):\n    return g(x).upper()\nresult = f(lambda x: x, "a")\n';
  const { program } = compile(text, { predeclared: { ask: desk.ask } });
  assert.doesNotMatch(program!.code, /function\*/);
});

test('a function that may wait is called by keywords, also where only its value is known', async () => {
  const desk = new Desk();
  const source = `
def twice(ask):
    return [ask(question = letter) for letter in ["a", "b"]]

def go():
    return twice(question) + twice(ask = lambda question: question)
`;
  const { program } = compile(source, { file: 'a.star', predeclared: { question: desk.ask } });
  const module = program!.run(new Thread());
  const answer = module.callAsync('go', [], {}, new Thread());
  for (const expected of ['a', 'b']) {
    await desk.questions(1);
    const { question, answer: reply } = desk.waiting.shift()!;
    assert.equal(question, expected);
    reply(expected.toUpperCase());
  }
  assert.equal(repr(await answer), '["A", "B", "a", "b"]');
});
