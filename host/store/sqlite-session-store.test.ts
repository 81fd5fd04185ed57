import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SessionKey, StoredEvent } from './session-store.ts';
import { createEvent, temporaryFolder, temporaryStore } from './testing/temporary-store.ts';

const key: SessionKey = { app: 'clay', user: 'ann', session: 's1' };

function ids(events: readonly StoredEvent[]): string[] {
  return events.map(({ event }) => event.id);
}

test('events come back in the order of their appending, whatever their times say', (t) => {
  const { sessions } = temporaryStore(t);
  sessions.create(key);
  for (const [id, timestamp] of [
    ['a', 5],
    ['b', 5],
    ['c', 1],
    ['d', 9],
  ] as const) {
    sessions.append(key, createEvent(id, { timestamp }));
  }
  assert.deepEqual(ids(sessions.events(key)), ['a', 'b', 'c', 'd']);
  assert.deepEqual(ids(sessions.events(key, { last: 2 })), ['c', 'd']);
  assert.deepEqual(ids(sessions.events(key, { last: 0 })), []);
  const second = sessions.events(key)[1]?.seq ?? 0;
  assert.deepEqual(ids(sessions.events(key, { afterSeq: second })), ['c', 'd']);
  assert.deepEqual(ids(sessions.events(key, { sinceTimestamp: 5 })), ['a', 'b', 'd']);
  assert.equal(sessions.countEvents(key), 4);
});

test('every field of an event survives, also those that the store does not know', (t) => {
  const { sessions } = temporaryStore(t);
  sessions.create(key);
  const event = createEvent('a', { branch: 'x.y', usageMetadata: { totalTokenCount: 3 }, text: 'שלום 👩‍👧 \u0000' });
  sessions.append(key, event);
  assert.deepEqual(sessions.get(key)?.events[0]?.event, event);
});

test('an event with a known id is replaced in its place', (t) => {
  const { sessions } = temporaryStore(t);
  sessions.create(key);
  sessions.append(key, createEvent('a'));
  sessions.append(key, createEvent('b'));
  sessions.append(key, createEvent('a', { author: 'clay' }));
  assert.deepEqual(
    sessions.events(key).map(({ event }) => [event.id, event.author]),
    [
      ['a', 'clay'],
      ['b', 'user'],
    ],
  );
});

test('two sessions may hold events of the same id', (t) => {
  const { sessions } = temporaryStore(t);
  sessions.create(key);
  sessions.create({ ...key, session: 's2' });
  sessions.append(key, createEvent('a'));
  sessions.append({ ...key, session: 's2' }, createEvent('a'));
  assert.equal(sessions.countEvents(key), 1);
  assert.equal(sessions.countEvents({ ...key, session: 's2' }), 1);
});

test('a partial event is not stored and changes no state', (t) => {
  const { sessions } = temporaryStore(t);
  sessions.create(key);
  assert.equal(sessions.append(key, createEvent('a', { partial: true, actions: { stateDelta: { x: 1 } } })), undefined);
  assert.equal(sessions.countEvents(key), 0);
  assert.deepEqual(sessions.state(key), {});
});

test('state has three scopes, and temporary keys vanish', (t) => {
  const { sessions } = temporaryStore(t);
  const other = { app: 'clay', user: 'ben', session: 's1' };
  sessions.create({ ...key, state: { 'app:theme': 'dark', 'user:name': 'Ann', mood: 'calm', 'temp:x': 1 } });
  sessions.create({ ...key, session: 's2' });
  sessions.create(other);
  assert.deepEqual(sessions.state(key), { 'app:theme': 'dark', 'user:name': 'Ann', mood: 'calm' });
  assert.deepEqual(sessions.state({ ...key, session: 's2' }), { 'app:theme': 'dark', 'user:name': 'Ann' });
  assert.deepEqual(sessions.state(other), { 'app:theme': 'dark' });

  const stored = sessions.append(
    key,
    createEvent('a', { actions: { stateDelta: { 'temp:y': 2, mood: null, 'app:n': [1] } } }),
  );
  assert.deepEqual(stored?.event.actions, { stateDelta: { mood: null, 'app:n': [1] } });
  assert.deepEqual(sessions.events(key)[0]?.event.actions, { stateDelta: { mood: null, 'app:n': [1] } });
  assert.deepEqual(sessions.state(other), { 'app:theme': 'dark', 'app:n': [1] });
});

