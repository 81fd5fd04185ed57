import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { echo, makeEvent, type Script } from '../testing/fake-agent-host.ts';
import { createFixture, type Fixture, local } from '../testing/gateway-fixture.ts';

let fixture: Fixture;
before(async () => {
  fixture = await createFixture();
});
beforeEach(() => {
  fixture.agentHost.script = echo;
});
after(() => fixture.gateway.close());

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

async function ask(method: Method, url: string, payload?: object | string, headers: Record<string, string> = {}) {
  const answer = await fixture.gateway.adkApp.inject({
    method,
    url,
    headers: { ...local, ...(payload === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(payload === undefined ? {} : { payload }),
  });
  return { status: answer.statusCode, headers: answer.headers, text: answer.body, json: () => answer.json() };
}

// biome-ignore lint/correctness/useYield: it fails before its first event
const failing: Script = async function* () {
  throw new Error('the model fell over');
};

let count = 0;
async function newSession(user = 'ann'): Promise<string> {
  count += 1;
  const id = `made-${count}`;
  assert.equal((await ask('POST', `/apps/clay/users/${user}/sessions/${id}`)).status, 200);
  return id;
}

const run = (sessionId: string, text = 'hi') => ({
  appName: 'clay',
  userId: 'ann',
  sessionId,
  newMessage: { role: 'user', parts: [{ text }] },
});

test('the one app is listed at the root and under /api of the loopback listener, and under /api of the public one', async () => {
  assert.deepEqual((await ask('GET', '/list-apps?relative_path=./')).json(), ['clay']);
  assert.deepEqual((await ask('GET', '/api/list-apps')).json(), ['clay']);
  const answer = await fixture.gateway.publicApp.inject({ url: '/api/list-apps', headers: local });
  assert.deepEqual(answer.json(), ['clay']);
  assert.equal((await fixture.gateway.publicApp.inject({ url: '/list-apps', headers: local })).statusCode, 404);
});

test('a session is created with and without a body, listed as an array, read, patched and deleted with 200 {}', async () => {
  const made = await ask('POST', '/apps/clay/users/sam/sessions');
  assert.equal(made.status, 200);
  const { id } = made.json();
  const empty = await ask('POST', '/apps/clay/users/sam/sessions', '', { 'content-type': 'application/json' });
  assert.equal(empty.status, 200);
  const named = await ask('POST', '/apps/clay/users/sam/sessions', { session_id: 'mine', state: { mood: 'good' } });
  assert.equal(named.json().id, 'mine');
  assert.deepEqual(named.json().state, { mood: 'good' });
  const list = (await ask('GET', '/apps/clay/users/sam/sessions')).json();
  assert.ok(Array.isArray(list));
  assert.equal(list.length, 3);
  assert.ok(list[0].lastUpdateTime < 1e11, 'lastUpdateTime is in seconds');
  const patched = await ask('PATCH', `/apps/clay/users/sam/sessions/${id}`, { stateDelta: { mood: 'better' } });
  assert.deepEqual(patched.json().state, { mood: 'better' });
  const deleted = await ask('DELETE', `/apps/clay/users/sam/sessions/${id}`, '', {
    'content-type': 'application/json',
  });
  assert.equal(deleted.status, 200);
  assert.deepEqual(deleted.json(), {});
});

test('a session that exists is not created again', async () => {
  const id = await newSession();
  const answer = await ask('POST', `/apps/clay/users/ann/sessions/${id}`);
  assert.equal(answer.status, 400);
  assert.match(answer.json().error, new RegExp(`Session already exists: ${id}`));
});

test('what is unknown is answered with 404 and its name', async () => {
  const id = await newSession();
  const cases: [Method, string, RegExp][] = [
    ['GET', '/apps/other/users/ann/sessions', /app "other"/],
    ['POST', '/apps/other/users/ann/sessions', /app "other"/],
    ['GET', '/apps/clay/users/ann/sessions/gone', /session "gone"/],
    ['DELETE', '/apps/clay/users/ann/sessions/gone', /session "gone"/],
    ['POST', '/apps/clay/users/ann/sessions/gone/cancel', /session "gone"/],
    ['GET', `/apps/clay/users/ann/sessions/${id}/artifacts/none.txt`, /artifact "none.txt"/],
    ['DELETE', `/apps/clay/users/ann/sessions/${id}/artifacts/none.txt`, /artifact "none.txt"/],
    ['GET', `/dev/apps/clay/users/ann/sessions/${id}/events/none/graph`, /event "none"/],
    ['GET', '/debug/trace/none', /event "none"/],
    ['GET', '/dev/apps/other/build_graph', /app "other"/],
    ['GET', '/nowhere', /no GET \/nowhere/],
  ];
  for (const [method, url, expected] of cases) {
    const answer = await ask(method, url);
    assert.equal(answer.status, 404, url);
    assert.match(answer.json().error, expected);
    assert.equal(answer.json().code, 'NOT_FOUND');
  }
  const gone = await ask('POST', '/run_sse', run('gone'));
  assert.equal(gone.status, 404);
  assert.match(gone.json().error, /session "gone"/);
});

test('names that could confuse JavaScript or a terminal are refused with a reason', async () => {
  for (const name of ['__proto__', 'constructor', 'a%00b', 'x'.repeat(300)]) {
    const answer = await ask('POST', `/apps/clay/users/ann/sessions/${name}`);
    assert.equal(answer.status, 400, name);
    assert.match(answer.json().error, /session/);
    assert.match(answer.json().error, /choose another name/);
  }
});

test('a run answers with the events of the turn, without the partial ones', async () => {
  fixture.agentHost.script = async function* (_request, turn) {
    yield makeEvent(turn.id, [{ text: 'Hel' }], { partial: true });
    yield makeEvent(turn.id, [{ text: 'Hello' }]);
    return { text: 'Hello' };
  };
  const answer = await ask('POST', '/run', run(await newSession()));
  assert.equal(answer.status, 200);
  assert.deepEqual(
    answer.json().map((event: { content: { parts: { text: string }[] } }) => event.content.parts[0]?.text),
    ['Hello'],
  );
});

test('snake case bodies with nulls, as Python clients send them, are read like camel case ones', async () => {
  const session = await newSession();
  let seen: unknown;
  fixture.agentHost.script = async function* (request, turn) {
    seen = request;
    yield makeEvent(turn.id, [{ text: 'ok' }]);
    return {};
  };
  const answer = await ask('POST', '/run', {
    app_name: 'clay',
    user_id: 'ann',
    session_id: session,
    state_delta: { under_score: null },
    streaming: null,
    function_call_event_id: 'ignored',
    new_message: {
      role: 'user',
      parts: [
        { text: 'look', thought: null, inline_data: null },
        { inline_data: { mime_type: 'image/png', data: 'AAAA' } },
        { function_response: { id: '1', name: 'ask', response: { snake_case: 1 } } },
      ],
    },
  });
  assert.equal(answer.status, 200, answer.text);
  const { message, stateDelta } = seen as { message: unknown; stateDelta: unknown };
  assert.deepEqual(stateDelta, { under_score: null });
  assert.deepEqual(message, {
    role: 'user',
    parts: [
      { text: 'look' },
      { inlineData: { mimeType: 'image/png', data: 'AAAA' } },
      { functionResponse: { id: '1', name: 'ask', response: { snake_case: 1 } } },
    ],
  });
});

test('a body that does not fit is refused with the place and what to look at', async () => {
  const cases: [object, RegExp][] = [
    [{}, /appName: .*userId: .*sessionId: .*newMessage: /],
    [{ ...run('s'), newMessage: { parts: [] } }, /newMessage\.parts: /],
    [{ ...run('s'), newMessage: { parts: [{ text: 5 }] } }, /newMessage\.parts\.0\.text: /],
    [[], /body: /],
  ];
  for (const [body, expected] of cases) {
    const answer = await ask('POST', '/run_sse', body);
    assert.equal(answer.status, 400);
    assert.equal(answer.json().code, 'BAD_ARGUMENTS');
    assert.match(answer.json().error, expected);
  }
});

test('a failed turn tells its failure once: by the event that has it, or by an error of its own', async () => {
  const session = await newSession();
  fixture.agentHost.script = failing;
  const plain = await ask('POST', '/run', run(session));
  assert.equal(plain.status, 500);
  assert.deepEqual(plain.json(), { error: 'the model fell over', code: 'INTERNAL', events: [] });
  const streamed = await ask('POST', '/run_sse', run(session));
  assert.equal(streamed.text, 'data: {"error":"the model fell over","code":"INTERNAL"}\n\n');

  fixture.agentHost.script = async function* (_request, turn) {
    yield makeEvent(turn.id, [], { errorCode: '429', errorMessage: 'slow down' });
    return { status: 'failed', error: { code: 'MODEL_RATE_LIMIT', message: 'slow down' } };
  };
  const told = await ask('POST', '/run', run(session));
  assert.equal(told.status, 200);
  assert.equal(told.json()[0].errorCode, '429');
});

test('a rewind goes back by turns or to before one', async () => {
  const session = await newSession();
  for (const text of ['one', 'two', 'three']) await ask('POST', '/run', run(session, text));
  const url = `/apps/clay/users/ann/sessions/${session}`;
  const texts = async () =>
    (await ask('GET', url))
      .json()
      .events.filter((event: { author: string }) => event.author === 'user')
      .map((event: { content: { parts: { text: string }[] } }) => event.content.parts[0]?.text);
  assert.equal((await ask('POST', `${url}/rewind`, { turns: 1 })).status, 200);
  assert.deepEqual(await texts(), ['one', 'two']);
  const [first] = (await ask('GET', url)).json().events;
  assert.equal((await ask('POST', `${url}/rewind`, { rewind_before_invocation_id: first.invocationId })).status, 200);
  assert.deepEqual(await texts(), []);
  const tooFar = await ask('POST', `${url}/rewind`, { turns: 4 });
  assert.equal(tooFar.status, 400);
  assert.match(tooFar.json().error, /turns is 4, but the session made-\d+ has 0/);
  assert.equal((await ask('POST', `${url}/rewind`, {})).status, 400);
});

test('artifacts are listed, read by version and deleted; a name that climbs out of its folder is only a name', async () => {
  const session = await newSession();
  const key = { app: 'clay', user: 'ann', id: session };
  fixture.agentHost.putArtifact(key, 'notes.txt', { text: 'first' });
  fixture.agentHost.putArtifact(key, 'notes.txt', { text: 'second' });
  const base = `/apps/clay/users/ann/sessions/${session}/artifacts`;
  assert.deepEqual((await ask('GET', base)).json(), ['notes.txt']);
  assert.deepEqual((await ask('GET', `${base}/notes.txt`)).json(), { text: 'second' });
  assert.deepEqual((await ask('GET', `${base}/notes.txt/versions`)).json(), [0, 1]);
  assert.deepEqual((await ask('GET', `${base}/notes.txt/versions/0`)).json(), { text: 'first' });
  assert.equal((await ask('GET', `${base}/notes.txt/versions/last`)).status, 400);
  assert.equal((await ask('GET', `${base}/..%2F..%2Fetc%2Fpasswd`)).status, 404);
  assert.deepEqual((await ask('DELETE', `${base}/notes.txt`)).json(), {});
  assert.deepEqual((await ask('GET', base)).json(), []);
});

test('the graph is drawn, and an event marks what it used', async () => {
  const tree = (await ask('GET', '/dev/apps/clay/build_graph')).json();
  assert.equal(tree.root_agent.name, 'clay');
  assert.deepEqual(tree.root_agent.tools, [{ name: 'memory', type: 'FunctionTool' }]);
  assert.equal(tree.root_agent.sub_agents[0].name, 'research');
  const image = (await ask('GET', '/dev/apps/clay/build_graph_image?dark_mode=true')).json();
  assert.match(image.dotSrc, /"clay" -> "memory"/);
  assert.equal(image.clay.dotSrc, image.dotSrc);

  fixture.agentHost.script = async function* (_request, turn) {
    yield makeEvent(turn.id, [{ functionCall: { id: '1', name: 'memory', args: {} } }]);
    return {};
  };
  const session = await newSession();
  const [event] = (await ask('POST', '/run', run(session))).json();
  const { dotSrc } = (await ask('GET', `/dev/apps/clay/users/ann/sessions/${session}/events/${event.id}/graph`)).json();
  assert.match(dotSrc, /"clay" -> "memory" \[color=/);
});

test('traces are found by event and by session', async () => {
  for (const prefix of ['', '/dev/apps/clay']) {
    assert.deepEqual((await ask('GET', `${prefix}/debug/trace/traced`)).json(), {
      'gcp.vertex.agent.event_id': 'traced',
    });
    assert.deepEqual((await ask('GET', `${prefix}/debug/trace/session/s1`)).json(), []);
  }
});

test('what Clay has not is answered as the web UI takes it', async () => {
  for (const prefix of ['/apps/clay', '/dev/apps/clay', '/api/dev/apps/clay']) {
    assert.deepEqual((await ask('GET', `${prefix}/eval_sets`)).json(), []);
    assert.equal((await ask('POST', `${prefix}/eval_sets/mine`, {})).status, 501);
  }
  assert.deepEqual((await ask('GET', '/dev/apps/clay/metrics-info')).json(), { metricsInfo: [] });
});
