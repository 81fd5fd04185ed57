import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ClayError, type JsonObject } from '@clay/sdk';
import type { CallRequest } from '../../../router/router.ts';
import type { EventJson } from '../../event-json.ts';
import { agentFixture, type FixtureOptions } from '../../testing/agent-fixture.ts';
import type { ScriptedAnswer, ScriptedMessage } from '../../testing/anthropic-script.ts';
import { type ProviderFixture, providerFixture } from '../../testing/provider-fixture.ts';
import type { LoopNote } from './loop-note.ts';

const worker = (name: string, extra: JsonObject = {}): JsonObject => ({
  type: 'llm',
  name,
  description: name,
  instruction: `You are ${name}.`,
  ...extra,
});

const buildLoop = (extra: JsonObject = {}): JsonObject => ({
  type: 'loop',
  name: 'build_loop',
  description: 'Builds.',
  until: 'signal',
  agents: [worker('generator'), worker('reviewer')],
  ...extra,
});

/** A claw with one loop, `build_loop`, and a folder for its files. */
async function loopFixture(
  t: TestContext,
  extra: JsonObject = {},
  options: FixtureOptions = {},
): Promise<ProviderFixture & { readonly root: string }> {
  const root = mkdtempSync(join(tmpdir(), 'clay-loop-'));
  t.after(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, 'data', 'ops'), { recursive: true });
  const fixture = await providerFixture(t, { agents: { build_loop: buildLoop(extra) }, ...options, root });
  return { ...fixture, root };
}

/** Answers by the agent that asks; what runs out says so. */
function byAgent(answers: Record<string, ScriptedAnswer[]>) {
  const left = structuredClone(answers);
  return (request: { readonly system?: unknown }): ScriptedAnswer => {
    const name = /Your name is (\w+)\./.exec(JSON.stringify(request.system))?.[1] ?? 'clay';
    return left[name]?.shift() ?? { text: `${name} has no more lines` };
  };
}

const begin = (task = 'Build it.'): ScriptedMessage => ({
  calls: [{ id: 'loop-1', name: 'delegate', input: { agent: 'build_loop', task } }],
});
const signal = (name: string, why = 'because', text?: string): ScriptedMessage => ({
  ...(text !== undefined && { text }),
  calls: [{ name: 'loop_signal', input: { signal: name, why } }],
});

function notes(events: readonly EventJson[]): LoopNote[] {
  return events.flatMap(({ customMetadata }) => (customMetadata?.loop as LoopNote | undefined) ?? []);
}

/** What the main agent got for the loop. */
function result(events: readonly EventJson[]): JsonObject {
  const responses = events
    .filter(({ isolationScope }) => isolationScope === undefined)
    .flatMap(({ content }) => content?.parts?.flatMap(({ functionResponse }) => functionResponse ?? []) ?? []);
  return responses.find(({ id }) => id === 'loop-1')?.response as JsonObject;
}

const asked = ({ server }: ProviderFixture, agent: string) =>
  server.requests.filter(({ body }) => JSON.stringify(body.system).includes(`Your name is ${agent}.`));

test('a loop runs until its reviewer says done; each part sees the task and the last reports, and every step is told', async (t) => {
  const loop = await loopFixture(t);
  loop.server.script(
    byAgent({
      clay: [begin('Build a boat.'), { text: 'The boat is built.' }],
      generator: [{ text: 'A raft.' }, { text: 'A boat.' }],
      reviewer: [signal('continue', 'It has no mast.', 'A raft is no boat.'), signal('done', 'It floats.')],
    }),
  );
  assert.equal((await loop.ask('I want a boat')).text, 'The boat is built.');
  const { next, ...rest } = result(loop.events());
  assert.deepEqual(rest, {
    agent: 'build_loop',
    outcome: 'done',
    why: 'It floats.',
    iterations: 2,
    answer: 'A boat.',
    review: 'It floats.',
  });
  assert.match(String(next), /give the person one report/);
  assert.deepEqual(
    notes(loop.events()).map((note) => [note.kind, 'who' in note ? `${note.who} ${note.iteration}` : '']),
    [
      ['begun', ''],
      ['step', 'generator 1'],
      ['report', 'generator 1'],
      ['step', 'reviewer 1'],
      ['report', 'reviewer 1'],
      ['step', 'generator 2'],
      ['report', 'generator 2'],
      ['step', 'reviewer 2'],
      ['report', 'reviewer 2'],
      ['ended', ''],
    ],
  );
  const words = loop.events().filter(({ author }) => author === 'build_loop');
  assert.equal(
    words[4]?.content?.parts?.[0]?.text,
    'build_loop, iteration 1 of 8: reviewer says continue: It has no mast.',
  );
  const [first, second] = asked(loop, 'generator').map(({ body }) => JSON.stringify(body.messages));
  assert.match(first!, /Build a boat\./);
  assert.doesNotMatch(first!, /I want a boat/);
  assert.match(second!, /Report of generator, iteration 1 ---\\nA raft\./);
  assert.match(second!, /A raft is no boat\.\\nSignal: continue\. It has no mast\./);
  assert.match(JSON.stringify(asked(loop, 'reviewer')[0]?.body.messages), /iteration 1 ---\\nA raft\./);
});

