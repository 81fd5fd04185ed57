import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compile, HostFunction, StarlarkError, Thread, type Value } from '../../src/index.ts';

function program(text: string, predeclared: Record<string, Value>) {
  const { program, diagnostics } = compile(text, { file: 'host.star', predeclared });
  assert.ok(program, diagnostics.map((diagnostic) => diagnostic.message).join('\n'));
  return program;
}

/** A host call that is never answered; `asked` settles when the script has made it. */
function silence() {
  const asked = Promise.withResolvers<void>();
  const wait = new HostFunction(
    'wait() -> int',
    () => {
      asked.resolve();
      return new Promise<never>(() => {});
    },
    { suspends: true },
  );
  return { asked: asked.promise, wait };
}

const isError = (code: string, message?: RegExp) => (error: unknown) => {
  assert.ok(error instanceof StarlarkError, String(error));
  assert.equal(error.code, code, error.message);
  if (message) assert.match(error.message, message);
  return true;
};

describe('a host call that goes wrong ends the script in an ordinary error', () => {
  test('a script that is cancelled in the middle of a host call ends at once', async () => {
    const { asked, wait } = silence();
    const thread = new Thread();
    const running = program('def f():\n    return wait()\nf()\n', { wait }).runAsync(thread);
    await asked;
    thread.cancel('the user left');
    await assert.rejects(running, isError('CANCELLED', /the user left/));
  });

  test('a host call that never answers ends with the time of the script', async () => {
    const { wait } = silence();
    const thread = new Thread({ limits: { wallMs: 50 } });
    await assert.rejects(program('wait()\n', { wait }).runAsync(thread), isError('LIMIT_TIME'));
  });

  test('the answer that comes after the end of a script changes nothing', async () => {
    const late = Promise.withResolvers<number>();
    const asked = Promise.withResolvers<void>();
    const wait = new HostFunction(
      'wait() -> int',
      () => {
        asked.resolve();
        return late.promise;
      },
      { suspends: true },
    );
    const printed: string[] = [];
    const thread = new Thread({ print: (line) => void printed.push(line) });
    const running = program('print(wait())\n', { wait }).runAsync(thread);
    await asked.promise;
    thread.cancel('over');
    await assert.rejects(running, isError('CANCELLED'));
    late.resolve(1);
    await late.promise;
    assert.deepEqual(printed, []);
  });

  test('an exception of the host keeps its cause and names the line of the call', async () => {
    const cause = new TypeError('disk on fire');
    const burn = new HostFunction('burn() -> None', () => {
      throw cause;
    });
    const thread = new Thread();
    assert.throws(
      () => program('def f():\n    burn()\nf()\n', { burn }).run(thread),
      (error: unknown) => {
        assert.ok(error instanceof StarlarkError);
        assert.equal(error.code, 'HOST');
        assert.match(error.message, /disk on fire/);
        assert.equal(error.cause, cause);
        return true;
      },
    );
  });

  test('a rejected promise of the host is the same kind of error', async () => {
    const burn = new HostFunction('burn() -> None', () => Promise.reject(new Error('no such file')), {
      suspends: true,
    });
    await assert.rejects(program('burn()\n', { burn }).runAsync(new Thread()), isError('HOST', /no such file/));
  });

  test('a waiting host call under a built-in is refused with a clear error', async () => {
    const { wait } = silence();
    const source = 'x = sorted([2, 1], key = lambda v: wait())\n';
    await assert.rejects(program(source, { wait }).runAsync(new Thread()), isError('HOST', /wait/));
  });

  test('a waiting host call in a synchronous run is refused with a clear error', () => {
    const { wait } = silence();
    assert.throws(() => program('wait()\n', { wait }).run(new Thread()), isError('HOST', /wait/));
  });

  test('two hundred scripts wait in one thread, and the cancelled half does not disturb the other', async () => {
    const pause = new HostFunction(
      'pause(n: int) -> int',
      (n: number) => new Promise((done) => setImmediate(done, n)),
      {
        suspends: true,
      },
    );
    const waiting = program(
      'def f(n):\n    t = 0\n    for i in range(20):\n        t += pause(i)\n    return t + n\n',
      { pause },
    );
    const results = await Promise.allSettled(
      Array.from({ length: 200 }, async (_, n) => {
        const thread = new Thread();
        const module = await waiting.runAsync(thread);
        const result = module.callAsync('f', [n], {}, thread);
        if (n % 2 === 1) thread.cancel('odd');
        return result;
      }),
    );
    for (const [n, result] of results.entries()) {
      if (n % 2 === 0) assert.deepEqual(result, { status: 'fulfilled', value: 190 + n });
      else assert.equal(result.status, 'rejected');
    }
  });
});
