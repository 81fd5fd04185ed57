import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '@clay/sdk';
import type { CallRequest } from '../../../router/router.ts';
import type { ScriptedAnswer } from '../../testing/anthropic-script.ts';
import { asked, begin, buildLoop, byAgent, loopFixture, notes, result, signal } from '../../testing/loop-fixture.ts';

test('iterations are capped, and the main agent is told that the work is not finished', async (t) => {
  const loop = await loopFixture(t, { maxIterations: 2 });
  loop.server.script(
    byAgent({
      clay: [begin(), { text: 'Half of it.' }],
      reviewer: [signal('continue', 'more'), signal('continue', 'still more')],
    }),
  );
  assert.equal((await loop.ask('go')).text, 'Half of it.');
  const { outcome, why, iterations } = result(loop.events());
  assert.deepEqual([outcome, iterations], ['capped', 2]);
  assert.match(String(why), /used up its 2 iterations\. The last word of reviewer: still more/);
});

test('tokens and cost are capped by the ledger, before another tool runs', async (t) => {
  const look = { run: () => 'seen' };
  const looking = { calls: [{ name: 'look' }] };
  for (const [caps, why] of [
    [{ tokens: 100 }, /used 120 tokens; caps\.tokens ends it at 100/],
    [{ costUsd: 0.0001 }, /cost \$0\.00; caps\.costUsd ends it at \$0\.0001/],
  ] as const) {
    const loop = await loopFixture(
      t,
      {},
      {
        agents: { build_loop: buildLoop({ caps }) },
        tools: { look },
        prices: { 'glm-5': { input: 1, output: 2, cacheRead: 0, cacheWrite: 0 } },
      },
    );
    loop.server.script(byAgent({ clay: [begin(), { text: 'ok' }], generator: [looking, looking, looking, looking] }));
    await loop.ask('go');
    assert.equal(result(loop.events()).outcome, 'capped');
    assert.match(String(result(loop.events()).why), why);
    // 25 and 15 tokens a call: two looks, and a third call of the model whose look is not run.
    assert.equal(loop.calls.length, 'tokens' in caps ? 2 : 1);
  }
});

test('time is capped, also while a tool hangs', async (t) => {
  const hang = { run: () => new Promise<string>(() => undefined) };
  const loop = await loopFixture(
    t,
    {},
    {
      agents: { build_loop: buildLoop({ caps: { minutes: 0.005 } }) },
      tools: { hang },
    },
  );
  loop.server.script(byAgent({ clay: [begin(), { text: 'ok' }], generator: [{ calls: [{ name: 'hang' }] }] }));
  assert.equal((await loop.ask('go')).text, 'ok');
  assert.match(String(result(loop.events()).why), /worked for 0 minutes; caps\.minutes ends it at 0/);
  assert.deepEqual(
    notes(loop.events()).map(({ kind }) => kind),
    ['begun', 'step', 'report', 'ended'],
  );
});

const overloaded: ScriptedAnswer = { status: 529, type: 'overloaded_error' };
const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

test('a model that is away is asked again after a wait that is told, and the loop goes on', async (t) => {
  const loop = await loopFixture(t);
  loop.server.script(
    byAgent({
      clay: [begin(), { text: 'ok' }],
      // The model layer tries four times each time it is asked.
      generator: [...times(8, overloaded), { text: 'Here.' }],
      reviewer: [signal('done')],
    }),
  );
  await loop.ask('go');
  assert.equal(result(loop.events()).outcome, 'done');
  assert.deepEqual(
    notes(loop.events()).filter(({ kind }) => kind === 'retry'),
    [5_000, 20_000].map((waitMs) => ({
      kind: 'retry',
      iteration: 1,
      index: 0,
      who: 'generator',
      code: 'MODEL_OVERLOADED',
      waitMs,
    })),
  );
});

