import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { ClayError, definePlugin, type PluginDefinition } from '@clay/sdk';
import { startKernel } from '../kernel/testing/kernel-fixture.ts';
import { temporaryStore } from '../store/testing/temporary-store.ts';
import { createAgentHost } from './create-agent-host.ts';
import { told } from './testing/agent-fixture.ts';
import type { AnthropicRequest } from './testing/anthropic-rules.ts';
import type { ScriptedAnswer } from './testing/anthropic-script.ts';
import { startAnthropicServer } from './testing/anthropic-server.ts';
import { impatientClock, recordingLog } from './testing/quiet.ts';

const zoo = definePlugin({
  name: 'zoo',
  setup(ctx) {
    ctx.tool({
      name: 'feed',
      description: 'Feeds an animal.',
      parameters: {
        type: 'object',
        properties: { animal: { type: 'string' } },
        required: ['animal'],
        additionalProperties: false,
      },
      run({ animal }, call) {
        call.progress(`feeding the ${animal}`);
        if (animal === 'tiger') throw new ClayError('REFUSED', 'Not the tiger.', { output: 'one look' });
        return { fed: String(animal), for: call.session?.user ?? null, by: call.caller };
      },
    });
    ctx.agent({
      type: 'llm',
      name: 'keeper',
      description: 'Knows animals.',
      instruction: 'You keep animals.',
      tools: ['feed'],
    });
    ctx.agent({
      type: 'sequence',
      name: 'tour',
      description: 'A walk.',
      agents: [
        {
          type: 'external',
          name: 'gate',
          description: 'Opens.',
          async *run(task) {
            yield { type: 'text', text: 'creak ' };
            return `open for: ${task}`;
          },
        },
        { type: 'llm', name: 'guide', description: 'Tells.', instruction: 'You guide.' },
      ],
    });
    ctx.prompt({ name: 'rules', placement: 'system', order: 1, render: ({ user }) => `Rules of the zoo for ${user}.` });
    ctx.prompt({ name: 'weather', placement: 'message', render: () => 'It rains.' });
  },
});

/** The agent side on a real kernel, journal and store. */
async function startAgent(t: TestContext, plugin: PluginDefinition) {
  const kernel = await startKernel([plugin]);
  t.after(() => kernel[Symbol.asyncDispose]());
  const server = await startAnthropicServer();
  t.after(() => server.close());
  const store = temporaryStore(t);
  const host = await createAgentHost({
    config: {
      limits: {
        maxLlmCalls: 20,
        turnMs: 60_000,
        modelIdleMs: 10_000,
        toolResultChars: 20_000,
        compactAtTokens: 100_000,
        bodyBytes: 1,
        probationMs: 30_000,
        pluginIdleMs: 300_000,
        drainMs: 1,
        requestsPerMinute: 1,
      },
      prices: {},
      paths: { root: '/nowhere' },
      model: {
        provider: 'anthropic',
        apiKey: 'k',
        keyStyle: 'key',
        baseUrl: server.url,
        model: 'glm-5',
        maxTokens: 4096,
        thinkingTokens: 0,
      },
    },
    registry: kernel.kernel.registry,
    router: kernel.kernel.router,
    store,
    emit: (event, payload) => kernel.kernel.emit(event, payload),
    clock: impatientClock(),
    log: recordingLog(),
    calls: kernel.journal.calls,
  });
  t.after(() => host.stop(0));
  return { kernel, server, host };
}

