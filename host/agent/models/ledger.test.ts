import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { ModelConfig } from '../../config/config.ts';
import { agentFixture } from '../testing/agent-fixture.ts';
import type { ScriptedAnswer } from '../testing/anthropic-script.ts';
import { startAnthropicServer } from '../testing/anthropic-server.ts';

const price = { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75 };

async function claw(t: TestContext, script: readonly ScriptedAnswer[]) {
  const provider = await startAnthropicServer(script);
  t.after(() => provider.close());
  const model: ModelConfig = {
    provider: 'anthropic',
    apiKey: 'key',
    keyStyle: 'key',
    baseUrl: provider.url,
    model: 'glm-5',
    maxTokens: 8192,
    thinkingTokens: 0,
  };
  const fixture = await agentFixture(t, {
    model,
    prices: { 'glm-5': price },
    tools: { look: { run: () => 'a cat' } },
  });
  return { ...fixture, provider };
}

/** The server states so many tokens more at the end of an answer than at its beginning. */
const atTheEnd = 14;

/** Of the Messages API: what is billed for an answer. */
function billed(usage: Readonly<Record<string, number>>): number {
  const { input_tokens = 0, output_tokens = 0, cache_read_input_tokens = 0, cache_creation_input_tokens = 0 } = usage;
  const millionths =
    input_tokens * price.input +
    output_tokens * price.output +
    cache_read_input_tokens * price.cacheRead +
    cache_creation_input_tokens * price.cacheWrite;
  return millionths / 1e6;
}

const within = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual - expected) <= expected * 0.01, `${actual} in place of ${expected}`);

test('the ledger has what the provider states, cached tokens too, over all calls of a turn', async (t) => {
  const first = {
    input_tokens: 1200,
    cache_read_input_tokens: 50_000,
    cache_creation_input_tokens: 700,
    output_tokens: 90,
  };
  const second = {
    input_tokens: 80,
    cache_read_input_tokens: 51_900,
    cache_creation_input_tokens: 0,
    output_tokens: 40,
  };
  const { ask, store } = await claw(t, [
    { calls: [{ name: 'look' }], usage: first },
    { text: 'A cat.', usage: second },
  ]);
  assert.equal((await ask('What is there?')).text, 'A cat.');
  const sum = store.usage.sum();
  assert.deepEqual([sum.calls, sum.inputTokens, sum.cacheReadTokens, sum.cacheWriteTokens], [2, 1280, 101_900, 700]);
  const whole = (usage: typeof first) => billed({ ...usage, output_tokens: usage.output_tokens + atTheEnd });
  within(sum.costUsd, whole(first) + whole(second));
});

test('an answer that broke off and was asked for again counts twice, as the provider bills it', async (t) => {
  const usage = {
    input_tokens: 4000,
    cache_read_input_tokens: 20_000,
    cache_creation_input_tokens: 0,
    output_tokens: 1,
  };
  const text = 'The harbour lies to the north of the old town, behind the walls. '.repeat(4);
  const { ask, store } = await claw(t, [
    { text, usage, cutAfter: 12 },
    { text, usage },
  ]);
  assert.match((await ask('Where is the harbour?')).text, /north of the old town/);
  const sum = store.usage.sum();
  assert.equal(sum.calls, 2);
  // Of the first, nine pieces of twelve characters had come: 27 tokens.
  within(sum.costUsd, billed({ ...usage, output_tokens: 27 }) + billed({ ...usage, output_tokens: 1 + atTheEnd }));
});

test('an answer that a person cancels counts as far as it had come', async (t) => {
  const usage = { input_tokens: 9000, cache_read_input_tokens: 0, cache_creation_input_tokens: 0, output_tokens: 1 };
  const { say, store } = await claw(t, [{ text: 'word '.repeat(200), usage, hangAfter: 20 }]);
  const turn = say('Talk.');
  let shown = '';
  for await (const { event } of turn.events()) {
    shown += event.partial ? (event.content?.parts?.[0]?.text ?? '') : '';
    if (shown.length >= 200) turn.cancel('enough');
  }
  assert.equal((await turn.done).status, 'cancelled');
  const sum = store.usage.sum();
  assert.equal(sum.calls, 1);
  within(sum.costUsd, billed({ ...usage, output_tokens: 50 }));
});
