import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ServedRequest } from '@clay/sdk/wire';
import { laneEntry } from './lane-entry.ts';
import { failing, openLanes, script } from './testing/open-lanes.ts';

// Scripts as authors write them, in the lane that ships: what its language bounds never gets as far as the lane's death.
const limit = { timeout: 60_000 };

const source = (body: string) => `# DESCRIPTION: Does one thing.
load("@std//kv.star", "kv")

def work(n: int = 0) -> str:
    """Works."""
${body.replace(/^/gm, '    ')}

tool(work)
`;

for (const [what, body, code] of [
  ['spins', 'for i in range(1000000000000):\n    n += i\nreturn str(n)', 'TIMEOUT'],
  ['doubles a list', 'all = [0]\nfor i in range(100):\n    all = all + all\nreturn str(len(all))', 'TOO_LARGE'],
  ['doubles a string', 'all = "x"\nfor i in range(100):\n    all = all + all\nreturn all', 'TOO_LARGE'],
  ['doubles a number', 'n = 2\nfor i in range(100):\n    n = n * n\nreturn str(n)', 'TOO_LARGE'],
  ['fills a dict', 'all = {}\nfor i in range(1000000000):\n    all[i] = [i]\nreturn str(len(all))', 'TOO_LARGE'],
  ['prints without end', 'for i in range(1000000000):\n    print("x" * 1000)\nreturn ""', 'TOO_LARGE'],
] as const) {
  test(`a script that ${what} fails with its line, and its lane lives`, limit, async () => {
    await using lanes = openLanes({ entry: laneEntry() });
    const good = await lanes.open('good', source('return "good"'));
    const bad = await lanes.open('bad', source(body));
    const waiting = failing(bad.call('tool:work'));
    assert.equal(await good.call('tool:work'), 'good');
    const error = await waiting;
    assert.equal(error.code, code, error.message);
    assert.match(error.message, /bad\.star:\d+:\d+/);
    assert.equal(await good.call('tool:work'), 'good');
    assert.deepEqual([good.deaths, bad.deaths], [[], []]);
  });
}

test('a script waits for the host while another computes and a third is inspected', limit, async () => {
  await using lanes = openLanes({ entry: laneEntry() });
  const asked = Promise.withResolvers<ServedRequest>();
  const answer = Promise.withResolvers<void>();
  const waiting = await lanes.open('waiting', source('return kv.get("key")'), {
    async serve(request) {
      asked.resolve(request);
      await answer.promise;
      return { value: { value: 'from the host' } };
    },
  });
  const call = waiting.call('tool:work');
  assert.equal((await asked.promise).method, 'store.get');
  const report = await lanes.lanes.inspect(script('third', source('return "third"')));
  assert.ok(report.isGood, report.text);
  const busy = await lanes.open('busy', source('for i in range(100000):\n    n += i\nreturn str(n)'));
  assert.equal(await busy.call('tool:work'), '4999950000');
  answer.resolve();
  assert.equal(await call, 'from the host');
});

test('a file that spins at its top level is refused by its report, within seconds', limit, async () => {
  await using lanes = openLanes({ entry: laneEntry() });
  const began = performance.now();
  const report = await lanes.lanes.inspect(
    script('bad', 'def f():\n    for i in range(1000000000000):\n        pass\nf()\n'),
  );
  assert.equal(report.isGood, false);
  assert.match(report.text, /bad\.star:\d+:\d+/);
  assert.ok(performance.now() - began < 10_000);
});
