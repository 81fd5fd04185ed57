import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Json, JsonObject } from '@clay/sdk';
import { told } from '../agent/testing/agent-fixture.ts';
import { providerFixture } from '../agent/testing/provider-fixture.ts';
import type { Store } from '../store/store.ts';
import { temporaryStore } from '../store/testing/temporary-store.ts';
import { turnService } from './turn-service.ts';

/** A host on this store, with the service as a plugin calls it. */
async function startHost(t: TestContext, store: Store, agents: Record<string, JsonObject> = {}) {
  const resumed = Promise.withResolvers<void>();
  const fixture = await providerFixture(t, { store, agents });
  const service = turnService({ parts: { store }, agentHost: Promise.resolve(fixture.host), resumed: resumed.promise });
  return {
    ...fixture,
    resume() {
      fixture.host.resume();
      resumed.resolve();
    },
    start: async (args: JsonObject, key: string, signal?: AbortSignal): Promise<JsonObject> => {
      const call = { caller: 'plugin:schedule', key, ...(signal && { signal }) };
      return (await service.run(args as Json, call as never)) as JsonObject;
    },
  };
}

const args = { user: 'ann', session: 's1', text: 'good morning' };

/** A host dies while this key's turn runs; `keep` says how many of its events were stored. */
async function died(t: TestContext, keep: number): Promise<Store> {
  const store = temporaryStore(t);
  const first = await startHost(t, store);
  const asked = Promise.withResolvers<void>();
  first.server.script(() => {
    asked.resolve();
    return { text: 'never heard', hangAfter: 1 };
  });
  void first.start(args, 'k1').catch(() => undefined);
  await asked.promise;
  const open = store.settings.get('agent.open-turns');
  const started = store.settings.get('delivery.started-turns');
  const events = store.sessions.events({ app: 'clay', user: 'ann', session: 's1' }, 'all').slice(0, keep);
  const next = temporaryStore(t);
  next.sessions.create({ app: 'clay', user: 'ann', session: 's1' });
  for (const { event } of events) next.sessions.append({ app: 'clay', user: 'ann', session: 's1' }, event);
  next.settings.set('agent.open-turns', open ?? {});
  next.settings.set('delivery.started-turns', started ?? []);
  return next;
}

test('without a session, the turn runs in the one that the conversation has now', async (t) => {
  const store = temporaryStore(t);
  store.conversations.put({
    key: 'fake:c1:ann',
    channel: 'fake',
    chat: 'c1',
    user: 'ann',
    isGroup: false,
    session: 'now',
    heardAt: 1,
  });
  const host = await startHost(t, store);
  host.server.script([{ text: 'Hello.' }]);
  assert.equal((await host.start({ user: 'fake:c1:ann', text: 'hi' }, 'k')).text, 'Hello.');
  const { events } = host.host.sessions.get({ app: 'clay', user: 'fake:c1:ann', id: 'now' });
  assert.deepEqual(told(events), ['user: hi', 'clay: Hello.']);
});

test('asked again under its key by a new process, it waits for the turn that goes on, and runs no other', async (t) => {
  const host = await startHost(t, await died(t, 1));
  host.server.script([{ text: 'Good morning.' }]);
  const answer = host.start(args, 'k1');
  host.resume();
  assert.equal((await answer).text, 'Good morning.');
  assert.deepEqual(told(host.events()), ['user: good morning', 'clay: Good morning.']);
  const again = await host.start(args, 'k1');
  assert.deepEqual([again.text, host.server.requests.length], ['Good morning.', 1]);
});

test('a turn of which nothing was stored is begun again', async (t) => {
  const host = await startHost(t, await died(t, 0));
  host.server.script([{ text: 'Good morning.' }]);
  host.resume();
  assert.equal((await host.start(args, 'k1')).text, 'Good morning.');
  assert.deepEqual(told(host.events()), ['user: good morning', 'clay: Good morning.']);
});

test('a turn that was given up is not begun again', async (t) => {
  const store = await died(t, 1);
  store.settings.set('agent.open-turns', {});
  const host = await startHost(t, store);
  host.resume();
  await assert.rejects(host.start(args, 'k1'), { code: 'CALL_OUTCOME_UNKNOWN' });
  assert.equal(host.server.requests.length, 0);
});

test('an answer is found again in another life', async (t) => {
  const store = temporaryStore(t);
  const first = await startHost(t, store);
  first.server.script([{ text: 'One.' }]);
  await first.start(args, 'k1');
  const second = await startHost(t, store);
  second.resume();
  assert.equal((await second.start(args, 'k1')).text, 'One.');
  assert.equal(second.server.requests.length, 0);
});

test('a turn that is parked when its host stops is answered by the next host', async (t) => {
  const store = temporaryStore(t);
  const worker = { type: 'llm', name: 'worker', description: 'Works.', instruction: 'Work.' };
  const loop = { type: 'loop', name: 'rounds', description: 'Works.', until: 'signal', agents: [worker] };
  const first = await startHost(t, store, { rounds: loop });
  const asked = Promise.withResolvers<void>();
  first.server.script((_, index) => {
    if (index === 0) return { calls: [{ name: 'delegate', input: { agent: 'rounds', task: 'Work.' } }] };
    asked.resolve();
    return { text: 'cut off', hangAfter: 1 };
  });
  let ends = 0;
  const count = () => {
    ends++;
  };
  void first.start(args, 'k1').then(count, count);
  await asked.promise;
  await first.host.stop(0);
  const next = await startHost(t, store, { rounds: loop });
  next.server.script([
    { calls: [{ name: 'loop_signal', input: { signal: 'done', why: 'It is done.' } }] },
    { text: 'Good morning.' },
  ]);
  const answer = next.start(args, 'k1');
  next.resume();
  assert.equal((await answer).text, 'Good morning.');
  assert.equal(ends, 0, 'the first call has no end: the journal would keep it');
});

test('who waits for a turn to go on can stop waiting', async (t) => {
  const host = await startHost(t, await died(t, 1));
  const stop = new AbortController();
  const answer = host.start(args, 'k1', stop.signal);
  stop.abort();
  await assert.rejects(answer, { code: 'CANCELLED' });
  host.resume();
});
