import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createScriptHost } from './testing/script-host.ts';

const source = `
load("@std//http.star", "http")
load("@std//kv.star", "kv")

def count(key: str = "n") -> int:
    "Counts what happens, and asks the web while it does."
    return kv.update(key, lambda n: n + len(http.get("https://example.org/" + key).text), 0)

def twice() -> int:
    "Updates within an update."
    return kv.update("n", lambda n: kv.update("n", lambda m: m + 1, 0), 0)

tool(count)
tool(twice)
`;

test('updates of one key wait for each other, and of other keys do not', async () => {
  let open = 0;
  let most = 0;
  const http = async () => {
    most = Math.max(most, ++open);
    await new Promise<void>((resolve) => setImmediate(resolve));
    open--;
    return new Response('x');
  };
  await using host = await createScriptHost(source, { http });
  const results = await Promise.all(Array.from({ length: 20 }, () => host.tool('count')));
  assert.deepEqual(
    results,
    Array.from({ length: 20 }, (_, n) => n + 1),
  );
  assert.equal(most, 1);
  await Promise.all(['a', 'b', 'c'].map((key) => host.tool('count', { key })));
  assert.equal(most, 3);
});

test('an update within an update of the same key says so, and holds nobody up', async () => {
  await using host = await createScriptHost(source, { http: () => new Response('x') });
  await assert.rejects(host.tool('twice'), {
    code: 'CONFLICT',
    message: /the key "n" is being updated by this very call/,
  });
  assert.equal(await host.tool('count'), 1);
});

test('a call that ends while it waits for its turn, or in the middle of it, makes way for the next', async () => {
  const asked = Promise.withResolvers<void>();
  let isHanging = true;
  const http = () => {
    asked.resolve();
    return isHanging ? new Promise<Response>(() => {}) : new Response('x');
  };
  await using host = await createScriptHost(source, { http });
  const [first, second] = [new AbortController(), new AbortController()];
  const calls = [first, second].map(({ signal }) =>
    assert.rejects(host.tool('count', {}, { signal }), { code: 'CANCELLED' }),
  );
  await asked.promise;
  second.abort();
  isHanging = false;
  first.abort();
  await Promise.all(calls);
  assert.equal(await host.tool('count'), 1);
});
