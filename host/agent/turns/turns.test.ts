import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClayError } from '@clay/sdk';
import { agentFixture, told } from '../testing/agent-fixture.ts';
import { startAnthropicServer } from '../testing/anthropic-server.ts';

const nap = { parameters: { type: 'object', properties: { n: { type: 'integer' } } } };

async function providerFixture(
  t: Parameters<typeof agentFixture>[0],
  options: Parameters<typeof agentFixture>[1] = {},
) {
  const server = await startAnthropicServer();
  t.after(() => server.close());
  const fixture = await agentFixture(t, {
    ...options,
    model: {
      provider: 'anthropic',
      apiKey: 'k',
      keyStyle: 'key',
      baseUrl: server.url,
      model: 'glm-5',
      maxTokens: 4096,
      thinkingTokens: 0,
    },
  });
  t.after(() => assert.deepEqual(server.violations, []));
  return { server, ...fixture };
}

test('two parallel tools and a thinking block make a whole turn against a strict provider, and the next turn replays it', async (t) => {
  const { server, ask, events } = await providerFixture(t, {
    tools: { nap: { ...nap, run: ({ n = 0 }) => ({ slept: n }) } },
  });
  server.script([
    {
      thinking: { text: 'Two naps.', signature: 'c2ln' },
      text: 'Napping.',
      calls: [
        { name: 'nap', input: { n: 1 } },
        { name: 'nap', input: { n: 2 } },
      ],
    },
    { text: 'Rested.' },
    { text: 'Good.' },
  ]);
  const outcome = await ask('sleep twice');
  assert.equal(outcome.text, 'Rested.');
  assert.deepEqual(
    told(events())
      .slice(5, 7)
      .map((line) => /"slept":(\d)/.exec(line)?.[1]),
    ['1', '2'],
  );
  assert.equal((await ask('and now?')).text, 'Good.');
  const replayed = JSON.stringify(server.requests.at(-1)?.body.messages);
  assert.match(replayed, /"thinking":"Two naps\."/);
});

test('a turn survives a stream that is cut', async (t) => {
  const { server, ask } = await providerFixture(t, { tools: { nap: { ...nap, run: () => 'ok' } } });
  const calls = [{ name: 'nap', input: { n: 1 } }];
  server.script([
    { calls, cutAfter: 4 },
    { calls },
    { text: 'Hello world, here I am', cutAfter: 4 },
    { text: 'Hello world, here I am' },
  ]);
  const outcome = await ask('go');
  assert.deepEqual([outcome.status, outcome.text], ['done', 'Hello world, here I am']);
});

test('calls of one step run side by side, and the event that holds them is committed before any of them begins', async (t) => {
  const gate = Promise.withResolvers<void>();
  let begun = 0;
  const stored: boolean[] = [];
  const fixture = await agentFixture(t, {
    tools: {
      nap: {
        ...nap,
        async run() {
          stored.push(fixture.events().some(({ content }) => content?.parts?.some((part) => part.functionCall)));
          // Nobody goes on before all three have begun: run one after another, this would wait for ever.
          if (++begun === 3) gate.resolve();
          await gate.promise;
          return { begun };
        },
      },
    },
  });
  const outcome = await fixture.ask('/nap n=1\n/nap n=2\n/nap n=3');
  assert.equal(outcome.status, 'done');
  assert.deepEqual(stored, [true, true, true]);
  const keys = fixture.calls.map(({ key }) => key);
  assert.equal(new Set(keys).size, 3);
  assert.ok(keys.every((key) => key?.startsWith(`${fixture.calls[0]?.session?.turn}:`)));
});

test('a tool that wants to be alone waits for those before it, and those behind wait for it', async (t) => {
  const order: string[] = [];
  const step = (name: string, parallel: boolean) => ({
    parallel,
    async run() {
      order.push(`${name}+`);
      await new Promise(setImmediate);
      order.push(`${name}-`);
      return name;
    },
  });
  const { ask } = await agentFixture(t, {
    tools: { a: step('a', true), b: step('b', true), alone: step('x', false), c: step('c', true) },
  });
  await ask('/a\n/b\n/alone\n/c');
  assert.deepEqual(order, ['a+', 'b+', 'a-', 'b-', 'x+', 'x-', 'c+', 'c-']);
});

