import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { ClayError, type JsonObject } from '@clay/sdk';
import { agentFixture, type FixtureOptions, told } from '../testing/agent-fixture.ts';
import type { ScriptedAnswer } from '../testing/anthropic-script.ts';
import { providerFixture } from '../testing/provider-fixture.ts';

const research = {
  type: 'llm',
  name: 'research',
  description: 'Looks things up.',
  instruction: 'You look things up. {never_templated}',
};
const review = { type: 'llm', name: 'review', description: 'Judges work.', instruction: 'You judge.', tools: ['look'] };
const look = { run: () => ({ seen: 'a cat' }) };

const withLook = (t: TestContext, options: FixtureOptions) => providerFixture(t, { tools: { look }, ...options });

/** Answers are chosen by what the request holds: agents that run side by side ask in any order. */
function byAgent(answers: Record<string, ScriptedAnswer[]>) {
  const left = structuredClone(answers);
  return (request: { readonly system?: unknown }): ScriptedAnswer => {
    const name = /Your name is (\w+)\./.exec(JSON.stringify(request.system))?.[1] ?? 'clay';
    return left[name]?.shift() ?? { text: `${name} has no more lines` };
  };
}

const delegate = (agent: string, task: string, id = `d-${agent}`) => ({ id, name: 'delegate', input: { agent, task } });

test('a delegated agent sees its task only, uses its tools, and its answer comes back as the result', async (t) => {
  const { server, ask, events, calls } = await withLook(t, { agents: { research } });
  server.script(
    byAgent({
      clay: [{ text: 'Asking.', calls: [delegate('research', 'What is there?')] }, { text: 'There is a cat.' }],
      research: [{ calls: [{ name: 'look' }] }, { text: 'A cat is there.' }],
    }),
  );
  const outcome = await ask('a private question');
  assert.equal(outcome.text, 'There is a cat.');
  const toResearch = server.requests.filter(({ body }) => JSON.stringify(body.system).includes('You look things up'));
  assert.equal(toResearch.length, 2);
  assert.doesNotMatch(JSON.stringify(toResearch), /private question/);
  assert.match(JSON.stringify(toResearch[0]?.body.system), /\{never_templated\}/);
  assert.doesNotMatch(JSON.stringify(toResearch[0]?.body.tools), /"delegate"|transfer_to_agent/);
  assert.equal(calls[0]?.caller, 'agent:research');
  const delegated = events().filter(({ isolationScope }) => isolationScope === 'd-research');
  assert.deepEqual(
    delegated.map(({ author }) => author),
    ['research', 'research', 'research'],
  );
  assert.match(told(events()).join('\n'), /"answer":"A cat is there\."/);
  assert.doesNotMatch(
    JSON.stringify(server.requests.at(-1)?.body.messages),
    /called tool/,
    'the main agent does not see the work',
  );
});

test('a delegated agent streams to whoever watches', async (t) => {
  const { server, say } = await withLook(t, { agents: { research } });
  server.script(
    byAgent({ clay: [{ calls: [delegate('research', 'x')] }, { text: 'ok' }], research: [{ text: 'word by word' }] }),
  );
  const partials = (await Array.fromAsync(say('go').events())).filter(
    ({ event }) => event.partial && event.author === 'research',
  );
  assert.equal(partials.map(({ event }) => event.content?.parts?.[0]?.text).join(''), 'word by word');
});

test('delegations of one step run side by side', async (t) => {
  const gate = Promise.withResolvers<void>();
  let waiting = 0;
  const { server, ask } = await withLook(t, {
    agents: { research, review },
    tools: {
      look: {
        async run() {
          if (++waiting === 2) gate.resolve();
          await gate.promise;
          return 1;
        },
      },
    },
  });
  server.script(
    byAgent({
      clay: [{ calls: [delegate('research', 'a'), delegate('review', 'b')] }, { text: 'both' }],
      research: [{ calls: [{ name: 'look' }] }, { text: 'found' }],
      review: [{ calls: [{ name: 'look' }] }, { text: 'judged' }],
    }),
  );
  assert.equal((await ask('go')).text, 'both');
});