test('what a plugin declares to the kernel is what the model is offered, runs, and hears of', async (t) => {
  const { kernel, server, host } = await startAgent(t, zoo);
  assert.deepEqual(
    host.graph().rootAgent.agents.map(({ name, agents }) => [name, agents.map((agent) => agent.name)]),
    [
      ['keeper', []],
      ['tour', ['gate', 'guide']],
    ],
  );

  const main: ScriptedAnswer[] = [
    {
      calls: [
        { id: 'a', name: 'feed', input: { animal: 'bear' } },
        { id: 'b', name: 'feed', input: { animal: 'tiger' } },
        { id: 'c', name: 'feed', input: { animal: 5 } },
        { id: 'd', name: 'delegate', input: { agent: 'keeper', task: 'feed the owl' } },
        { id: 'e', name: 'delegate', input: { agent: 'tour', task: 'show me' } },
      ],
    },
    { text: 'All done.' },
  ];
  const keeper: ScriptedAnswer[] = [
    { calls: [{ id: 'k', name: 'feed', input: { animal: 'owl' } }] },
    { text: 'The owl is fed.' },
  ];
  server.script(({ system }: AnthropicRequest) => {
    const who = JSON.stringify(system);
    if (who.includes('You keep animals')) return keeper.shift() ?? { text: '?' };
    return who.includes('You guide') ? { text: 'On your left, a lion.' } : (main.shift() ?? { text: '?' });
  });

  const key = { app: 'clay', user: 'ann', id: 's1' };
  host.sessions.create(key);
  const turn = host.turns.start({
    app: 'clay',
    user: 'ann',
    session: 's1',
    message: { parts: [{ text: 'go' }] },
    streaming: true,
    caller: 'test',
  });
  const seen = (await Array.fromAsync(turn.events())).map(({ event }) => event);
  const outcome = await turn.done;
  assert.deepEqual([outcome.status, outcome.text], ['done', 'All done.']);

  const results = host.sessions
    .get(key)
    .events.flatMap(({ content }) => content?.parts?.flatMap((part) => part.functionResponse ?? []) ?? []);
  const response = (id: string) => results.find((result) => result.id === id)?.response;
  assert.deepEqual(response('a'), { fed: 'bear', for: 'ann', by: 'agent:clay' });
  assert.deepEqual(response('b'), { error: 'Not the tiger.', code: 'REFUSED', output: 'one look' });
  assert.equal(response('c')?.code, 'BAD_ARGUMENTS');
  assert.deepEqual(response('k'), { fed: 'owl', for: 'ann', by: 'agent:keeper' });
  assert.deepEqual(response('d'), { agent: 'keeper', answer: 'The owl is fed.' });
  assert.deepEqual(response('e'), { agent: 'tour', answer: 'On your left, a lion.' });
  assert.ok(told(seen).includes('gate: open for: show me'));
  assert.ok(seen.some(({ customMetadata }) => JSON.stringify(customMetadata ?? {}).includes('feeding the bear')));

  const [first] = server.requests;
  assert.match(JSON.stringify(first?.body.system), /Rules of the zoo for ann\./);
  assert.match(JSON.stringify(first?.body.messages), /\[Context, not written by the person: weather\]\\nIt rains\./);
  const feed = first?.body.tools?.find(({ name }) => name === 'feed');
  assert.equal(feed?.input_schema.additionalProperties, false);
  const rows = kernel.journal.calls.recent(20).filter(({ capability }) => capability === 'tool:feed');
  assert.deepEqual(
    rows.map(({ session }) => session?.turn).filter((id) => id !== turn.id),
    [],
  );
  assert.deepEqual(server.violations, []);
});

test('a tool that ends on a cancel tells in the session what it had produced', async (t) => {
  const begun = Promise.withResolvers<void>();
  const digger = definePlugin({
    name: 'digger',
    setup(ctx) {
      ctx.tool({
        name: 'dig',
        description: 'Digs until somebody stops it.',
        run: (_args, call) =>
          new Promise((_resolve, reject) => {
            const stop = () => reject(new ClayError('CANCELLED', 'Stopped digging.', { output: 'two metres' }));
            call.signal.addEventListener('abort', stop, { once: true });
            begun.resolve();
          }),
      });
    },
  });
  const { server, host } = await startAgent(t, digger);
  server.script([{ calls: [{ id: 'a', name: 'dig' }] }]);
  const key = { app: 'clay', user: 'ann', id: 's1' };
  host.sessions.create(key);
  const message = { parts: [{ text: 'go' }] };
  const turn = host.turns.start({ app: 'clay', user: 'ann', session: 's1', message, streaming: false, caller: 'test' });
  await begun.promise;
  assert.equal(host.turns.cancel('clay', 'ann', 's1'), true);
  assert.equal((await turn.done).status, 'cancelled');
  const [response] = host.sessions
    .get(key)
    .events.flatMap(({ content }) => content?.parts?.flatMap((part) => part.functionResponse ?? []) ?? []);
  assert.deepEqual(response?.response, { error: 'Stopped digging.', code: 'CANCELLED', output: 'two metres' });
});
