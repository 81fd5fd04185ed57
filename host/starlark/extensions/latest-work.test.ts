import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LatestWork } from './latest-work.ts';

/** Work that ends when it is told to, and what has begun, ended and been aborted. */
function bench() {
  const work = new LatestWork<string>();
  const events: string[] = [];
  const ends = new Map<string, PromiseWithResolvers<string>>();
  const endOf = (name: string) => {
    const known = ends.get(name) ?? Promise.withResolvers<string>();
    ends.set(name, known);
    return known;
  };
  const job = (name: string) => (signal: AbortSignal) => {
    events.push(`${name} begins`);
    signal.addEventListener('abort', () => events.push(`${name} shall end`));
    return endOf(name).promise;
  };
  return { work, events, job, end: (name: string) => endOf(name).resolve(name) };
}

test('work on a name runs one at a time, and the latest of what waits is what runs next', async () => {
  const { work, events, job, end } = bench();
  const a = work.submit(job('a'));
  const b = work.submit(job('b'));
  const c = work.submit(job('c'));
  assert.equal(await b, null);
  assert.deepEqual(events, ['a begins', 'a shall end']);
  end('a');
  assert.equal(await a, 'a');
  end('c');
  assert.equal(await c, 'c');
  assert.deepEqual(events, ['a begins', 'a shall end', 'c begins']);
});

test('what is appended waits its turn, and gives way to whatever waits or comes', async () => {
  const { work, events, job, end } = bench();
  const a = work.submit(job('a'));
  const b = work.append(job('b'));
  assert.equal(await work.append(job('c')), null);
  const d = work.submit(job('d'));
  assert.equal(await b, null);
  assert.equal(await work.append(job('e')), null);
  end('a');
  await a;
  end('d');
  assert.equal(await d, 'd');
  const f = work.append(job('f'));
  end('f');
  assert.equal(await f, 'f');
  assert.deepEqual(events, ['a begins', 'a shall end', 'd begins', 'f begins']);
});

test('work that fails fails for its author, and the next runs', async () => {
  const { work, job, end } = bench();
  const failing = work.submit(() => Promise.reject(new Error('no')));
  const next = work.append(job('next'));
  await assert.rejects(failing, /no/);
  end('next');
  assert.equal(await next, 'next');
});

test('after a stop nothing waits any more', async () => {
  const { work, events, job, end } = bench();
  const a = work.submit(job('a'));
  const b = work.submit(job('b'));
  work.stop();
  assert.equal(await b, null);
  end('a');
  await a;
  assert.deepEqual(events, ['a begins', 'a shall end']);
});