test('a delegated call is run only when its event is in the database', async (t) => {
  const stored: boolean[] = [];
  const fixture = await withLook(t, {
    agents: { research },
    tools: {
      look: {
        run: () => {
          stored.push(told(fixture.events()).some((line) => line.startsWith('research:') && line.includes('"look"')));
          return 1;
        },
      },
    },
  });
  fixture.server.script(
    byAgent({
      clay: [{ calls: [delegate('research', 'a')] }],
      research: [{ calls: [{ name: 'look' }] }, { text: 'x' }],
    }),
  );
  await fixture.ask('go');
  assert.deepEqual(stored, [true]);
});

test('an agent that fails is a failed call that keeps what it had said', async (t) => {
  const { server, ask, events } = await withLook(t, { agents: { research } });
  server.script(
    byAgent({
      clay: [{ calls: [delegate('research', 'x')] }, { text: 'Sorry.' }],
      research: [{ text: 'I found ha', errorEvent: { type: 'invalid_request_error', message: 'x' } }],
    }),
  );
  assert.equal((await ask('go')).text, 'Sorry.');
  assert.match(
    told(events()).join('\n'),
    /"error":"The agent research could not finish: [^"]*","code":"MODEL","output":"I found ha"/,
  );
});

test('a delegation to nobody is answered with the names', async (t) => {
  const { server, ask, events } = await withLook(t, { agents: { research } });
  server.script([{ calls: [delegate('nobody', 'x')] }, { text: 'ok' }]);
  await ask('go');
  assert.match(told(events()).join('\n'), /There is no agent named \\"nobody\\". There are: research/);
});

test('all agents share the limit of the turn and the ledger', async (t) => {
  const { server, ask, store } = await withLook(t, {
    agents: { research },
    limits: { maxLlmCalls: 3 },
    prices: { 'glm-5': { input: 1, output: 2, cacheRead: 0, cacheWrite: 0 } },
  });
  let n = 0;
  server.script(() => ({ calls: n++ === 0 ? [delegate('research', 'x')] : [{ name: 'look', input: { n } }] }));
  const outcome = await ask('go');
  assert.equal(server.requests.length, 3);
  assert.equal(outcome.error?.code, 'MODEL_CALL_LIMIT');
  const sums = Object.fromEntries(store.usage.sumBy('plugin').map((sum) => [sum.name, sum]));
  assert.equal(sums.host?.calls, 1);
  assert.equal(sums.fixture?.calls, 2);
  // Two calls of 25 input and 15 output tokens, at 1 and 2 dollars a million.
  assert.equal(sums.fixture?.costUsd, (2 * (25 + 2 * 15)) / 1e6);
});

test('a transfer lets another agent speak for the rest of the turn, and the next turn is the main agent’s', async (t) => {
  const { server, ask } = await withLook(t, { agents: { review } });
  server.script(
    byAgent({
      clay: [
        { text: 'Over to review.', calls: [{ name: 'transfer_to_agent', input: { agent_name: 'review' } }] },
        { text: 'Clay again.' },
      ],
      review: [{ text: 'It is good.' }],
    }),
  );
  assert.equal((await ask('judge')).text, 'It is good.');
  assert.match(
    JSON.stringify(server.requests[1]?.body.messages),
    /judge.*\[clay\] said: Over to review\..*called tool/,
  );
  assert.equal((await ask('thanks')).text, 'Clay again.');
  assert.doesNotMatch(JSON.stringify(server.requests[2]?.body.system), /Your name is review/);
  assert.match(JSON.stringify(server.requests[2]?.body.messages), /\[review\] said: It is good\./);
});

test('an agent that was transferred to can hand the turn back', async (t) => {
  const { server, ask } = await withLook(t, { agents: { review } });
  server.script(
    byAgent({
      clay: [{ calls: [{ name: 'transfer_to_agent', input: { agent_name: 'review' } }] }, { text: 'Thanks, review.' }],
      review: [{ text: 'Good.', calls: [{ name: 'transfer_to_agent', input: { agent_name: 'clay' } }] }],
    }),
  );
  assert.equal((await ask('judge')).text, 'Thanks, review.');
});

