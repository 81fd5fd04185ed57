import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClayError, definePlugin, type PluginDefinition } from '@clay/sdk';
import type { ModelRequest } from '../agent/models/model.ts';
import { ModelError } from '../agent/models/model-error.ts';
import type { Models } from '../agent/models/models.ts';
import { startDelivery } from './testing/delivery-fixture.ts';

function toolPlugin(name: string, run: () => unknown): PluginDefinition {
  return definePlugin({
    name,
    setup(ctx) {
      ctx.tool({ name, description: name, timeoutMs: 3_600_000, run });
    },
  }) as PluginDefinition;
}

test('a message is answered in the chat that it came from', async (t) => {
  const host = await startDelivery(t);
  const { state } = await host.receive('/say hello');
  assert.equal(state, 'accepted');
  assert.deepEqual(await host.told(1), ['hello']);
  const [part] = host.channel.parts;
  assert.equal(part?.to, 'c1');
  assert.equal(part?.format, 'markdown');
});

test('a repeated key is the same message: it is answered once, and its result is told', async (t) => {
  const host = await startDelivery(t);
  const first = await host.receive('/say once', { key: 'k' });
  assert.deepEqual(await host.receive('/say once', { key: 'k' }), { state: 'repeated', session: first.session });
  await host.told(1);
  await host.clock.advance(5_000);
  assert.deepEqual(await host.receive('/say once', { key: 'k' }), {
    state: 'repeated',
    session: first.session,
    result: { text: 'once' },
  });
  await host.clock.advance(5_000);
  assert.deepEqual(host.channel.texts, ['once']);
});

test('messages of one chat are answered in order, and a turn of one chat does not hold up another', async (t) => {
  const gate = Promise.withResolvers<void>();
  const host = await startDelivery(t, { plugins: [toolPlugin('hold', () => gate.promise.then(() => 'held'))] });
  await host.receive('/hold');
  await host.receive('/say second');
  await host.receive('/say other', { chat: 'c2', user: 'ben' });
  assert.deepEqual(await host.told(1), ['other']);
  gate.resolve();
  await host.told(3);
  assert.match(host.channel.texts[1]!, /held/);
  assert.equal(host.channel.texts[2], 'second');
});

test('an answer goes out in rendered parts, in order, one a second', async (t) => {
  const host = await startDelivery(t);
  const begin = host.clock.now();
  const times: number[] = [];
  host.channel.answer = async () => {
    times.push(host.clock.now() - begin);
    return {};
  };
  await host.receive('/say one\n\ntwo\n\nthree');
  assert.deepEqual(await host.told(3), ['one', 'two', 'three']);
  assert.deepEqual(
    times.map((ms) => Math.floor(ms / 1_000)),
    [0, 1, 2],
  );
  assert.equal(new Set(host.channel.parts.map(({ key }) => key)).size, 3);
});

test('a group hears twenty messages a minute', async (t) => {
  const host = await startDelivery(t);
  const begin = host.clock.now();
  const times: number[] = [];
  host.channel.answer = async () => {
    times.push(host.clock.now() - begin);
    return {};
  };
  const lines = Array.from({ length: 22 }, (_, index) => `line ${index}`);
  await host.receive(`\n/say ${lines.join('\n\n')}`, { isGroup: true });
  await host.told(22);
  assert.ok(times[19]! < 25_000);
  assert.ok(times[20]! - times[0]! >= 60_000);
});

test('in a group all speak in one conversation, and the model reads who speaks', async (t) => {
  const host = await startDelivery(t);
  const first = await host.receive('hi', { isGroup: true });
  const second = await host.receive('ho', { isGroup: true, user: 'ben', name: 'Ben' });
  assert.equal(first.session, second.session);
  await host.told(2);
  const events = host.agentHost.sessions.get({ app: 'clay', user: 'fake:c1', id: first.session }).events;
  const said = events.filter(({ author }) => author === 'user').map(({ content }) => content?.parts?.[0]?.text);
  assert.deepEqual(said, ['Ann: hi', 'Ben: ho']);
});