test('the state key __proto__ is refused in every scope, and nothing is written', (t) => {
  const { sessions } = temporaryStore(t);
  sessions.create(key);
  for (const name of ['__proto__', 'app:__proto__', 'user:__proto__']) {
    const delta = JSON.parse(`{"x": 1, ${JSON.stringify(name)}: {"polluted": true}}`);
    assert.throws(() => sessions.append(key, createEvent('a', { actions: { stateDelta: delta } })), {
      code: 'BAD_ARGUMENTS',
    });
    assert.throws(() => sessions.patchState(key, delta), /__proto__/);
    assert.throws(() => sessions.create({ ...key, session: 'new', state: delta }), /__proto__/);
  }
  assert.equal(sessions.countEvents(key), 0);
  assert.deepEqual(sessions.state(key), {});
  assert.equal(sessions.get({ ...key, session: 'new' }), undefined);
});

test('names such as __proto__ and constructor are ordinary app, user and session names', (t) => {
  const { sessions } = temporaryStore(t);
  const odd = { app: '__proto__', user: 'constructor', session: "'; DROP TABLE events; --" };
  sessions.create(odd);
  sessions.append(odd, createEvent('__proto__'));
  assert.deepEqual(ids(sessions.events(odd)), ['__proto__']);
  assert.equal(sessions.get({ ...odd, user: 'toString' }), undefined);
});

test('a session that exists is not created twice, and one that does not is named', (t) => {
  const { sessions } = temporaryStore(t);
  sessions.create(key);
  assert.throws(() => sessions.create(key), { code: 'CONFLICT' });
  assert.throws(() => sessions.create({ ...key, session: '' }), { code: 'BAD_ARGUMENTS' });
  const missing = { ...key, session: 'nope' };
  assert.throws(() => sessions.append(missing, createEvent('a')), { code: 'NOT_FOUND', message: /"nope"/ });
  assert.equal(sessions.get(missing), undefined);
  assert.equal(sessions.delete(missing), false);
});

test('deleting a session removes its events and its own state, and leaves what is shared', (t) => {
  const { sessions, artifacts } = temporaryStore(t);
  sessions.create({ ...key, state: { own: 1, 'user:name': 'Ann' } });
  sessions.append(key, createEvent('a'));
  artifacts.save({ ...key, name: 'own.txt' }, { text: 'x' });
  artifacts.save({ ...key, name: 'user:shared.txt' }, { text: 'y' });
  assert.equal(sessions.delete(key), true);
  assert.throws(() => sessions.append(key, createEvent('b')), { code: 'NOT_FOUND' });
  sessions.create(key);
  assert.deepEqual(sessions.get(key)?.state, { 'user:name': 'Ann' });
  assert.deepEqual(sessions.events(key), []);
  assert.deepEqual(artifacts.list(key), ['user:shared.txt']);
});

test('sessions are listed by user and last update, in pages, with state and without events', (t) => {
  const { sessions, clock } = temporaryStore(t);
  for (const session of ['one', 'two', 'three']) {
    sessions.create({ ...key, session, state: { name: session } });
    clock.advance(10);
  }
  sessions.create({ ...key, user: 'ben', session: 'his' });
  sessions.append({ ...key, session: 'one' }, createEvent('a', { timestamp: clock.now() + 5 }));
  const page = sessions.list({ app: 'clay', user: 'ann', limit: 2 });
  assert.deepEqual(
    page.sessions.map((session) => [session.session, session.state, session.events.length]),
    [
      ['one', { name: 'one' }, 0],
      ['three', { name: 'three' }, 0],
    ],
  );
  assert.equal(page.total, 3);
  assert.deepEqual(
    sessions.list({ app: 'clay', order: 'oldest', offset: 1 }).sessions.map((session) => session.session),
    ['three', 'his', 'one'],
  );
  assert.equal(sessions.list({ app: 'other' }).total, 0);
});