test('a tool that is loaded by a tool is offered at the next step of the same turn', async (t) => {
  const { server, ask, registry } = await providerFixture(t, {
    tools: {
      install: {
        run: () => {
          registry.addTool('late', { run: () => 'here' });
          return 'installed';
        },
      },
    },
  });
  server.script([{ calls: [{ name: 'install' }] }, { calls: [{ name: 'late' }] }, { text: 'ok' }]);
  assert.equal((await ask('install')).status, 'done');
  const offered = server.requests.map(({ body }) => body.tools?.map(({ name }) => name));
  assert.deepEqual(offered[0], ['install', 'artifact_read']);
  assert.deepEqual(offered[1], ['install', 'late', 'artifact_read']);
});

test('an unknown tool is answered to the model, once', async (t) => {
  const { server, ask, events } = await providerFixture(t, { tools: { nap: { ...nap, run: () => 'ok' } } });
  server.script([{ calls: [{ name: 'unloaded', input: { a: 1 } }] }, { text: 'I see.' }]);
  assert.equal((await ask('go')).text, 'I see.');
  assert.equal(server.requests.length, 2);
  assert.match(told(events())[2]!, /There is no tool named \\"unloaded\\". The tools are: nap, artifact_read/);
  assert.match(told(events())[2]!, /CAPABILITY_UNKNOWN/);
});

test('names such as __proto__ and constructor are unknown tools like any other', async (t) => {
  const { server, ask, events } = await providerFixture(t);
  server.script([
    { calls: [{ name: '__proto__' }, { name: 'constructor' }, { name: 'toString' }] },
    { text: 'I see.' },
  ]);
  assert.equal((await ask('go')).text, 'I see.');
  assert.equal(told(events()).filter((line) => line.includes('CAPABILITY_UNKNOWN')).length, 3);
});