test('a transfer to nobody is answered to the model once, with the names', async (t) => {
  const { server, ask, events } = await withLook(t, { agents: { review } });
  server.script([{ calls: [{ name: 'transfer_to_agent', input: { agent_name: 'ghost' } }] }, { text: 'I stay.' }]);
  assert.equal((await ask('go')).text, 'I stay.');
  assert.equal(server.requests.length, 2);
  assert.match(told(events()).join('\n'), /no agent named \\"ghost\\" to transfer to. There are: review/);
});

test('an agent gets only the tools that it names', async (t) => {
  const { server, ask, events } = await withLook(t, {
    agents: { review },
    tools: { look, secret: { run: () => 1 } },
  });
  server.script(
    byAgent({
      clay: [{ calls: [delegate('review', 'x')] }, { text: 'ok' }],
      review: [{ calls: [{ name: 'secret' }] }, { text: 'no' }],
    }),
  );
  await ask('go');
  const toReview = server.requests.find(({ body }) => JSON.stringify(body.system).includes('You judge'));
  assert.deepEqual(
    toReview?.body.tools?.map(({ name }) => name),
    ['look', 'artifact_read'],
  );
  assert.match(told(events()).join('\n'), /There is no tool named \\"secret\\"/);
});

const part = (name: string, extra: JsonObject = {}) => ({
  type: 'llm',
  name,
  description: name,
  instruction: `You are ${name}.`,
  ...extra,
});

test('a sequence runs its agents in order, each seeing those before it', async (t) => {
  const pipeline = {
    type: 'sequence',
    name: 'pipeline',
    description: 'Two steps.',
    agents: [part('draft', { outputKey: 'draft' }), part('polish')],
  };
  const { server, ask, host } = await withLook(t, { agents: { pipeline } });
  server.script(
    byAgent({
      clay: [{ calls: [delegate('pipeline', 'write')] }, { text: 'Here.' }],
      draft: [{ text: 'a draft' }],
      polish: [{ text: 'a poem' }],
    }),
  );
  await ask('go');
  assert.match(JSON.stringify(server.requests[2]?.body.messages), /write.*\[draft\] said: a draft/);
  assert.match(JSON.stringify(server.requests[3]?.body.messages), /"answer\\":\\"a poem\\"/);
  assert.equal(host.sessions.get({ app: 'clay', user: 'ann', id: 's1' }).state.draft, 'a draft');
});

test('parallel agents do not see each other', async (t) => {
  const both = { type: 'parallel', name: 'both', description: 'Two at once.', agents: [part('left'), part('right')] };
  const { server, ask } = await withLook(t, { agents: { both } });
  server.script(
    byAgent({
      clay: [{ calls: [delegate('both', 'think')] }, { text: 'Here.' }],
      left: [{ calls: [{ name: 'look' }] }, { text: 'left says' }],
      right: [{ calls: [{ name: 'look' }] }, { text: 'right says' }],
    }),
  );
  assert.equal((await ask('go')).text, 'Here.');
  const toLeft = server.requests.filter(({ body }) => JSON.stringify(body.system).includes('You are left'));
  assert.doesNotMatch(JSON.stringify(toLeft.at(-1)?.body.messages), /right/);
});

test('a loop ends when an agent says so, and at its limit', async (t) => {
  const loop = {
    type: 'loop',
    name: 'again',
    description: 'Until good.',
    maxIterations: 3,
    agents: [part('worker'), part('judge')],
  };
  const { server, ask } = await withLook(t, { agents: { again: loop } });
  server.script(
    byAgent({
      clay: [
        { calls: [delegate('again', 'work', 'd1')] },
        { text: 'One.' },
        { calls: [delegate('again', 'work', 'd2')] },
        { text: 'Two.' },
      ],
      worker: [{ text: 'try 1' }, { text: 'try 2' }, ...Array.from({ length: 3 }, () => ({ text: 'more' }))],
      judge: [
        { text: 'not yet' },
        { text: 'good', calls: [{ name: 'exit_loop' }] },
        ...Array.from({ length: 3 }, () => ({ text: 'no' })),
      ],
    }),
  );
  assert.equal((await ask('go')).text, 'One.');
  assert.equal(server.requests.length, 6);
  assert.equal((await ask('go')).text, 'Two.');
  assert.equal(server.requests.length, 6 + 8);
});

