import assert from 'node:assert/strict';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { after, before, beforeEach, test } from 'node:test';
import type { Clock } from '@clay/sdk';
import { systemClock } from '../clock.ts';
import { echo, makeEvent, type Script } from './testing/fake-agent-host.ts';
import { createFixture, type Fixture } from './testing/gateway-fixture.ts';

/** Real sockets: what a client sees when it leaves, comes back, or does not read. */
let fixture: Fixture;
let url: string;

/** Timers that a test fires by hand; the time of day is real. */
const timers = new Map<() => void, number>();
const clock: Clock = {
  ...systemClock,
  after(ms, callback) {
    timers.set(callback, ms);
    return () => timers.delete(callback);
  },
};

function fireTimers(ms: number): void {
  for (const [callback, wait] of [...timers]) {
    if (wait !== ms) continue;
    timers.delete(callback);
    callback();
  }
}

before(async () => {
  fixture = await createFixture({ parts: { clock } });
  url = (await fixture.gateway.listen()).adkUrl;
});
beforeEach(() => {
  fixture.agentHost.script = echo;
});
after(() => fixture.gateway.close());

let count = 0;
function newSession(): string {
  count += 1;
  return fixture.agentHost.sessions.create({ app: 'clay', user: 'ann', id: `stream-${count}` }).id;
}

interface Client {
  readonly response: IncomingMessage;
  /** Reads until the text that has come fits. */
  until(pattern: RegExp): Promise<string>;
  rest(): Promise<string>;
  leave(): void;
}

async function open(sessionId: string | null, lastEventId?: string, path = '/run_sse'): Promise<Client> {
  const body =
    sessionId === null
      ? ''
      : JSON.stringify(
          path === '/msg/stream'
            ? { text: 'hi', user_id: sessionId }
            : { appName: 'clay', userId: 'ann', sessionId, newMessage: { parts: [{ text: 'hi' }] }, streaming: true },
        );
  const sent = httpRequest(`${url}${path}`, {
    method: sessionId === null ? 'GET' : 'POST',
    headers: {
      ...(sessionId === null ? {} : { 'content-type': 'application/json' }),
      ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
    },
    agent: false,
  });
  sent.on('error', () => {});
  sent.end(body);
  const response = await new Promise<IncomingMessage>((resolve) => sent.once('response', resolve));
  response.setEncoding('utf8');
  const chunks = response[Symbol.asyncIterator]();
  let text = '';
  return {
    response,
    async until(pattern) {
      while (!pattern.test(text)) {
        const chunk = await chunks.next();
        if (chunk.done) assert.fail(`the stream ended with: ${text}`);
        text += chunk.value;
      }
      return text;
    },
    async rest() {
      for (let chunk = await chunks.next(); !chunk.done; chunk = await chunks.next()) text += chunk.value;
      return text;
    },
    leave: () => sent.destroy(),
  };
}

interface Gate {
  readonly script: Script;
  readonly ended: Promise<string>;
  go(): void;
}

/** Says "one", waits for `go`, then says "two". */
function gatedScript(): Gate {
  const gate = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<string>();
  return {
    go: () => gate.resolve(),
    ended: ended.promise,
    script: async function* (_request, turn) {
      turn.signal.addEventListener('abort', () => gate.reject(turn.signal.reason));
      yield makeEvent(turn.id, [{ text: 'one' }]);
      try {
        await gate.promise;
      } catch (error) {
        ended.resolve('cancelled');
        throw error;
      }
      yield makeEvent(turn.id, [{ text: 'two' }]);
      ended.resolve('done');
      return { text: 'two' };
    },
  };
}

test('each event is one data line, with its id in a block of its own behind it', async () => {
  const client = await open(newSession());
  assert.equal(client.response.headers['content-type'], 'text/event-stream; charset=utf-8');
  assert.equal(client.response.headers['cache-control'], 'no-cache, no-transform');
  assert.equal(client.response.headers['x-content-type-options'], 'nosniff');
  const turn = client.response.headers['x-clay-turn'];
  const blocks = (await client.rest()).split('\n\n');
  assert.equal(blocks.length, 3);
  assert.match(blocks[0] ?? '', /^data: \{[^\n]*\}$/);
  assert.equal(blocks[1], `id: ${turn}:1`);
  assert.equal(blocks[2], '');
});

test('a client that leaves does not end the turn, and gets the rest when it comes back with Last-Event-ID', async () => {
  const gate = gatedScript();
  fixture.agentHost.script = gate.script;
  const session = newSession();
  const first = await open(session);
  const seen = await first.until(/id: \S+\n\n/);
  const lastEventId = /id: (\S+)/.exec(seen)?.[1] ?? '';
  first.leave();
  gate.go();
  assert.equal(await gate.ended, 'done');
  for (const again of [await open(null, lastEventId), await open(session, lastEventId)]) {
    const text = await again.rest();
    assert.match(text, /"two"/);
    assert.doesNotMatch(text, /"one"/);
  }
  const turns = fixture.agentHost.sessions.get({ app: 'clay', user: 'ann', id: session }).events;
  assert.equal(turns.filter((event) => event.author === 'user').length, 1, 'coming back started no second turn');
});

test('a client that was cut before the first event comes back by the turn’s header', async () => {
  const client = await open(newSession());
  const turn = client.response.headers['x-clay-turn'];
  client.leave();
  assert.match(await (await open(null, `${turn}:0`)).rest(), /You said: hi/);
});

