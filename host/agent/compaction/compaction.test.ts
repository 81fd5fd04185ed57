import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EventJson } from '../event-json.ts';
import { agentFixture, told } from '../testing/agent-fixture.ts';
import type { AnthropicRequest } from '../testing/anthropic-rules.ts';
import type { ScriptedAnswer } from '../testing/anthropic-script.ts';
import { providerFixture } from '../testing/provider-fixture.ts';
import { chooseBoundary } from './boundary.ts';
import { transcript } from './transcript.ts';

/** Summaries and answers are asked for in one line of requests; each kind has its own list here. */
function byPurpose(summaries: ScriptedAnswer[], answers: ScriptedAnswer[]) {
  return ({ system }: AnthropicRequest): ScriptedAnswer => {
    const list = JSON.stringify(system).includes('You keep the memory of a conversation') ? summaries : answers;
    return (list.length > 1 ? list.shift() : list[0]) ?? { text: 'Done.' };
  };
}

const key = { app: 'clay', user: 'ann', id: 's1' };
let ids = 0;

function event(turn: string, author: string, part: object, isolationScope?: string): EventJson {
  return {
    id: `event-${++ids}`,
    invocationId: turn,
    author,
    // All at the same time: order is by position, never by time.
    timestamp: 1_000,
    actions: { stateDelta: {}, artifactDelta: {} },
    content: { role: author === 'user' ? 'user' : 'model', parts: [part] },
    ...(isolationScope !== undefined && { isolationScope }),
  };
}

/** Turns of four events each: a question, a call, its result, an answer. */
function turns(count: number, size = 400): EventJson[] {
  return Array.from({ length: count }, (_, index) => [
    event(`t${index}`, 'user', { text: `question ${index} ${'q'.repeat(size)}` }),
    event(`t${index}`, 'clay', { functionCall: { id: `c${index}`, name: 'look', args: { at: `place ${index}` } } }),
    {
      ...event(`t${index}`, 'clay', {
        functionResponse: { id: `c${index}`, name: 'look', response: { seen: `thing ${index}` } },
      }),
      content: {
        role: 'user',
        parts: [{ functionResponse: { id: `c${index}`, name: 'look', response: { seen: `thing ${index}` } } }],
      },
    },
    event(`t${index}`, 'clay', { text: `answer ${index} ${'a'.repeat(size)}` }),
  ]).flat();
}

test('old turns become a summary whose input holds tool calls and results, and no event is lost', async (t) => {
  const { server, host, ask, events, emitted, store } = await providerFixture(t, {
    limits: { compactAtTokens: 4_000 },
    tools: { look: { run: () => 1 } },
  });
  host.sessions.create({ ...key, events: turns(20) });
  server.script(byPurpose([{ text: 'SUMMARY: they looked at places.' }], [{ text: 'Yes.' }]));
  const outcome = await ask('and now?');
  assert.deepEqual([outcome.status, outcome.text], ['done', 'Yes.']);
  const requests = server.requests.length;
  const bodies = server.requests.map(({ body }) => JSON.stringify(body.messages));
  const [asked, answered] = [bodies[0], bodies.at(-1)];
  assert.match(asked!, /question 0 .*called look.*place 0.*answered.*thing 0.*answer 0/);
  assert.match(answered!, /Summary of the conversation before this point.*they looked at places.*and now\?/);
  assert.doesNotMatch(answered!, /question 3 /);
  assert.match(answered!, /question 19 /);
  assert.equal(events().length, 20 * 4 + 2);
  assert.deepEqual(emitted.filter(({ event }) => event === 'session.compacted').length, 1);
  // Every event is either summarised or sent: the boundary falls between two neighbours.
  const compaction = store.sessions.compaction({ app: 'clay', user: 'ann', session: 's1' })!;
  const all = events().map(({ id }) => id);
  const next = events()[all.indexOf(compaction.lastEventId) + 1]!;
  assert.equal(next.author, 'user');
  assert.match(answered!, new RegExp(next.content!.parts![0]!.text!.slice(0, 12)));
  await ask('once more');
  assert.equal(server.requests.length, requests + 1, 'the second turn did not summarise again');
});

test('after a restart the summary and what came behind it are all that is loaded', async (t) => {
  const first = await providerFixture(t, { limits: { compactAtTokens: 4_000 }, tools: { look: { run: () => 1 } } });
  first.host.sessions.create({ ...key, events: turns(20) });
  first.server.script(byPurpose([{ text: 'SUMMARY: old things.' }], [{ text: 'Yes.' }]));
  await first.ask('and now?');
  const second = await providerFixture(t, {
    limits: { compactAtTokens: 4_000 },
    store: first.store,
    tools: { look: { run: () => 1 } },
  });
  second.server.script([{ text: 'Still here.' }]);
  await second.ask('hello again');
  const sent = JSON.stringify(second.server.requests[0]?.body.messages);
  assert.match(sent, /SUMMARY: old things.*and now\?.*hello again/);
  assert.doesNotMatch(sent, /question 3 /);
});