test('the signal is offered to the reviewer alone, and is a call: words end nothing', async (t) => {
  const loop = await loopFixture(t, { maxIterations: 2 });
  loop.server.script(
    byAgent({
      clay: [begin(), { text: 'ok' }],
      reviewer: [{ text: 'not LOOP_DONE yet' }, signal('done')],
    }),
  );
  await loop.ask('go');
  assert.equal(result(loop.events()).iterations, 2);
  const offers = (agent: string) =>
    asked(loop, agent).map(({ body }) => body.tools?.some(({ name }) => name === 'loop_signal') ?? false);
  assert.deepEqual(
    [offers('generator'), offers('reviewer')],
    [
      [false, false],
      [true, true],
    ],
  );
  const toRoot = loop.server.requests[0]?.body.tools?.map(({ name }) => name);
  assert.deepEqual(toRoot, ['artifact_read', 'delegate'], 'nobody is transferred into a loop');
});

test('pause ends the loop with the question for the person, and the next message is the main agent’s', async (t) => {
  const loop = await loopFixture(t);
  loop.server.script(
    byAgent({
      clay: [begin(), { text: 'Which port?' }, { text: 'Thanks.' }],
      generator: [{ text: 'I need a port.' }],
      reviewer: [signal('pause', 'Which port shall it use?')],
    }),
  );
  assert.equal((await loop.ask('go')).text, 'Which port?');
  const { outcome, why, next } = result(loop.events());
  assert.deepEqual([outcome, why], ['paused', 'Which port shall it use?']);
  assert.match(String(next), /Ask the person/);
  assert.equal((await loop.ask('8080')).text, 'Thanks.');
});

test('done is refused while the gate is closed: missing, empty, or not changed since the loop began', async (t) => {
  const file = (root: string) => join(root, 'data', 'ops', 'MANUAL.md');
  const write = {
    run({ text }: JsonObject) {
      writeFileSync(file(loop.root), String(text));
      return 'written';
    },
  };
  const loop = await loopFixture(
    t,
    { gate: ['data/ops/MANUAL.md'] },
    {
      agents: { build_loop: buildLoop({ gate: ['data/ops/MANUAL.md'] }) },
      tools: { write },
    },
  );
  const writes = (text: string) => ({ calls: [{ name: 'write', input: { text } }] });
  loop.server.script(
    byAgent({
      clay: [begin(), { text: 'ok' }],
      reviewer: [signal('done'), writes(' \n'), signal('done'), writes('How to run it.'), signal('done', 'All there.')],
    }),
  );
  await loop.ask('go');
  const refusals = () => JSON.stringify(asked(loop, 'reviewer').at(-1)?.body.messages);
  assert.equal(refusals().match(/MANUAL\.md is not there, or empty\. Signal /g)?.length, 2);
  assert.match(
    JSON.stringify(asked(loop, 'generator')[0]?.body.messages),
    /can end as done: data\/ops\/MANUAL\.md is not/,
  );
  const { outcome, handOff } = result(loop.events());
  assert.deepEqual([outcome, handOff], ['done', ['data/ops/MANUAL.md']]);
  loop.server.script(
    byAgent({
      clay: [
        { calls: [{ id: 'loop-2', name: 'delegate', input: { agent: 'build_loop', task: 'again' } }] },
        { text: 'ok' },
      ],
      reviewer: [signal('done'), signal('pause', 'stuck')],
    }),
  );
  await loop.ask('again');
  assert.match(refusals(), /MANUAL\.md has not changed since the loop began\./);
});

test('a signal that says nothing, or nonsense, or comes twice, is answered to the reviewer', async (t) => {
  const loop = await loopFixture(t);
  const calls = [
    { name: 'loop_signal', input: { signal: 'LOOP_DONE', why: 'x' } },
    { name: 'loop_signal', input: { signal: 'done', why: ' ' } },
  ];
  const twice = ['done', 'continue'].map((name) => ({ name: 'loop_signal', input: { signal: name, why: name } }));
  loop.server.script(byAgent({ clay: [begin(), { text: 'ok' }], reviewer: [{ calls }, { calls: twice }] }));
  await loop.ask('go');
  assert.match(
    JSON.stringify(asked(loop, 'reviewer')[1]?.body.messages),
    /must be one of done, pause, continue.*why must say/,
  );
  assert.equal(result(loop.events()).outcome, 'done');
});

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

const coder = { type: 'external', name: 'coder', description: 'Codes elsewhere.' };

