import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { echo, makeEvent } from '../testing/fake-agent-host.ts';
import { createFixture, type Fixture, local } from '../testing/gateway-fixture.ts';

let fixture: Fixture;
before(async () => {
  fixture = await createFixture();
});
beforeEach(() => {
  fixture.agentHost.script = echo;
});
after(() => fixture.gateway.close());

async function say(body: object | string, url = '/msg') {
  const answer = await fixture.gateway.publicApp.inject({
    method: 'POST',
    url,
    headers: { ...local, 'content-type': 'application/json' },
    payload: body,
  });
  return { status: answer.statusCode, json: () => answer.json(), text: answer.body };
}

const sessionsOf = (user: string) => fixture.agentHost.sessions.list('clay', user).map((session) => session.id);

test('a message is answered with its text and the events on the way', async () => {
  const answer = await say({ text: 'hello', user_id: 'ann' });
  assert.equal(answer.status, 200);
  assert.deepEqual(answer.json(), {
    text: 'You said: hello',
    events: [{ type: 'text', author: 'clay', text: 'You said: hello' }],
  });
});

test('a person stays in one conversation; another way of writing, or another person, has another', async () => {
  await say({ text: 'one', user_id: 'eve' });
  await say({ text: 'two', user_id: 'eve' });
  assert.equal(sessionsOf('eve').length, 1);
  await say({ text: 'three', user_id: 'eve', protocol: 'telegram' });
  assert.equal(sessionsOf('eve').length, 2);
  await say({ text: 'four', user_id: 'eve', protocol: 'telegram' });
  assert.equal(sessionsOf('eve').length, 2);
  await say({ text: 'five', user_id: 'eve:telegram' });
  assert.equal(sessionsOf('eve:telegram').length, 1);
});

test('a conversation that was deleted is replaced by a new one', async () => {
  await say({ text: 'one', user_id: 'tim' });
  const [before] = sessionsOf('tim');
  await fixture.agentHost.sessions.delete({ app: 'clay', user: 'tim', id: before ?? '' });
  assert.equal((await say({ text: 'two', user_id: 'tim' })).status, 200);
  assert.notDeepEqual(sessionsOf('tim'), [before]);
});

test('the sender is the user id, also as a number, else the user name, else anonymous', async () => {
  await say({ text: 'x', user_id: 123456, username: 'zoe' });
  await say({ text: 'x', user_id: '', username: 'zoe' });
  await say({ text: 'x' });
  for (const user of ['123456', 'zoe', 'anonymous']) assert.equal(sessionsOf(user).length, 1, user);
});

test('a failed turn is a friendly text with a code, and keeps what happened before', async () => {
  fixture.agentHost.script = async function* (_request, turn) {
    yield makeEvent(turn.id, [{ functionCall: { id: '1', name: 'memory', args: {} } }]);
    return { status: 'failed', error: { code: 'MODEL_RATE_LIMIT', message: 'The model is out of credits.' } };
  };
  const answer = await say({ text: 'x', user_id: 'ann' });
  assert.equal(answer.status, 200);
  assert.equal(answer.json().text, 'The model is out of credits.');
  assert.equal(answer.json().error, 'MODEL_RATE_LIMIT');
  assert.equal(answer.json().events.length, 1);
  const streamed = await say({ text: 'x', user_id: 'ann' }, '/msg/stream');
  assert.match(
    streamed.text,
    /data: \{"type":"error","text":"The model is out of credits.","code":"MODEL_RATE_LIMIT"\}\n\n$/,
  );
});

test('bad messages are refused: no text, no JSON, a wrong method, a strange name', async () => {
  for (const body of [{}, { text: '  ' }, { text: 5 }, []]) {
    const answer = await say(body);
    assert.equal(answer.status, 400);
    assert.match(answer.json().error, /text|body/);
  }
  const invalid = await say('{"text":');
  assert.equal(invalid.status, 400);
  assert.equal(invalid.json().code, 'BAD_JSON');
  assert.equal((await say({ text: 'x', user_id: '__proto__' })).status, 400);
  const got = await fixture.gateway.publicApp.inject({ url: '/msg', headers: local });
  assert.equal(got.statusCode, 405);
  assert.equal(got.headers.allow, 'POST');
});

test('a repeated Idempotency-Key joins its turn, and then gets its answer; another text is refused', async () => {
  let turns = 0;
  const gate = Promise.withResolvers<void>();
  fixture.agentHost.script = async function* (_request, turn) {
    turns += 1;
    await gate.promise;
    yield makeEvent(turn.id, [{ text: 'done' }]);
    return { text: 'done' };
  };
  const post = (text: string, url = '/msg') =>
    fixture.gateway.publicApp.inject({
      method: 'POST',
      url,
      headers: { ...local, 'content-type': 'application/json', 'idempotency-key': 'k1' },
      payload: { text, user_id: 'kim' },
    });
  const both = Promise.all([post('hello'), post('hello')]);
  gate.resolve();
  const [first, second] = await both;
  assert.deepEqual(first.json(), { text: 'done', events: [{ type: 'text', author: 'clay', text: 'done' }] });
  assert.deepEqual(second.json(), first.json());
  assert.deepEqual((await post('hello')).json(), first.json());
  assert.equal((await post('hello', '/msg/stream')).body, 'data: {"type":"end","text":"done"}\n\n');
  assert.equal(turns, 1);
  const other = await post('something else');
  assert.deepEqual([other.statusCode, other.json().code], [409, 'CONFLICT']);
});

test('the same text in the same conversation joins the turn that is open for it', async (t) => {
  let turns = 0;
  const gate = Promise.withResolvers<void>();
  fixture.agentHost.script = async function* (_request, turn) {
    turns += 1;
    await gate.promise;
    yield makeEvent(turn.id, [{ text: `answer ${turns}` }]);
    return { text: `answer ${turns}` };
  };
  // Every request looks up its conversation in the tick in which it starts or joins a turn.
  const { settings } = fixture.parts.store;
  const { get } = settings;
  let asked = 0;
  t.mock.method(settings, 'get', (key: string) => {
    asked += 1;
    if (asked === 2) gate.resolve();
    return get(key);
  });
  const [first, second] = await Promise.all([1, 2].map(() => say({ text: 'again', user_id: 'lea' })));
  assert.equal(first?.json().text, 'answer 1');
  assert.equal(second?.json().text, 'answer 1');
  assert.equal((await say({ text: 'again', user_id: 'lea' })).json().text, 'answer 2');
});