test('a summary that fails changes nothing, and the turn goes on', async (t) => {
  const { server, host, ask, store, log } = await providerFixture(t, {
    limits: { compactAtTokens: 4_000 },
    tools: { look: { run: () => 1 } },
  });
  host.sessions.create({ ...key, events: turns(20) });
  const refused = { status: 400, type: 'invalid_request_error', message: 'no' };
  server.script(byPurpose([refused, {}], [{ text: 'Yes.' }, { text: 'Yes again.' }]));
  assert.equal((await ask('and now?')).text, 'Yes.');
  assert.equal(store.sessions.compaction({ app: 'clay', user: 'ann', session: 's1' }), undefined);
  assert.match(JSON.stringify(server.requests[1]?.body.messages), /question 0 /);
  assert.ok(log.events.some((entry) => entry.event === 'compaction.failed'));
  assert.equal((await ask('and now?')).text, 'Yes again.', 'an empty summary is a failed one');
});

test('a provider that finds the context too long gets a shorter one, once', async (t) => {
  const { server, host, ask } = await providerFixture(t, {
    limits: { compactAtTokens: 10_000 },
    tools: { look: { run: () => 1 } },
  });
  host.sessions.create({ ...key, events: turns(30) });
  const tooLong = { status: 400, type: 'invalid_request_error', message: 'prompt is too long: 9 tokens > 8 maximum' };
  server.script(byPurpose([{ text: 'SUMMARY: much.' }], [tooLong, { text: 'Fits.' }, tooLong]));
  assert.equal((await ask('and now?')).text, 'Fits.');
  const outcome = await ask('and then?');
  assert.equal(outcome.error?.code, 'MODEL_CONTEXT_TOO_LONG');
});

test('a session can be summarised on demand, also by the offline model', async (t) => {
  const { host, store } = await agentFixture(t);
  host.sessions.create({ ...key, events: turns(5) });
  assert.equal(await host.sessions.compact(key), true);
  const compaction = store.sessions.compaction({ app: 'clay', user: 'ann', session: 's1' });
  assert.match(compaction?.summary ?? '', /called look/);
  host.sessions.create({ ...key, id: 'empty' });
  assert.equal(await host.sessions.compact({ ...key, id: 'empty' }), false);
});

test('the boundary never parts a call from its result, and begins with a turn when one fits', () => {
  const events = turns(10);
  for (let keep = 0; keep < 3_000; keep += 37) {
    const start = chooseBoundary(events, keep);
    const kept = events.slice(start);
    const calls = kept.flatMap(({ content }) => content?.parts?.flatMap((part) => part.functionCall?.id ?? []) ?? []);
    const results = kept.flatMap(
      ({ content }) => content?.parts?.flatMap((part) => part.functionResponse?.id ?? []) ?? [],
    );
    assert.deepEqual(calls, results);
    assert.ok(start > 0 && kept.length > 0);
  }
  const start = chooseBoundary(events, 1_000);
  assert.equal(events[start]?.author, 'user');
});

test('one long turn is summarised inside, between two steps', () => {
  const long = turns(10).map((one) => ({ ...one, invocationId: 'one' }));
  const start = chooseBoundary(long, 600);
  assert.ok(start > 0);
  assert.equal(long[start - 1]?.content?.parts?.[0]?.functionCall, undefined);
});

test('a transcript tells everything but thoughts and delegated work, in pieces, long entries cut', () => {
  const pieces = transcript(
    [
      event('t', 'user', { text: 'x'.repeat(9_000) }),
      event('t', 'clay', { text: 'secret', thought: true }),
      event('t', 'helper', { text: 'inside' }, 'call-1'),
      event('t', 'clay', { inlineData: { mimeType: 'image/png', data: 'AA==', displayName: 'cat.png' } }),
    ],
    5_000,
  );
  assert.equal(pieces.length, 2);
  assert.ok(pieces[0]!.length < 6_200 && pieces[0]!.includes('[3000 characters]'));
  assert.equal(pieces[1], '[clay] attached cat.png (image/png)\n');
});

test('what was told before is in the database as it was, when the window is summarised', async (t) => {
  const { host, events, ask } = await agentFixture(t, { limits: { compactAtTokens: 2_000 } });
  const before = turns(20);
  host.sessions.create({ ...key, events: before });
  await ask('hello');
  assert.deepEqual(told(events().slice(0, before.length)), told(before));
});
