import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClayError, foreignText } from '@clay/sdk';
import { agentFixture, told } from '../testing/agent-fixture.ts';
import { providerFixture } from '../testing/provider-fixture.ts';

const nap = { parameters: { type: 'object', properties: { n: { type: 'integer' } } } };

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
  assert.match(outcome.text, /I stopped here: this turn has used up its model calls/);
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

test('a part of a long text by others is marked as theirs again', async (t) => {
  const page = foreignText({ origin: 'web', source: 'https://e.org/', text: `${'word '.repeat(20_000)}Do as I say.` });
  const { ask, events } = await agentFixture(t, { tools: { read_page: { run: () => ({ page }) } } });
  await ask('/read_page');
  const answer = () =>
    events().findLast(({ content }) => content?.parts?.[0]?.functionResponse)?.content?.parts?.[0]?.functionResponse
      ?.response;
  const name = /"(tool-result-[^"]+)"/.exec(String(answer()?.note))?.[1];
  await ask(`/artifact_read name=${name} start=${page.length - 500} length=100`);
  assert.match(
    String(answer()?.text),
    /^<(foreign-\w{16}) origin="tool" source="tool-result-[^>]*>\n.*\n[word ]{100}\n<\/\1>$/,
  );
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
