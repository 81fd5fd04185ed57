import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { JsonObject } from '@clay/sdk';
import type { CallRow } from '../../../journal/journal.ts';
import type { Store } from '../../../store/store.ts';
import { temporaryStore } from '../../../store/testing/temporary-store.ts';
import type { EventJson } from '../../event-json.ts';
import type { FixtureOptions } from '../../testing/agent-fixture.ts';
import type { ScriptedAnswer } from '../../testing/anthropic-script.ts';
import { providerFixture } from '../../testing/provider-fixture.ts';
import type { LoopNote } from './loop-note.ts';

const key = { app: 'clay', user: 'ann', session: 's1' };

const worker = (name: string): JsonObject => ({
  type: 'llm',
  name,
  description: name,
  instruction: `You are ${name}.`,
});
const loop: JsonObject = {
  type: 'loop',
  name: 'count_loop',
  description: 'Counts.',
  until: 'signal',
  agents: [worker('counter'), worker('checker')],
};

/** A model without a memory: what it answers depends on what it is sent alone, as after a restart. */
function answer(request: { readonly system?: unknown; readonly messages: unknown }): ScriptedAnswer {
  const name = /Your name is (\w+)\./.exec(JSON.stringify(request.system))?.[1] ?? 'clay';
  const said = JSON.stringify(request.messages);
  const round = /iteration (\d) of/.exec(said)?.[1];
  const hasResult = said.includes('"tool_result"');
  if (name === 'clay' && !hasResult)
    return { calls: [{ id: 'd', name: 'delegate', input: { agent: 'count_loop', task: 'Count to two.' } }] };
  if (name === 'clay') return { text: 'I have counted.' };
  if (name === 'counter' && !hasResult) return { calls: [{ id: `c${round}`, name: 'count', input: { round } }] };
  if (name === 'counter') return { text: `Counted in round ${round}.` };
  return { calls: [{ name: 'loop_signal', input: { signal: round === '2' ? 'done' : 'continue', why: 'so' } }] };
}

interface Run {
  readonly text: string;
  readonly events: readonly EventJson[];
  /** Rounds that were counted, in this process. */
  readonly counted: string[];
}

async function claw(t: TestContext, options: FixtureOptions = {}) {
  const counted: string[] = [];
  const count = {
    run({ round }: JsonObject) {
      counted.push(String(round));
      return { counted: round ?? null };
    },
  };
  const fixture = await providerFixture(t, { agents: { count_loop: loop }, tools: { count }, ...options });
  fixture.server.script(answer);
  return { ...fixture, counted };
}

/** What a host leaves behind that dies right behind these events. */
function crashed(store: Store, events: readonly EventJson[]): void {
  store.sessions.create(key);
  for (const event of events) store.sessions.append(key, { ...event, author: event.author ?? '' } as never);
  store.settings.set('agent.open-turns', { [events[0]!.invocationId]: { ...key, caller: 'http', attempts: 1 } });
}

/** Goes on behind `events`; a call that was begun has an answer in the journal or not. */
async function goOn(t: TestContext, events: readonly EventJson[], isJournalled: boolean): Promise<Run> {
  const store = temporaryStore(t);
  crashed(store, events);
  const row = { state: 'done', value: { counted: 'journalled' } } as unknown as CallRow;
  const {
    host,
    counted,
    events: stored,
  } = await claw(t, {
    store,
    journal: { byKey: (capability) => (isJournalled && capability === 'tool:count' ? row : undefined) },
  });
  const [turn] = host.resume();
  assert.ok(turn, 'the turn is open');
  return { text: (await turn.done).text, events: stored(), counted };
}

const notes = (events: readonly EventJson[]) =>
  events.flatMap(({ customMetadata }) => (customMetadata?.loop as LoopNote | undefined) ?? []);
const calledRounds = (events: readonly EventJson[]) =>
  events.flatMap(({ content }) =>
    (content?.parts ?? []).flatMap(({ functionCall: made }) =>
      made?.name === 'count' ? [String(made.args?.round)] : [],
    ),
  );
const places = (all: readonly LoopNote[], kind: LoopNote['kind']) =>
  all.flatMap((note) => (note.kind === kind && 'who' in note ? [`${note.who} ${note.iteration}`] : []));

