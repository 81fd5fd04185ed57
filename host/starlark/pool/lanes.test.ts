import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { failing, openLanes, script, tool } from './testing/open-lanes.ts';

const limit = { timeout: 30_000 };

test('no lane is started before a script needs one, and a second script shares it', limit, async () => {
  await using test = openLanes();
  assert.deepEqual(test.lanes.list(), []);
  const one = await test.open('one', tool('one', 'return args.n + 1;'));
  const two = await test.open('two', tool('two', 'return args.n + 2;'));
  assert.equal(await one.call('tool:one', { n: 1 }), 2);
  assert.equal(await two.call('tool:two', { n: 1 }), 3);
  assert.deepEqual(
    test.lanes.list().map(({ scripts }) => scripts),
    [['one', 'two']],
  );
  assert.equal(readdirSync(test.children).length, 1);
});

test('a host function is answered, with the call that it was asked in', limit, async () => {
  await using test = openLanes();
  const one = await test.open('one', tool('one', 'return ctx.store.get("key");'), {
    serve: async ({ method, args, parent }) => ({
      value: { value: [method, args, parent?.call.capability ?? null] as never },
    }),
  });
  assert.deepEqual(await one.call(), ['store.get', { key: 'key' }, 'tool:one']);
});

test('a script that is closed leaves its lane, and the lane serves on', limit, async () => {
  await using test = openLanes();
  const one = await test.open('one', tool('one', 'return 1;'));
  const two = await test.open('two', tool('two', 'await ctx.clock.sleep(60_000);'));
  const open = failing(two.call());
  two.connection.close();
  await two.transport.ended();
  assert.equal((await open).code, 'UNAVAILABLE');
  assert.deepEqual(test.lanes.list()[0]?.scripts, ['one']);
  assert.equal(await one.call(), 1);
  assert.deepEqual(two.deaths, []);
});

test('an inspection gives the report of the lane', limit, async () => {
  await using test = openLanes();
  const { text, isGood } = await test.lanes.inspect(script('one', 'return "looks good";'));
  assert.deepEqual([text, isGood], ['looks good', true]);
});

test('a lane that only inspected becomes the first that serves', limit, async () => {
  await using test = openLanes();
  await test.lanes.inspect(script('one', 'return 1;'));
  const [inspector] = test.lanes.list();
  await test.open('one', tool('one', 'return 1;'));
  assert.deepEqual(
    test.lanes.list().map(({ pid, scripts }) => [pid, scripts]),
    [[inspector?.pid, ['one']]],
  );
});

const impatient = { inspectMs: 1_500, pingEveryMs: 200, maxMissedPings: 4 };
for (const [what, source, limits, message] of [
  ['spins', 'for (;;) {}', impatient, /did not end within \d+ ms/],
  ['waits for ever', 'return new Promise(() => {});', impatient, /did not end within \d+ ms/],
  [
    'allocates without end',
    'const all = []; for (;;) all.push(new Array(1000).fill({}));',
    { heapMb: 32, maxMissedPings: 40 },
    /used more than \d+ MB/,
  ],
  ['ends its process', 'process.exit(3);', {}, /took down the process in which it ran: it exited with code 3/],
] as const) {
  test(`an inspection that ${what} ends in words, and the scripts beside it notice nothing`, limit, async () => {
    await using test = openLanes({ limits });
    const one = await test.open('one', tool('one', 'return 1;'));
    const report = await test.lanes.inspect(script('bad', source));
    assert.equal(report.isGood, false);
    assert.match(report.text, message);
    assert.match(report.diagnostics[0]?.message ?? '', message);
    assert.equal(await one.call(), 1);
    assert.deepEqual(one.deaths, []);
    // The next one is none the worse for it.
    assert.equal((await test.lanes.inspect(script('good', 'return "good";'))).text, 'good');
  });
}

test('an inspection that is cancelled gives up at once, running or not yet begun', limit, async () => {
  await using test = openLanes({ limits: { answerMs: 300 } });
  const controller = new AbortController();
  const running = failing(test.lanes.inspect(script('one', 'return new Promise(() => {});'), controller.signal));
  const waiting = failing(test.lanes.inspect(script('two', 'return 1;'), controller.signal));
  controller.abort();
  assert.equal((await running).code, 'CANCELLED');
  assert.equal((await waiting).code, 'CANCELLED');
  assert.equal((await test.lanes.inspect(script('three', 'return 3;'))).text, '3');
});

test('an idle lane is ended after a while', limit, async () => {
  await using test = openLanes({ limits: { idleMs: 50 } });
  const one = await test.open('one', tool('one', 'return 1;'));
  await test.lanes.inspect(script('two', 'return 2;'));
  while (test.lanes.list().length > 1) await new Promise(setImmediate);
  assert.equal(await one.call(), 1);
  one.connection.close();
  while (test.lanes.list().length > 0) await new Promise(setImmediate);
  assert.deepEqual(readdirSync(test.children), []);
});

test('lanes that cannot be started are told by what they said last', limit, async () => {
  await using test = openLanes({ entry: { file: '/nonexistent/lane.mjs', folders: ['/nonexistent'] } });
  const error = await failing(test.open('one', ''));
  assert.equal(error.code, 'UNAVAILABLE');
});