test('a compaction is bounded by an event, and a turn reads only what is behind it', (t) => {
  const { sessions } = temporaryStore(t);
  sessions.create(key);
  for (const id of ['a', 'b', 'c', 'd']) sessions.append(key, createEvent(id));
  assert.deepEqual(ids(sessions.events(key, 'afterCompaction')), ['a', 'b', 'c', 'd']);
  sessions.addCompaction(key, { firstEventId: 'a', lastEventId: 'b', summary: 'a and b', details: { tokens: 9 } });
  assert.deepEqual(ids(sessions.events(key, 'afterCompaction')), ['c', 'd']);
  assert.deepEqual(ids(sessions.events(key)), ['a', 'b', 'c', 'd']);
  const compaction = sessions.compaction(key);
  assert.deepEqual(
    [compaction?.summary, compaction?.lastEventId, compaction?.details],
    ['a and b', 'b', { tokens: 9 }],
  );
  assert.throws(() => sessions.addCompaction(key, { firstEventId: 'a', lastEventId: 'zz', summary: '' }), /"zz"/);
  assert.throws(() => sessions.addCompaction(key, { firstEventId: 'd', lastEventId: 'a', summary: '' }), {
    code: 'BAD_ARGUMENTS',
  });
});

test('rewinding takes back whole turns with their state, patches and compactions', (t) => {
  const { sessions } = temporaryStore(t);
  sessions.create({ ...key, state: { base: 1, n: 0 } });
  for (const turn of [1, 2, 3]) {
    sessions.append(key, createEvent(`u${turn}`, { invocationId: `t${turn}` }));
    sessions.append(
      key,
      createEvent(`m${turn}`, {
        invocationId: `t${turn}`,
        actions: { stateDelta: { n: turn, [`k${turn}`]: true, 'user:seen': turn } },
      }),
    );
    sessions.patchState(key, { patched: turn });
  }
  sessions.addCompaction(key, { firstEventId: 'u1', lastEventId: 'm1', summary: 'first' });
  sessions.addCompaction(key, { firstEventId: 'u1', lastEventId: 'm2', summary: 'first two' });

  const rewound = sessions.rewind(key, { beforeInvocation: 't2' });
  assert.deepEqual(rewound.removedInvocations, ['t2', 't3']);
  assert.equal(rewound.removedEvents, 4);
  assert.deepEqual(rewound.state, { base: 1, n: 1, k1: true, patched: 1, 'user:seen': 3 });
  assert.deepEqual(ids(sessions.events(key)), ['u1', 'm1']);
  assert.equal(sessions.compaction(key)?.summary, 'first');

  const seq = sessions.append(key, createEvent('u4', { invocationId: 't4' }))?.seq ?? 0;
  assert.ok(seq > 6, 'a number is never given twice');
  assert.throws(() => sessions.rewind(key, { turns: 3 }), { code: 'BAD_ARGUMENTS', message: /1 to 2/ });
  assert.throws(() => sessions.rewind(key, { beforeInvocation: 't2' }), { code: 'NOT_FOUND' });
  sessions.rewind(key, { turns: 2 });
  assert.deepEqual(sessions.get(key)?.events, []);
  assert.deepEqual(sessions.get(key)?.state, { base: 1, n: 0, 'user:seen': 3 });
});

test('a conversation is there after the database was closed and opened', (t) => {
  const folder = temporaryFolder(t);
  const first = folder.open();
  first.sessions.create({ ...key, state: { a: 1 } });
  first.sessions.append(key, createEvent('a'), { full: true });
  first.close();
  const { sessions } = folder.open();
  assert.deepEqual(ids(sessions.events(key)), ['a']);
  assert.deepEqual(sessions.state(key), { a: 1 });
});

test('a failing transaction around several steps keeps none of them', (t) => {
  const { sessions, transaction } = temporaryStore(t);
  sessions.create(key);
  assert.throws(
    () =>
      transaction(() => {
        sessions.append(key, createEvent('a'));
        throw new Error('stop');
      }),
    /stop/,
  );
  assert.equal(sessions.countEvents(key), 0);
});