test('a refused part does not stop the others, and the operator is told in full', async (t) => {
  const host = await startDelivery(t);
  host.channel.answer = async ({ text }) => {
    if (text === 'two') throw new ClayError('BAD_ARGUMENTS', 'the chat cannot parse it');
    return {};
  };
  await host.receive('/say one\n\ntwo\n\nthree');
  assert.deepEqual(await host.told(3), ['one', 'two', 'three']);
  await host.clock.advance(600_000);
  assert.equal(host.channel.parts.length, 3);
  const refused = host.log.find(({ event }) => event === 'outbox.part_refused');
  assert.equal(refused?.error, 'the chat cannot parse it');
});

test('a send that fails is tried again with growing gaps, after the time that the chat service asks for', async (t) => {
  const host = await startDelivery(t);
  const begin = host.clock.now();
  const seconds: number[] = [];
  host.channel.answer = async () => {
    seconds.push(Math.round((host.clock.now() - begin) / 1_000));
    if (seconds.length === 3)
      throw new ClayError('UNAVAILABLE', 'too many requests', { data: { retryAfterMs: 30_000 } });
    if (seconds.length < 5) throw new ClayError('INTERNAL', 'the chat service has a problem');
    return {};
  };
  await host.receive('/say hello');
  await host.receive('/say after it');
  await host.told(6);
  assert.deepEqual(seconds.slice(0, 5), [0, 1, 3, 33, 41]);
  assert.deepEqual(host.channel.texts.slice(-2), ['hello', 'after it']);
});

test('what nobody could be told in a day is dropped, and said to be', async (t) => {
  const host = await startDelivery(t);
  let isDown = true;
  host.channel.answer = async () => {
    if (isDown) throw new ClayError('INTERNAL', 'down');
    return {};
  };
  await host.receive('/say one');
  await host.receive('/say two');
  await host.clock.advance(25 * 3_600_000);
  isDown = false;
  const before = host.channel.parts.length;
  await host.clock.advance(3_600_000);
  const [notice, ...rest] = host.channel.texts.slice(before);
  assert.match(notice!, /could not be delivered in time/);
  assert.deepEqual(rest, []);
});

test('parts wait for a channel that is not there, and are sent when it comes', async (t) => {
  const host = await startDelivery(t, { channel: 'none' });
  await host.receive('/say hello');
  await host.clock.advance(60_000);
  assert.equal(host.store.outbox.counts().waiting, 1);
  await host.stop();
  const next = await startDelivery(t, { root: host.root });
  assert.deepEqual(await next.told(1), ['hello']);
});

test('a channel without a renderer, or with a broken one, gets plain text in pieces that it can take', async (t) => {
  const host = await startDelivery(t);
  const long = `unrenderable ${'👩‍👩‍👧‍👦'.repeat(800)}`;
  await host.receive(`/say ${long}`);
  await host.told(2 + Math.floor(long.length / 4_000) - 1);
  await host.clock.advance(10_000);
  assert.equal(host.channel.texts.join(''), long);
  assert.ok(host.channel.parts.every(({ text, format }) => text.length <= 4_000 && format === 'plain'));
  assert.ok(host.channel.texts.slice(1).every((text) => text.startsWith('👩‍👩‍👧‍👦')));
});

test('a long silence is broken with what is being done, ever more seldom, and not after the answer', async (t) => {
  const gate = Promise.withResolvers<void>();
  const host = await startDelivery(t, { plugins: [toolPlugin('dig', () => gate.promise.then(() => 'gold'))] });
  await host.receive('/dig');
  await host.clock.advance(19_000);
  assert.deepEqual(host.channel.texts, []);
  await host.clock.advance(200_000);
  assert.deepEqual(host.channel.texts, ['Working on it: dig …', 'Working on it: dig … (/stop ends it)']);
  gate.resolve();
  await host.told(3);
  assert.match(host.channel.texts[2]!, /gold/);
  await host.clock.advance(3_600_000);
  assert.equal(host.channel.parts.length, 3);
});

