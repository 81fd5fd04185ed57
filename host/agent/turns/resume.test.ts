import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { CallRow } from '../../journal/journal.ts';
import type { Store } from '../../store/store.ts';
import { temporaryStore } from '../../store/testing/temporary-store.ts';
import type { EventJson, Part } from '../event-json.ts';
import { agentFixture, type FixtureOptions, told } from '../testing/agent-fixture.ts';
import { providerFixture } from '../testing/provider-fixture.ts';

const key = { app: 'clay', user: 'ann', session: 's1' };

function stored(id: string, author: string, ...parts: Part[]): EventJson {
  const role = author === 'user' || parts.some((part) => part.functionResponse) ? 'user' : 'model';
  return {
    id,
    invocationId: 'turn-1',
    author,
    timestamp: 1,
    actions: { stateDelta: {}, artifactDelta: {} },
    content: { role, parts },
  };
}

/** What a host leaves behind that is killed in the middle of a turn. */
function crashed(store: Store, events: readonly EventJson[], attempts = 1): void {
  store.sessions.create(key);
  for (const event of events) store.sessions.append(key, { ...event, author: event.author ?? '' } as never);
  store.settings.set('agent.open-turns', { 'turn-1': { ...key, caller: 'http', attempts } });
}

const said = stored('e1', 'user', { text: 'look twice' });
const call = (id: string): Part => ({ functionCall: { id, name: 'look', args: {} } });
const look = { run: () => ({ seen: 'new' }) };

const restarted = (t: TestContext, store: Store, options: FixtureOptions = {}) =>
  providerFixture(t, { tools: { look }, ...options, store });

const row = (fields: Partial<CallRow>) => fields as CallRow;

test('a message without any event behind it is simply run', async (t) => {
  const store = temporaryStore(t);
  crashed(store, [said]);
  const { server, host, events } = await restarted(t, store);
  server.script([{ text: 'I looked.' }]);
  const [turn] = host.resume();
  assert.equal(turn?.id, 'turn-1');
  assert.equal((await turn.done).text, 'I looked.');
  assert.deepEqual(told(events()), ['user: look twice', 'clay: I looked.']);
  assert.deepEqual(host.resume(), []);
});

test('a turn that begins before what was left open is gone on with does not make it forgotten', async (t) => {
  const store = temporaryStore(t);
  crashed(store, [said]);
  const { server, host, ask } = await restarted(t, store);
  server.script([{ text: 'Good morning.' }, { text: 'I looked.' }]);
  await ask('good morning', { session: 's2' });
  const [turn] = host.resume();
  assert.equal(turn?.id, 'turn-1');
  assert.equal((await turn.done).text, 'I looked.');
});

test('a turn goes on from its last stored event, with the results its calls had, and no tool runs again', async (t) => {
  const store = temporaryStore(t);
  crashed(store, [said, stored('e2', 'clay', call('a'), call('b'), call('c'), call('d'))]);
  const asked: string[] = [];
  const { server, host, events, calls } = await restarted(t, store, {
    journal: {
      byKey(capability, name) {
        asked.push(`${capability} ${name}`);
        if (name === 'turn-1:a') return row({ state: 'done', value: { seen: 'a cat' } });
        if (name === 'turn-1:b')
          return row({ state: 'failed', failure: { error: 'dark', code: 'UNAVAILABLE', output: 'hm' } });
        if (name === 'turn-1:c') return row({ state: 'begun' });
        return undefined;
      },
    },
  });
  server.script([{ text: 'A cat, I think.' }]);
  const [turn] = host.resume();
  assert.equal((await turn!.done).text, 'A cat, I think.');
  assert.equal(calls.length, 0);
  assert.deepEqual(
    asked,
    ['a', 'b', 'c', 'd'].map((id) => `tool:look turn-1:${id}`),
  );
  const [a, b, c] = told(events()).slice(5, 8);
  assert.match(a!, /"seen":"a cat"/);
  assert.match(b!, /"error":"dark","code":"UNAVAILABLE","output":"hm"/);
  assert.match(c!, /CALL_OUTCOME_UNKNOWN/);
  assert.equal(events().filter(({ author }) => author === 'user').length, 1);
});

test('a turn that had ended is not begun again', async (t) => {
  const store = temporaryStore(t);
  crashed(store, [said, stored('e2', 'clay', { text: 'Done already.' })]);
  const { host } = await restarted(t, store);
  assert.deepEqual(host.resume(), []);
  assert.deepEqual(store.settings.get('agent.open-turns'), {});
});

test('a turn that took the host down three times is left alone, and the session works', async (t) => {
  const store = temporaryStore(t);
  crashed(store, [said, stored('e2', 'clay', call('a'))], 3);
  const { server, host, ask } = await restarted(t, store);
  assert.deepEqual(host.resume(), []);
  server.script([{ text: 'Fine.' }]);
  assert.equal((await ask('and now?')).text, 'Fine.');
  assert.match(JSON.stringify(server.requests[0]?.body.messages), /CALL_OUTCOME_UNKNOWN/);
});

test('calls that a crash left without results are answered before the next message, in the right place', async (t) => {
  const store = temporaryStore(t);
  crashed(store, [said, stored('e2', 'clay', { text: 'Looking.' }, call('a'))]);
  const { server, ask, events } = await restarted(t, store);
  server.script([{ text: 'Here.' }]);
  assert.equal((await ask('still there?')).text, 'Here.');
  assert.deepEqual(
    events().map(({ author, content }) => [author, Object.keys(content!.parts!.at(-1)!)[0]]),
    [
      ['user', 'text'],
      ['clay', 'functionCall'],
      ['clay', 'functionResponse'],
      ['user', 'text'],
      ['clay', 'text'],
    ],
  );
});

test('a turn is known to the database as open while it runs', async (t) => {
  const { say, host, store } = await agentFixture(t, {
    tools: { look: { run: () => Object.keys(store.settings.get('agent.open-turns') as object) } },
  });
  await say('/look').done;
  const turn = say('/look');
  assert.equal((await turn.done).text, `- ${turn.id}`);
  await host.stop(0);
  assert.deepEqual(store.settings.get('agent.open-turns'), {});
});