const outside = { type: 'external', name: 'outside', description: 'Works elsewhere.' };

test('an external agent streams its work, and its value is the answer', async (t) => {
  const { server, say, calls } = await withLook(t, {
    agents: { outside },
    async *external(task) {
      yield { type: 'text', text: 'Working ' };
      yield { type: 'tool_call', id: 'x1', name: 'shell', args: { command: 'ls' } };
      yield { type: 'tool_result', id: 'x1', name: 'shell', result: 'a.txt' };
      return `done: ${task}`;
    },
  });
  server.script([{ calls: [delegate('outside', 'list')] }, { text: 'ok' }]);
  const events = (await Array.fromAsync(say('go').events()))
    .map(({ event }) => event)
    .filter(({ author }) => author === 'outside');
  assert.deepEqual(told(events), [
    'outside: Working ',
    'outside: {"id":"x1","name":"shell","args":{"command":"ls"}}',
    'outside: {"id":"x1","name":"shell","response":{"result":"a.txt"}}',
    'outside: done: list',
  ]);
  assert.equal(calls[0]?.capability, 'agent:outside');
  assert.match(JSON.stringify(server.requests.at(-1)?.body.messages), /done: list/);
});

test('an external agent that dies is a failed call with what it had written', async (t) => {
  const { server, ask, events } = await withLook(t, {
    agents: { outside },
    async *external() {
      yield { type: 'text' as const, text: 'half a' };
      throw new ClayError('UNAVAILABLE', 'its process died');
    },
  });
  server.script([{ calls: [delegate('outside', 'x')] }, { text: 'ok' }]);
  await ask('go');
  assert.match(told(events()).join('\n'), /could not finish: its process died","code":"MODEL","output":"half a"/);
});

test('agents that cannot be used are left out and reported, and the rest works', async (t) => {
  const { ask, host, log } = await agentFixture(t, {
    agents: {
      research,
      bad: { type: 'magic', name: 'bad' },
      spaced: { ...review, name: 'two words' },
      twin: { ...review, name: 'research' },
      empty: { type: 'loop', name: 'empty', agents: [] },
    },
  });
  assert.equal((await ask('hello')).status, 'done');
  assert.deepEqual(
    host.graph().rootAgent.agents.map(({ name }) => name),
    ['research'],
  );
  assert.equal(log.events.filter(({ event }) => event === 'agent.refused').length, 4);
});

test('the graph shows agents, their tools and models', async (t) => {
  const { host } = await agentFixture(t, { agents: { review, outside }, tools: { look } });
  const { rootAgent } = host.graph();
  assert.deepEqual(rootAgent.tools, ['look', 'artifact_read', 'delegate', 'transfer_to_agent']);
  assert.deepEqual(
    rootAgent.agents.map(({ name, type, tools }) => [name, type, tools.join()]),
    [
      ['outside', 'external', ''],
      ['review', 'llm', 'look,artifact_read'],
    ],
  );
});

test('an agent that is loaded by a tool can be given work in the same turn', async (t) => {
  const { server, ask, registry } = await providerFixture(t, {
    tools: {
      install: {
        run() {
          registry.add('agent', 'research', { details: { definition: research, parent: null } });
          return 'installed';
        },
      },
    },
  });
  server.script(
    byAgent({
      clay: [{ calls: [{ name: 'install' }] }, { calls: [delegate('research', 'x')] }, { text: 'ok' }],
      research: [{ text: 'found' }],
    }),
  );
  assert.equal((await ask('go')).text, 'ok');
  const offered = server.requests.map(({ body }) => body.tools?.some(({ name }) => name === 'delegate'));
  assert.deepEqual(offered.slice(0, 2), [false, true]);
  assert.match(JSON.stringify(server.requests.at(-1)?.body.messages), /found/);
});