test('a long silence of a loop is broken with where the loop stands', async (t) => {
  const gate = Promise.withResolvers<void>();
  const call = (name: string, args: Record<string, unknown>) => ({
    content: { role: 'model', parts: [{ functionCall: { name, args } }] },
  });
  const models: Models = {
    provider: 'offline',
    defaultName: 'played',
    names: ['played'],
    get: async () => ({
      provider: 'offline',
      name: 'played',
      async *generate({ system, contents }: ModelRequest) {
        if (system.includes('Your name is judge.')) {
          await gate.promise;
          yield call('loop_signal', { signal: 'done', why: 'It is dug.' });
        } else if (JSON.stringify(contents).includes('functionResponse')) {
          yield { content: { role: 'model', parts: [{ text: 'There is gold.' }] } };
        } else yield call('delegate', { agent: 'dig_loop', task: 'Dig.' });
      },
    }),
  };
  const digging = definePlugin({
    name: 'digging',
    setup(ctx) {
      const judge = { type: 'llm', name: 'judge', description: 'Judges.', instruction: 'Judge.' } as const;
      ctx.agent({ type: 'loop', until: 'signal', name: 'dig_loop', description: 'Digs.', agents: [judge] });
    },
  });
  const host = await startDelivery(t, { models, plugins: [digging] });
  await host.receive('dig');
  await host.clock.advance(30_000);
  assert.deepEqual(host.channel.texts, ['Working on it: dig_loop, iteration 1 of 8: judge works. …']);
  gate.resolve();
  await host.told(2);
  assert.equal(host.channel.texts[1], 'There is gold.');
});

test('a message that waits behind others is told so, once in a while', async (t) => {
  const gate = Promise.withResolvers<void>();
  const host = await startDelivery(t, { plugins: [toolPlugin('dig', () => gate.promise.then(() => 'gold'))] });
  await host.receive('/dig');
  for (const word of ['a', 'b', 'c', 'd']) await host.receive(`/say ${word}`);
  await host.clock.advance(10_000);
  assert.equal(host.channel.parts.length, 1);
  assert.match(host.channel.texts[0]!, /I have your message\. 2 are before it/);
  gate.resolve();
  await host.told(6);
  assert.deepEqual(host.channel.texts.slice(2), ['a', 'b', 'c', 'd']);
});

test('a channel that wants to know is told what is being done', async (t) => {
  const host = await startDelivery(t, {
    channel: { hasActivity: true },
    plugins: [toolPlugin('look', () => 'a cat')],
  });
  await host.receive('/look');
  await host.told(1);
  await host.clock.advance(5_000);
  assert.deepEqual(
    host.channel.activities.map(({ chat, state, text }) => [chat, state, text ?? ''].join(' ')),
    ['c1 thinking ', 'c1 tool look', 'c1 idle '],
  );
});

test('a failed turn is told in plain words, and to the operator in full', async (t) => {
  const models: Models = {
    provider: 'offline',
    defaultName: 'broken',
    names: ['broken'],
    get: async () => ({
      provider: 'offline',
      name: 'broken',
      // biome-ignore lint/correctness/useYield: it fails before it says anything
      async *generate() {
        throw new ModelError('MODEL_UNREACHABLE', { details: 'connect ECONNREFUSED 127.0.0.1:9' });
      },
    }),
  };
  const host = await startDelivery(t, { models });
  await host.receive('hello');
  await host.told(1);
  assert.match(host.channel.texts[0]!, /The model provider cannot be reached\. Your message is kept/);
  assert.doesNotMatch(host.channel.texts[0]!, /ECONNREFUSED/);
  const told = host.log.find(({ event }) => event === 'message.failed');
  assert.match(String(told?.details), /ECONNREFUSED/);
});