test('a Last-Event-ID that is unknown or no id is refused with what to do', async () => {
  const unknown = await open(null, 'gone:3');
  assert.equal(unknown.response.statusCode, 404);
  assert.match(await unknown.rest(), /turn gone is unknown, or ended too long ago/);
  const garbage = await open(null, 'garbage');
  assert.equal(garbage.response.statusCode, 400);
  assert.match(await garbage.rest(), /TURN:NUMBER/);
});

test('cancel ends the turn and its stream', async () => {
  const gate = gatedScript();
  fixture.agentHost.script = gate.script;
  const session = newSession();
  const client = await open(session);
  await client.until(/"one"/);
  const answer = await fetch(`${url}/apps/clay/users/ann/sessions/${session}/cancel`, { method: 'POST' });
  assert.deepEqual(await answer.json(), { cancelled: true });
  assert.equal(await gate.ended, 'cancelled');
  assert.doesNotMatch(await client.rest(), /"two"/);
  const again = await fetch(`${url}/apps/clay/users/ann/sessions/${session}/cancel`, { method: 'POST' });
  assert.deepEqual(await again.json(), { cancelled: false });
});

test('a silent stream gets a comment every 15 seconds', async () => {
  const gate = gatedScript();
  fixture.agentHost.script = gate.script;
  const client = await open(newSession());
  await client.until(/id: /);
  fireTimers(15_000);
  await client.until(/: ping\n\n/);
  fireTimers(15_000);
  await client.until(/: ping\n\n[\s\S]*: ping\n\n/);
  gate.go();
  assert.match(await client.rest(), /"two"/);
  assert.equal([...timers.values()].filter((ms) => ms === 15_000).length, 0, 'no timer outlives its stream');
});

test('a client that does not read holds its stream back, and is cut off after a minute', async () => {
  let made = 0;
  const ended = Promise.withResolvers<void>();
  const big = 'x'.repeat(256 * 1024);
  fixture.agentHost.script = async function* (_request, turn) {
    for (; made < 400; made += 1) yield makeEvent(turn.id, [{ text: big }]);
    ended.resolve();
    return {};
  };
  const stalled = Promise.withResolvers<void>();
  const originalAfter = clock.after;
  clock.after = (ms, callback) => {
    if (ms === 60_000) stalled.resolve();
    return originalAfter(ms, callback);
  };
  const client = await open(newSession());
  client.response.pause();
  await stalled.promise;
  clock.after = originalAfter;
  const closed = new Promise<void>((resolve) => client.response.once('close', () => resolve()));
  client.response.on('error', () => {});
  fireTimers(60_000);
  client.response.resume();
  await closed;
  await ended.promise;
  assert.equal(made, 400, 'the turn went on');
});

test('an open stream is counted while it is open', async () => {
  const gate = gatedScript();
  fixture.agentHost.script = gate.script;
  const client = await open(newSession());
  await client.until(/"one"/);
  const during = await (await fetch(`${url}/metrics`)).text();
  assert.match(during, /^clay_event_streams_open 1$/m);
  assert.match(during, /^clay_model_tokens_total\{model="glm-5",kind="input"\} 7$/m);
  gate.go();
  await client.rest();
  assert.match(await (await fetch(`${url}/metrics`)).text(), /^clay_event_streams_open 0$/m);
});

test('/msg/stream tells texts, tool calls and results, resumes, and ends with the whole text', async () => {
  fixture.agentHost.script = async function* (_request, turn) {
    yield makeEvent(turn.id, [
      { text: 'Looking.' },
      { functionCall: { id: 'c1', name: 'memory', args: { action: 'recall' } } },
      { functionCall: { id: 'c2', name: 'tasks', args: { action: 'list' } } },
    ]);
    yield makeEvent(turn.id, [{ functionResponse: { id: 'c1', name: 'memory', response: { count: 0 } } }]);
    yield makeEvent(turn.id, [{ text: 'secret', thought: true }]);
    yield makeEvent(turn.id, [{ text: 'Hel' }], { partial: true });
    yield makeEvent(turn.id, [{ text: 'Hello.' }]);
    return { text: 'Hello.' };
  };
  const client = await open('bob', undefined, '/msg/stream');
  const text = await client.rest();
  const told = [...text.matchAll(/^data: (.*)$/gm)].map(([, json]) => JSON.parse(json ?? ''));
  assert.deepEqual(told, [
    { type: 'text', author: 'clay', text: 'Looking.' },
    { type: 'tool_call', author: 'clay', tool_name: 'memory', tool_id: 'c1', tool_args: { action: 'recall' } },
    { type: 'tool_call', author: 'clay', tool_name: 'tasks', tool_id: 'c2', tool_args: { action: 'list' } },
    { type: 'tool_result', author: 'clay', tool_name: 'memory', tool_id: 'c1', result: { count: 0 } },
    { type: 'text', author: 'clay', text: 'Hello.' },
    { type: 'end', text: 'Hello.' },
  ]);
  const firstId = /^id: (\S+)$/m.exec(text)?.[1] ?? '';
  const again = await (await open('bob', firstId, '/msg/stream')).rest();
  assert.doesNotMatch(again, /Looking/);
  assert.match(again, /"tool_result"[\s\S]*"end"/);
});
