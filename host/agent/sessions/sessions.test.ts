import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agentFixture, told } from '../testing/agent-fixture.ts';

const key = { app: 'clay', user: 'ann', id: 's1' };

test('a session can be made, read, listed and deleted', async (t) => {
  const { host } = await agentFixture(t);
  const made = host.sessions.create({ ...key, state: { mood: 'good', 'user:name': 'Ann' } });
  assert.deepEqual([made.id, made.appName, made.userId, made.events], ['s1', 'clay', 'ann', []]);
  assert.deepEqual(made.state, { mood: 'good', 'user:name': 'Ann' });
  assert.ok(Math.abs(made.lastUpdateTime - Date.now() / 1000) < 1e9, 'seconds');
  assert.throws(() => host.sessions.create(key), { code: 'CONFLICT' });
  const other = host.sessions.create({ app: 'clay', user: 'ann' });
  assert.equal(host.sessions.get({ ...key, id: other.id }).state['user:name'], 'Ann');
  assert.deepEqual(
    host.sessions
      .list('clay', 'ann')
      .map(({ id }) => id)
      .sort(),
    [other.id, 's1'].sort(),
  );
  await host.sessions.delete(key);
  assert.equal(host.sessions.has(key), false);
  assert.throws(() => host.sessions.get(key), /There is no session "s1" of user "ann"/);
  await assert.rejects(host.sessions.delete(key), { code: 'NOT_FOUND' });
});

test('a rewind takes back whole turns, also from what the model sees', async (t) => {
  const { host, ask, events } = await agentFixture(t);
  await ask('/say one');
  const { events: second } = await ask('/say two');
  await ask('/say three');
  const session = await host.sessions.rewind(key, second[0]!.invocationId);
  assert.deepEqual(told(session.events), ['user: /say one', 'clay: one']);
  await ask('/say four');
  assert.deepEqual(told(events()).slice(2), ['user: /say four', 'clay: four']);
});

test('a rewind in an open turn cancels it first', async (t) => {
  const begun = Promise.withResolvers<void>();
  const { host, say } = await agentFixture(t, {
    tools: {
      hold: {
        run: (_args, { signal }) =>
          new Promise((_resolve, reject) => {
            signal?.addEventListener('abort', () => reject(signal.reason));
            begun.resolve();
          }),
      },
    },
  });
  const turn = say('/hold');
  await begun.promise;
  const session = await host.sessions.rewind(key, turn.id);
  assert.equal((await turn.done).status, 'cancelled');
  assert.deepEqual(session.events, []);
});

test('state that is patched between turns is seen by the next one', async (t) => {
  const { host, ask } = await agentFixture(t);
  await ask('hello');
  assert.equal(host.sessions.patchState(key, { mood: 'bad' }).state.mood, 'bad');
  await ask('hello');
  assert.equal(host.sessions.get(key).state.mood, 'bad');
});

test('a state delta of a turn is stored with its message, temporary names are not', async (t) => {
  const { host, ask } = await agentFixture(t);
  await ask('hello', { stateDelta: { place: 'home', 'temp:x': 1, 'user:lang': 'de' } });
  assert.deepEqual(host.sessions.get(key).state, { place: 'home', 'user:lang': 'de' });
});

test('an exported conversation can be imported and gone on with', async (t) => {
  const { host, ask } = await agentFixture(t, { tools: { look: { run: () => 'a cat' } } });
  await ask('/look');
  const exported = host.sessions.get(key);
  host.sessions.create({ ...key, id: 'copy', events: exported.events });
  assert.deepEqual(told(host.sessions.get({ ...key, id: 'copy' }).events), told(exported.events));
  assert.throws(() => host.sessions.create({ ...key, id: 'bad', events: [{} as never] }), /needs an "id"/);
  assert.equal(host.sessions.has({ ...key, id: 'bad' }), false);
});

test('one event can be read, and the last ones', async (t) => {
  const { host, ask } = await agentFixture(t);
  const { events } = await ask('hello');
  assert.equal(host.sessions.event(key, events[0]!.id)?.id, events[0]!.id);
  assert.equal(host.sessions.event(key, 'no'), undefined);
  assert.equal(host.sessions.get(key, { lastEvents: 1 }).events.length, 1);
});

test('artifacts are shown as parts, and unknown ones are named', async (t) => {
  const { host, ask, store } = await agentFixture(t);
  await ask('hello');
  const session = { app: 'clay', user: 'ann', session: 's1' };
  store.artifacts.save({ ...session, name: 'a.txt' }, { text: 'one' });
  store.artifacts.save({ ...session, name: 'a.txt' }, { text: 'two' });
  store.artifacts.save({ ...session, name: 'b.png' }, { bytes: new Uint8Array([1, 2]), mimeType: 'image/png' });
  assert.deepEqual(host.artifacts.names(key), ['a.txt', 'b.png']);
  assert.equal(host.artifacts.versions(key, 'a.txt').length, 2);
  assert.deepEqual(host.artifacts.load(key, 'a.txt'), { text: 'two' });
  assert.deepEqual(host.artifacts.load(key, 'a.txt', 0), { text: 'one' });
  assert.deepEqual(host.artifacts.load(key, 'b.png'), { inlineData: { mimeType: 'image/png', data: 'AQI=' } });
  host.artifacts.delete(key, 'a.txt');
  assert.throws(() => host.artifacts.load(key, 'a.txt'), /no artifact "a.txt" in session "s1"/);
  assert.throws(() => host.artifacts.names({ ...key, id: 'no' }), { code: 'NOT_FOUND' });
});