test('a model that stays away fails the loop, which keeps what there is', async (t) => {
  const loop = await loopFixture(t, { caps: { tries: 2 } });
  loop.server.script(
    byAgent({
      clay: [begin(), { text: 'The reviewer is away.' }],
      generator: [{ text: 'A first version.' }],
      reviewer: times(8, overloaded),
    }),
  );
  assert.equal((await loop.ask('go')).text, 'The reviewer is away.');
  const { error, code, output } = result(loop.events());
  assert.match(String(error), /build_loop failed in iteration 1: reviewer could not go on: .* \(MODEL_OVERLOADED\)/);
  assert.deepEqual([code, output], ['MODEL', 'A first version.']);
});

test('a failure that will not pass ends the loop at once', async (t) => {
  const loop = await loopFixture(t);
  loop.server.script(
    byAgent({
      clay: [begin(), { text: 'It was refused.' }],
      generator: [{ status: 403, type: 'permission_error' }],
    }),
  );
  assert.equal((await loop.ask('go')).text, 'It was refused.');
  assert.match(String(result(loop.events()).error), /MODEL_FORBIDDEN/);
  assert.equal(asked(loop, 'generator').length, 1);
});

test('each part has the model calls of a whole turn; one that uses them up is cut short, and the reviewer sees it', async (t) => {
  let n = 0;
  const loop = await loopFixture(
    t,
    {},
    {
      agents: { build_loop: buildLoop() },
      tools: { look: { run: () => ++n } },
      limits: { maxLlmCalls: 3 },
    },
  );
  const looks = times(3, { calls: [{ name: 'look' }] });
  loop.server.script(
    byAgent({ clay: [begin(), { text: 'ok' }], generator: [...looks], reviewer: [signal('continue'), signal('done')] }),
  );
  assert.equal((await loop.ask('go')).text, 'ok');
  assert.equal(result(loop.events()).iterations, 2);
  assert.match(JSON.stringify(asked(loop, 'reviewer')[0]?.body.messages), /generator was cut short: I stopped here/);
});

test('a part that has read too much for one context is cut short, and the next round begins fresh', async (t) => {
  const loop = await loopFixture(t);
  loop.server.script(
    byAgent({
      clay: [begin(), { text: 'ok' }],
      generator: [{ status: 413, type: 'request_too_large' }, { text: 'Smaller steps.' }],
      reviewer: [signal('continue', 'Read less at once.'), signal('done')],
    }),
  );
  await loop.ask('go');
  assert.deepEqual([result(loop.events()).outcome, result(loop.events()).iterations], ['done', 2]);
});

test('a cancel ends the loop at any step, and the session goes on', async (t) => {
  for (const answers of [
    { generator: [{ calls: [{ name: 'hang' }] }] },
    { generator: [{ text: 'x' }], reviewer: [{ calls: [{ name: 'hang' }] }] },
  ]) {
    const started = Promise.withResolvers<void>();
    const hang = {
      run(_: JsonObject, { signal }: CallRequest) {
        started.resolve();
        return new Promise<string>((_resolve, reject) =>
          signal?.addEventListener('abort', () => reject(signal.reason)),
        );
      },
    };
    const loop = await loopFixture(t, {}, { agents: { build_loop: buildLoop() }, tools: { hang } });
    loop.server.script(byAgent({ clay: [begin()], ...answers }));
    const turn = loop.say('go');
    await started.promise;
    turn.cancel('the person stopped it');
    assert.equal((await turn.done).status, 'cancelled');
    assert.equal(notes(loop.events()).at(-1)?.kind, 'step');
    assert.match(JSON.stringify(result(loop.events())), /CANCELLED/);
    loop.server.script([{ text: 'Here I am.' }]);
    assert.equal((await loop.ask('still there?')).text, 'Here I am.');
  }
});

test('a client that goes away ends nothing', async (t) => {
  const loop = await loopFixture(t);
  loop.server.script(byAgent({ clay: [begin(), { text: 'ready' }], reviewer: [signal('continue'), signal('done')] }));
  const turn = loop.say('go');
  for await (const { event } of turn.events(0, AbortSignal.timeout(60_000))) {
    if (event.customMetadata?.loop) break;
  }
  assert.equal((await turn.done).text, 'ready');
  assert.equal(result(loop.events()).iterations, 2);
});