test('arguments that are no JSON are answered to the model, and the other calls of the step run', async (t) => {
  const { server, ask, calls, events } = await providerFixture(t, { tools: { nap: { ...nap, run: () => 'ok' } } });
  server.script([
    {
      calls: [
        { id: 'a', name: 'nap', rawJson: '{"n": 1' },
        { id: 'b', name: 'nap', input: { n: 2 } },
      ],
    },
    { text: 'ok' },
  ]);
  await ask('go');
  assert.deepEqual(
    calls.map(({ args }) => args),
    [{ n: 2 }],
  );
  assert.match(told(events()).join('\n'), /were not a JSON object, so it was not run.*\{\\"n\\": 1/);
});

test('a failed tool keeps its code and what it had produced', async (t) => {
  const { ask, events } = await agentFixture(t, {
    tools: {
      nap: {
        run() {
          throw new ClayError('TIMEOUT', 'took too long', { output: 'half', phase: 'run', exitCode: 7 });
        },
      },
    },
  });
  await ask('/nap');
  const response = events()[2]?.content?.parts?.[0]?.functionResponse?.response;
  assert.deepEqual(response, { error: 'took too long', code: 'TIMEOUT', output: 'half', phase: 'run', exitCode: 7 });
});

test('a broken tool does not keep others from working', async (t) => {
  const { ask } = await agentFixture(t, {
    tools: {
      broken: {
        run: () => {
          throw new TypeError('x is not a function');
        },
      },
      nap: { run: () => 'rested' },
    },
  });
  assert.match((await ask('/broken\n/nap')).text, /failed \(INTERNAL\): x is not a function[\s\S]*rested/);
});

test('the same call with the same result is refused with advice after four times', async (t) => {
  const { server, ask, calls, events } = await providerFixture(t, {
    tools: { nap: { ...nap, run: () => 'zzz' } },
    limits: { maxLlmCalls: 8 },
  });
  server.script(() => ({ calls: [{ name: 'nap', input: { n: 1 } }] }));
  const outcome = await ask('sleep for ever');
  assert.equal(calls.length, 4);
  assert.match(told(events()).join('\n'), /You have called nap 4 times with exactly these arguments/);
  assert.equal(outcome.status, 'failed');
  assert.equal(outcome.error?.code, 'MODEL_CALL_LIMIT');
  assert.match(outcome.error?.message ?? '', /used up its model calls/);
  assert.equal(server.requests.length, 8);
});

test('the same call is run again as long as its result changes', async (t) => {
  let n = 0;
  const { server, ask, calls } = await providerFixture(t, { tools: { poll: { run: () => ++n } } });
  server.script((_request, index) => (index < 9 ? { calls: [{ name: 'poll' }] } : { text: 'ok' }));
  assert.equal((await ask('wait')).status, 'done');
  assert.equal(calls.length, 9);
});

test('a result beyond the limit is cut in the middle, never through a character, and can be read whole', async (t) => {
  const text = `begin ${'😀'.repeat(3000)} end`;
  const { ask, events, store } = await agentFixture(t, {
    tools: { long: { run: () => ({ output: text, exitCode: 0 }) } },
    limits: { toolResultChars: 1000 },
  });
  await ask('/long');
  const response = events()[2]!.content!.parts![0]!.functionResponse!.response!;
  assert.equal(response.exitCode, 0);
  const output = String(response.output);
  assert.ok(output.startsWith('begin 😀') && output.endsWith('😀 end') && output.isWellFormed());
  assert.ok(output.length < 1100);
  const [name] = store.artifacts.list({ app: 'clay', user: 'ann', session: 's1' });
  assert.ok(String(response.note).includes(name!));
  let whole = '';
  for (let start = 0; ; ) {
    await ask(`/artifact_read name=${name} start=${start}`);
    const read = events().findLast(({ content }) => content?.parts?.[0]?.functionResponse)?.content?.parts?.[0]
      ?.functionResponse?.response;
    whole += read?.text;
    if (read?.next === undefined) break;
    start = Number(read.next);
  }
  assert.equal(whole, text);
});

test('a call id that a provider repeats does not bring back an old result', async (t) => {
  const { server, ask, calls } = await providerFixture(t, { tools: { nap: { ...nap, run: ({ n = 0 }) => ({ n }) } } });
  server.script((_request, index) =>
    index < 3 ? { calls: [{ id: 'call_1', name: 'nap', input: { n: index } }] } : { text: 'ok' },
  );
  await ask('go');
  assert.deepEqual(
    calls.map(({ args }) => args),
    [{ n: 0 }, { n: 1 }, { n: 2 }],
  );
  assert.equal(new Set(calls.map(({ key }) => key)).size, 3);
});

test('turns of one session wait for each other, sessions do not', async (t) => {
  const gates = new Map<string, PromiseWithResolvers<void>>();
  const began: string[] = [];
  const gateOf = (name: string) => gates.get(name) ?? gates.set(name, Promise.withResolvers()).get(name)!;
  const { say } = await agentFixture(t, {
    tools: {
      hold: {
        parameters: { type: 'object', properties: { name: { type: 'string' } } },
        async run({ name }) {
          began.push(String(name));
          gateOf(`${name} began`).resolve();
          await gateOf(String(name)).promise;
          return 'ok';
        },
      },
    },
  });
  const first = say('/hold name=first');
  const second = say('/hold name=second');
  const other = say('/hold name=other', { session: 's2' });
  await Promise.all([gateOf('first began').promise, gateOf('other began').promise]);
  assert.deepEqual(began.toSorted(), ['first', 'other']);
  gateOf('first').resolve();
  await first.done;
  await gateOf('second began').promise;
  gateOf('second').resolve();
  gateOf('other').resolve();
  assert.equal((await second.done).status, 'done');
  assert.equal((await other.done).status, 'done');
});

test('a cancel stops the tool, is told in the session, and the next turn goes on', async (t) => {
  const begun = Promise.withResolvers<void>();
  const stopped = Promise.withResolvers<void>();
  const { server, say, ask, host, events } = await providerFixture(t, {
    tools: {
      hold: {
        run: (_args, { signal }) =>
          new Promise((_resolve, reject) => {
            signal?.addEventListener('abort', () => {
              stopped.resolve();
              reject(signal.reason);
            });
            begun.resolve();
          }),
      },
    },
  });
  server.script([{ text: 'I hold on.', calls: [{ name: 'hold' }] }, { text: 'Fine.' }]);
  const turn = say('hold');
  await begun.promise;
  assert.equal(host.turns.cancel('clay', 'ann', 's1'), true);
  const outcome = await turn.done;
  await stopped.promise;
  assert.equal(outcome.status, 'cancelled');
  assert.match(told(events()).at(-1)!, /\[This turn was stopped: the person cancelled it/);
  assert.match(told(events()).at(-2)!, /"code":"CANCELLED"/);
  assert.equal((await ask('go on')).text, 'Fine.');
  assert.equal(host.turns.cancel('clay', 'ann', 's1'), false);
});

test('a cancel in the middle of a text keeps what was shown', async (t) => {
  const { server, say, events } = await providerFixture(t);
  server.script([{ text: 'Once upon a time there was', hangAfter: 6 }]);
  const turn = say('tell');
  for await (const { event } of turn.events()) if (event.partial) break;
  const closed = server.nextEarlyClose();
  turn.cancel('enough');
  assert.equal((await turn.done).status, 'cancelled');
  await closed;
  assert.match(told(events()).at(-1)!, /^clay: Once upon a[\s\S]*\[This turn was stopped: enough\.\]/);
});

test('a turn that is cancelled while it waits keeps what the person said', async (t) => {
  const gate = Promise.withResolvers<void>();
  const { say, events } = await agentFixture(t, {
    tools: {
      hold: {
        run: async () => {
          await gate.promise;
          return 1;
        },
      },
    },
  });
  const first = say('/hold');
  const second = say('and this');
  second.cancel('never mind');
  gate.resolve();
  await first.done;
  assert.equal((await second.done).status, 'cancelled');
  assert.deepEqual(told(events()).slice(-2), ['user: and this', 'clay: [This turn was stopped: never mind.]']);
});

test('a client that leaves does not end the turn, and one that comes back misses nothing', async (t) => {
  const gate = Promise.withResolvers<void>();
  const { say } = await agentFixture(t, {
    tools: {
      hold: {
        run: async () => {
          await gate.promise;
          return 1;
        },
      },
    },
  });
  const turn = say('/say one\n/hold');
  const controller = new AbortController();
  let last = 0;
  for await (const { id } of turn.events(0, controller.signal)) {
    last = id;
    controller.abort();
  }
  gate.resolve();
  const rest = await Array.fromAsync(turn.events(last));
  assert.equal((await turn.done).status, 'done');
  const all = await Array.fromAsync(turn.events());
  assert.deepEqual(all.slice(1), rest);
  assert.deepEqual(
    all.map(({ id }) => id),
    all.map((_, index) => index + 1),
  );
});

test('a model failure is an event with a code, words for the person and details, and the next turn works', async (t) => {
  const { server, ask, events } = await providerFixture(t);
  server.script([{ status: 401, type: 'authentication_error', message: 'invalid x-api-key' }, { text: 'Back.' }]);
  const outcome = await ask('hi');
  assert.equal(outcome.status, 'failed');
  assert.equal(outcome.error?.code, 'MODEL_AUTH');
  assert.match(outcome.error?.details ?? '', /401 authentication_error/);
  assert.equal(events().at(-1)?.errorCode, 'MODEL_AUTH');
  assert.equal((await ask('again')).text, 'Back.');
  const sent = server.requests.at(-1)!.body.messages;
  assert.match(JSON.stringify(sent), /"hi".*"again"/);
});

test('a text that was shown before a failure is kept', async (t) => {
  const { server, ask } = await providerFixture(t);
  server.script([{ text: 'I was about to', errorEvent: { type: 'invalid_request_error', message: 'x' } }]);
  const outcome = await ask('hi');
  assert.equal(outcome.status, 'failed');
  assert.equal(outcome.text, 'I was about to');
});

test('an empty answer is asked for once more, then told', async (t) => {
  const { server, ask } = await providerFixture(t);
  server.script([{}, { text: 'Here.' }, {}, {}]);
  assert.equal((await ask('hi')).text, 'Here.');
  assert.equal((await ask('hi')).error?.code, 'MODEL_EMPTY');
});

test('the answer is all texts since the last tool call, joined', async (t) => {
  const { server, ask } = await providerFixture(t, { tools: { nap: { ...nap, run: () => 'ok' } } });
  server.script([
    { text: 'First I nap.', calls: [{ name: 'nap' }] },
    { thinking: { text: 'hm', signature: 's' }, text: 'Part one. Part two.' },
  ]);
  assert.equal((await ask('go')).text, 'Part one. Part two.');
});

test('an answer of 100 KB comes through whole', async (t) => {
  const { server, ask } = await providerFixture(t);
  const text = 'wörd '.repeat(20_000);
  server.script([{ text, pieceLength: 500 }]);
  assert.equal((await ask('long')).text, text.trim());
});

test('a turn without streaming shows whole events only', async (t) => {
  const { say } = await agentFixture(t);
  const turn = say('hello', { streaming: false });
  const events = await Array.fromAsync(turn.events());
  assert.deepEqual(
    events.map(({ event }) => event.partial ?? false),
    [false],
  );
});

test('all events of a turn carry the id of the turn', async (t) => {
  const { say } = await agentFixture(t, { tools: { nap: { run: () => 'ok' } } });
  const turn = say('/nap');
  for await (const { event } of turn.events()) assert.equal(event.invocationId, turn.id);
});

test('bad messages and unknown sessions are refused by name', async (t) => {
  const { say, host } = await agentFixture(t);
  assert.throws(() => say(''), /message is empty/);
  assert.throws(() => say({ role: 'user', parts: [] }), /message is empty/);
  assert.throws(() => say({ role: 'user', parts: [{ functionCall: { name: 'x' } }] }), /may not hold function calls/);
  const request = { app: 'clay', user: 'ann', message: { parts: [{ text: 'hi' }] }, streaming: false, caller: 'test' };
  assert.throws(() => host.turns.start({ ...request, session: '__proto__' }), /no session "__proto__" of user "ann"/);
});

test('a stop lets open turns end and refuses new ones', async (t) => {
  const gate = Promise.withResolvers<void>();
  const { say, host } = await agentFixture(t, {
    tools: {
      hold: {
        run: async () => {
          await gate.promise;
          return 1;
        },
      },
    },
  });
  const turn = say('/hold');
  const stopped = host.stop(60_000);
  assert.throws(() => say('more'), { code: 'UNAVAILABLE' });
  assert.equal(host.ready().ok, false);
  gate.resolve();
  await stopped;
  assert.equal((await turn.done).status, 'done');
});

test('a stop cancels what does not end in time', async (t) => {
  const { say, host } = await agentFixture(t, {
    tools: {
      hold: {
        run: (_args, { signal }) =>
          new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason))),
      },
    },
  });
  const turn = say('/hold');
  await host.stop(5);
  assert.equal((await turn.done).status, 'cancelled');
});

