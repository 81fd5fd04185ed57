import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ClayError, type JsonObject } from '@clay/sdk';
import { agentFixture } from '../../testing/agent-fixture.ts';
import {
  asked,
  begin,
  buildLoop,
  byAgent,
  loopFixture,
  notes,
  result,
  signal,
  worker,
} from '../../testing/loop-fixture.ts';

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
