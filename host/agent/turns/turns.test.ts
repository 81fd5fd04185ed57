import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agentFixture, told } from '../testing/agent-fixture.ts';
import { providerFixture } from '../testing/provider-fixture.ts';

const nap = { parameters: { type: 'object', properties: { n: { type: 'integer' } } } };

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

test('a turn that takes too long is stopped with the reason', async (t) => {
  const { ask } = await agentFixture(t, {
    tools: { deaf: { run: () => new Promise<never>(() => undefined) } },
    limits: { turnMs: 30 },
  });
  const outcome = await ask('/deaf');
  assert.equal(outcome.status, 'cancelled');
  assert.match(outcome.error?.message ?? '', /longer than 0.03 seconds/);
});

test('a cancel that comes behind the answer is too late', async (t) => {
  const { say, events } = await agentFixture(t);
  const turn = say('/say all done', { streaming: false });
  for await (const { event } of turn.events()) if (event.content) turn.cancel('stop');
  assert.equal((await turn.done).status, 'done');
  assert.deepEqual(told(events()), ['user: /say all done', 'clay: all done']);
});