test('an agent that works outside can be the executor, and gets the reviews as its task', async (t) => {
  const tasks: string[] = [];
  const loop = await loopFixture(
    t,
    {},
    {
      agents: { build_loop: buildLoop({ agents: [coder, worker('reviewer')] }) },
      async *external(task) {
        tasks.push(task);
        yield { type: 'tool_call', id: `x${tasks.length}`, name: 'shell', args: { command: 'make' } };
        yield { type: 'tool_result', id: `x${tasks.length}`, name: 'shell', result: 'made' };
        return `build ${tasks.length}`;
      },
    },
  );
  loop.server.script(
    byAgent({ clay: [begin('Make it.'), { text: 'ok' }], reviewer: [signal('continue', 'No tests.'), signal('done')] }),
  );
  await loop.ask('go');
  assert.equal(result(loop.events()).answer, 'build 2');
  assert.match(tasks[1]!, /Make it\.[\s\S]*build 1[\s\S]*Signal: continue\. No tests\./);
  assert.deepEqual(
    loop.calls.map(({ key }) => key?.split(':')[1]),
    ['loop-1/1.1#1', 'loop-1/2.1#1'],
  );
});

test('an outside agent that is away is tried again; one whose outcome is unknown is not', async (t) => {
  let tries = 0;
  const loop = await loopFixture(
    t,
    {},
    {
      agents: { build_loop: buildLoop({ agents: [coder, worker('reviewer')] }) },
      async *external() {
        tries++;
        if (tries === 1) throw new ClayError('UNAVAILABLE', 'it starts');
        yield { type: 'text' as const, text: 'half ' };
        throw new ClayError('CALL_OUTCOME_UNKNOWN', 'its process died');
      },
    },
  );
  loop.server.script(byAgent({ clay: [begin(), { text: 'ok' }], reviewer: [signal('pause', 'Look at it.')] }));
  await loop.ask('go');
  assert.equal(tries, 2);
  assert.match(
    JSON.stringify(asked(loop, 'reviewer')[0]?.body.messages),
    /half.*coder was cut short: its process died/,
  );
});

test('an executor may give work to the agents that it names, and to no others', async (t) => {
  const loop = await loopFixture(
    t,
    {},
    {
      agents: {
        build_loop: buildLoop({
          agents: [worker('generator', { delegates: ['helper', 'absent'] }), worker('reviewer')],
        }),
        helper: worker('helper'),
        stranger: worker('stranger'),
      },
    },
  );
  loop.server.script(
    byAgent({
      clay: [begin(), { text: 'ok' }],
      generator: [
        { calls: [{ id: 'h', name: 'delegate', input: { agent: 'helper', task: 'Help.' } }] },
        { calls: [{ name: 'delegate', input: { agent: 'stranger', task: 'Help.' } }] },
        { text: 'Helped.' },
      ],
      helper: [{ text: 'Here is help.' }],
      reviewer: [signal('done')],
    }),
  );
  await loop.ask('go');
  const toGenerator = asked(loop, 'generator');
  assert.match(JSON.stringify(toGenerator[1]?.body.messages), /Here is help\./);
  assert.match(
    JSON.stringify(toGenerator[2]?.body.messages),
    /no agent named \\\\\\"stranger\\\\\\"\. There are: helper\./,
  );
  assert.equal(
    toGenerator.some(({ body }) => JSON.stringify(body.messages).includes('"loop_signal"')),
    false,
  );
});

test('loops that are described badly are left out, and say why', async (t) => {
  const bad: Record<string, JsonObject> = {
    gates: buildLoop({ gate: ['data/messages.db'] }),
    caps: buildLoop({ caps: { hours: 1 } }),
    never: buildLoop({ caps: { minutes: 0 } }),
    blind: buildLoop({ agents: [worker('a'), coder] }),
    deep: buildLoop({ agents: [{ type: 'sequence', name: 's', agents: [worker('a')] }, worker('b')] }),
    within: { type: 'sequence', name: 'outer', agents: [buildLoop()] },
    until: buildLoop({ until: 'tomorrow' }),
  };
  const { ask, host, log } = await agentFixture(t, { agents: bad });
  assert.deepEqual(host.graph().rootAgent.agents, []);
  await ask('hello');
  const reasons = log.events.filter(({ event }) => event === 'agent.refused').map(({ fields }) => String(fields.error));
  assert.deepEqual(
    reasons.map((reason) => reason.replace(/^agent:(\w+) of plugin "fixture" cannot be used: /, '$1: ')),
    [
      'blind: the last agent of a loop until "signal" gives it: it must be an llm.',
      'caps: caps.hours does not exist; there are minutes, tokens, costUsd, tries.',
      'deep: the agents of a loop until "signal" are of type llm or external.',
      'gates: the gate "data/messages.db" is no file right below data/ops/.',
      'never: caps.minutes is 0 and must be a number above 0.',
      'until: the loop "build_loop" ends until "tomorrow"; a loop may by exit or signal.',
      'within: a loop until "signal" stands by itself, not within the sequence "outer".',
    ],
  );
});