test('images are shown to the model, documents become artifacts, and what is too large is told', async (t) => {
  const host = await startDelivery(t);
  const base64 = Buffer.from('bytes').toString('base64');
  const { session } = await host.receive('look', {
    attachments: [
      { name: 'cat.png', mediaType: 'image/png', base64 },
      { name: '../notes.pdf', mediaType: 'application/pdf', base64 },
    ],
  });
  await host.told(1);
  const key = { app: 'clay', user: 'fake:c1:ann', id: session };
  const said = host.agentHost.sessions.get(key).events.find(({ author }) => author === 'user');
  const [text, image] = said?.content?.parts ?? [];
  assert.match(text?.text ?? '', /^look\n\[image: cat\.png\]\n\[document: \.\._notes\.pdf, application\/pdf, 1 KB;/);
  assert.equal(image?.inlineData?.data, base64);
  assert.deepEqual(host.agentHost.artifacts.names(key), ['.._notes.pdf']);
});

test('a message without any text is taken, and nobody is bothered with it', async (t) => {
  const host = await startDelivery(t);
  assert.equal((await host.receive('  ')).state, 'accepted');
  await host.clock.advance(60_000);
  assert.deepEqual(host.channel.texts, []);
  assert.deepEqual(host.store.inbox.open(), []);
});

test('a message that does not fit is refused with every problem', async (t) => {
  const host = await startDelivery(t);
  await assert.rejects(host.receive('x', { chat: '', isGroup: 'no' }), {
    code: 'BAD_ARGUMENTS',
    message: /chat\.receive: the message does not fit\. chat: .*; isGroup: /,
  });
});

test('fifty chats at once are all answered, none waits for another', async (t) => {
  const host = await startDelivery(t);
  const chats = Array.from({ length: 50 }, (_, index) => `c${index}`);
  await Promise.all(chats.map((chat) => host.receive(`/say hello ${chat}`, { chat })));
  await host.channel.has(50);
  assert.deepEqual(host.channel.texts.toSorted(), chats.map((chat) => `hello ${chat}`).toSorted());
});

test('messages that were accepted before the host was ready are answered when it is', async (t) => {
  const host = await startDelivery(t, { isHeld: true });
  await host.receive('/say early');
  await host.clock.advance(1_000);
  assert.deepEqual(host.channel.texts, []);
  host.delivery.start(host.agentHost);
  host.delivery.resume([]);
  assert.deepEqual(await host.told(1), ['early']);
});

test('what this host begins before it goes on with what an earlier one left is not taken for that', async (t) => {
  const gate = Promise.withResolvers<void>();
  const hold = toolPlugin('hold', () => gate.promise.then(() => 'held'));
  const host = await startDelivery(t, { isHeld: true, plugins: [hold] });
  host.delivery.start(host.agentHost);
  await host.receive('/hold');
  await host.clock.advance(1_000);
  host.delivery.resume(host.agentHost.resume());
  gate.resolve();
  assert.deepEqual(await host.told(1), ['held']);
});

test('a session that was deleted is replaced, and no message is lost', async (t) => {
  const gate = Promise.withResolvers<void>();
  const host = await startDelivery(t, { plugins: [toolPlugin('hold', () => gate.promise.then(() => 'held'))] });
  const { session } = await host.receive('/hold');
  await host.receive('/say still here');
  const deleted = host.agentHost.sessions.delete({ app: 'clay', user: 'fake:c1:ann', id: session });
  gate.resolve();
  await deleted;
  await host.told(2);
  assert.equal(host.channel.texts[1], 'still here');
});

test('a plugin sends into the chat that it serves, else into the main chat', async (t) => {
  const host = await startDelivery(t);
  await assert.rejects(host.call('service:chat.send', { text: 'hi' }), {
    code: 'NOT_FOUND',
    message: /nobody has written/,
  });
  await host.call('service:chat.main', { channel: 'fake', chat: 'owner' });
  assert.deepEqual(await host.call('service:chat.send', { text: 'good morning' }), {
    queued: 1,
    channel: 'fake',
    chat: 'owner',
  });
  await host.told(1);
  const { session } = await host.receive('/say hi', { chat: 'c2', user: 'ben' });
  await host.told(2);
  await host.kernel.router.call({
    capability: 'service:chat.send',
    args: { text: 'by the way' },
    caller: 'plugin:fake',
    session: { app: 'clay', user: 'fake:c2:ben', id: session, turn: 't' },
  });
  await host.call('service:chat.send', { text: 'psst', to: 'ben' });
  await host.told(4);
  assert.deepEqual(host.channel.parts.map(({ to, text }) => `${to}: ${text}`).toSorted(), [
    'c2: by the way',
    'c2: hi',
    'c2: psst',
    'owner: good morning',
  ]);
});

test('a plugin runs a turn of its own, whose answer is its alone', async (t) => {
  const host = await startDelivery(t);
  const args = { user: 'heartbeat', session: 'heartbeat', text: '/say all is well' };
  const answer = await host.call('service:turns.start', args);
  assert.equal((answer as { readonly text: string }).text, 'all is well');
  await host.call('service:turns.start', args);
  await host.clock.advance(10_000);
  assert.deepEqual(host.channel.texts, []);
  const { events } = host.agentHost.sessions.get({ app: 'clay', user: 'heartbeat', id: 'heartbeat' });
  assert.equal(events.filter(({ author }) => author === 'user').length, 2);
});