test('plugins hear of the beginning and the end of a turn', async (t) => {
  const { ask, emitted } = await agentFixture(t);
  const { events } = await ask('hello');
  const turn = events[0]!.invocationId;
  assert.deepEqual(emitted[0], { event: 'turn.started', payload: { user: 'ann', session: 's1', turn, text: 'hello' } });
  assert.equal(emitted[1]?.event, 'turn.ended');
});

test('a tool that does not heed a cancel is not waited for', async (t) => {
  const begun = Promise.withResolvers<void>();
  const { say, ask } = await agentFixture(t, {
    tools: {
      deaf: {
        run() {
          begun.resolve();
          return new Promise<never>(() => undefined);
        },
      },
    },
  });
  const turn = say('/deaf');
  await begun.promise;
  turn.cancel('enough');
  assert.equal((await turn.done).status, 'cancelled');
  assert.equal((await ask('/say next')).text, 'next');
});

test('a turn that takes too long is stopped with the reason', async (t) => {
  const { ask } = await agentFixture(t, {
    tools: { deaf: { run: () => new Promise<never>(() => undefined) } },
    limits: { turnMs: 30 },
  });
  const outcome = await ask('/deaf');
  assert.equal(outcome.status, 'cancelled');
  assert.match(outcome.error?.message ?? '', /longer than 0.03 seconds/);
});

test('a plugin cannot take the name of a tool of the host', async (t) => {
  const { ask, calls, host } = await agentFixture(t, { tools: { artifact_read: { run: () => 'stolen' } } });
  assert.match((await ask('/tool artifact_read')).text, /names: none/);
  assert.equal(calls.length, 0);
  assert.deepEqual(host.graph().rootAgent.tools, ['artifact_read']);
});

test('a tool says how it goes on, to those who watch', async (t) => {
  const { say, events } = await agentFixture(t, {
    tools: {
      slow: {
        run(_args, { onProgress }) {
          onProgress?.('half way');
          return 'ok';
        },
      },
    },
  });
  const seen = await Array.fromAsync(say('/slow').events());
  const progress = seen.find(({ event }) => event.customMetadata?.progress)?.event;
  assert.equal(progress?.partial, true);
  assert.deepEqual(progress?.customMetadata?.progress, { callId: 'offline_1_0_0', tool: 'slow', text: 'half way' });
  assert.ok(events().every(({ customMetadata }) => customMetadata === undefined));
});