test('killed behind any of its events, a loop ends as it would have, and nothing is done twice', async (t) => {
  const whole = await claw(t);
  assert.equal((await whole.ask('count')).text, 'I have counted.');
  const events = whole.events();
  assert.deepEqual(whole.counted, ['1', '2']);
  const inOrder = ['counter 1', 'checker 1', 'counter 2', 'checker 2'];
  for (let length = 1; length < events.length; length++) {
    for (const isJournalled of [true, false]) {
      const before = events.slice(0, length);
      const run = await goOn(t, before, isJournalled);
      const where = `killed behind event ${length} of ${events.length}: ${JSON.stringify(before.at(-1)?.content)}`;
      assert.equal(run.text, 'I have counted.', where);
      // A call whose event was stored may have been made: it is answered, never made again.
      const made = calledRounds(before);
      assert.deepEqual([...made, ...run.counted], ['1', '2'], where);
      const told = notes(run.events);
      assert.deepEqual(places(told, 'report'), inOrder, where);
      assert.deepEqual(places(told, 'step'), inOrder, where);
      assert.equal(told.filter(({ kind }) => kind === 'begun').length, 1, where);
      assert.equal(told.filter(({ kind }) => kind === 'ended').length, 1, where);
      const answers = run.events.filter(({ isolationScope, content }) =>
        content?.parts?.some((part) => isolationScope === undefined && part.functionResponse?.id === 'd'),
      );
      assert.equal(answers.length, 1, where);
    }
  }
});

test('a host that stops in the middle of a loop parks its turn, as often as it likes, and the next host goes on', async (t) => {
  const store = temporaryStore(t);
  let events: readonly EventJson[] = [];
  const counted: string[] = [];
  for (let life = 1; life <= 6; life++) {
    const reached = Promise.withResolvers<void>();
    const host = await claw(t, { store });
    let asked = 0;
    // Each life gets one answer of the model farther; the last one is left alone.
    host.server.script((request) => {
      if (life === 6 || asked++ === 0) return answer(request);
      reached.resolve();
      return { text: 'cut off', hangAfter: 1 };
    });
    const turn = life === 1 ? host.say('count') : host.host.resume()[0]!;
    if (life < 6) {
      await reached.promise;
      await host.host.stop(0);
    }
    const outcome = await turn.done;
    assert.equal(outcome.isParked, life < 6 ? true : undefined, `life ${life}`);
    if (life === 6) assert.equal(outcome.text, 'I have counted.');
    counted.push(...host.counted);
    events = host.events();
  }
  assert.deepEqual(counted, ['1', '2']);
  assert.equal(events.filter(({ author }) => author === 'user').length, 1);
  assert.deepEqual(places(notes(events), 'report'), ['counter 1', 'checker 1', 'counter 2', 'checker 2']);
  assert.equal(
    events.some(({ errorCode }) => errorCode !== undefined),
    false,
  );
});

test('the time that a claw is down is no time of work', async (t) => {
  const whole = await claw(t);
  await whole.ask('count');
  const dayMs = 24 * 3_600_000;
  const old = whole.events().map((event) => ({ ...event, timestamp: event.timestamp - dayMs }));
  const step = old.findIndex(({ customMetadata }) => (customMetadata?.loop as LoopNote | undefined)?.kind === 'report');
  const { events, text } = await goOn(t, old.slice(0, step + 1), true);
  assert.equal(text, 'I have counted.');
  const resumed = notes(events).find((note) => note.kind === 'resumed');
  assert.ok(resumed && resumed.elapsedMs < 60_000, JSON.stringify(resumed));
  assert.match(JSON.stringify(notes(events).at(-1)), /"outcome":"done"/);
});

test('a loop that nobody provides any more is answered as every call that was cut off', async (t) => {
  const whole = await claw(t);
  await whole.ask('count');
  const store = temporaryStore(t);
  crashed(store, whole.events().slice(0, 4));
  const { host, events } = await claw(t, { store, agents: {} });
  assert.equal((await host.resume()[0]!.done).text, 'I have counted.');
  assert.match(JSON.stringify(events()), /CALL_OUTCOME_UNKNOWN/);
});
