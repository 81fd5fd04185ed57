// The rows of the chat faults that the host answers for; the connectors' own stand beside them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClayError, definePlugin, type PluginDefinition } from '@clay/sdk';
import { startDelivery } from './testing/delivery-fixture.ts';

/** A tool that works until the gate opens, and another that is done at once. */
function worker(gate: Promise<string>): PluginDefinition {
  return definePlugin({
    name: 'worker',
    setup(ctx) {
      ctx.tool({ name: 'dig', description: 'Digs.', timeoutMs: 3_600_000, run: () => gate });
    },
  }) as PluginDefinition;
}

test('backlog after a reconnect: forty messages of four chats, handed in at once and again, are each answered once and in order', async (t) => {
  const host = await startDelivery(t);
  const backlog = Array.from({ length: 40 }, (_, index) => ({ key: `b${index}`, chat: `c${index % 4}`, index }));
  const handIn = () =>
    Promise.all(backlog.map(({ key, chat, index }) => host.receive(`/say ${index}`, { key, chat, user: chat })));
  const states = [...(await handIn()), ...(await handIn())].map(({ state }) => state);
  assert.deepEqual(new Set(states.slice(0, 40)), new Set(['accepted']));
  assert.deepEqual(new Set(states.slice(40)), new Set(['repeated']));
  await host.clock.advance(60_000);
  const answers = host.channel.parts.filter(({ text }) => /^\d+$/.test(text));
  assert.equal(answers.length, 40);
  for (const chat of ['c0', 'c1', 'c2', 'c3']) {
    const said = answers.filter(({ to }) => to === chat).map(({ text }) => Number(text));
    assert.deepEqual(
      said,
      said.toSorted((a, b) => a - b),
    );
    assert.equal(said.length, 10);
  }
});

test('same message twice: in one moment, later, and after a restart, it is one message with one answer', async (t) => {
  const host = await startDelivery(t);
  const twice = await Promise.all([host.receive('/say hi', { key: 'same' }), host.receive('/say hi', { key: 'same' })]);
  assert.deepEqual(twice.map(({ state }) => state).toSorted(), ['accepted', 'repeated']);
  await host.told(1);
  host.crash();
  const next = await startDelivery(t, { root: host.root });
  assert.equal((await next.receive('/say hi', { key: 'same' })).state, 'repeated');
  await next.clock.advance(60_000);
  assert.deepEqual([...host.channel.texts, ...next.channel.texts], ['hi']);
});

test('edited message: the edit has a key of its own and is said once, in the same conversation, after what it corrects', async (t) => {
  const host = await startDelivery(t);
  const first = await host.receive('/say teh', { key: '7' });
  const edit = await host.receive('/say the', { key: '7:edited:1' });
  assert.equal((await host.receive('/say the', { key: '7:edited:1' })).state, 'repeated');
  assert.equal(edit.session, first.session);
  await host.clock.advance(60_000);
  assert.deepEqual(host.channel.texts, ['teh', 'the']);
});

test('two people at once, one with a ten-minute turn: the other is answered at once, the first hears that work goes on and then the answer', async (t) => {
  const gate = Promise.withResolvers<string>();
  const host = await startDelivery(t, { plugins: [worker(gate.promise)] });
  await host.receive('/dig');
  await host.receive('/say quick', { chat: 'c2', user: 'ben' });
  await host.told(1);
  assert.deepEqual(host.channel.texts, ['quick']);
  for (let minute = 1; minute <= 10; minute++) {
    await host.receive(`/say minute ${minute}`, { chat: 'c2', user: 'ben' });
    await host.clock.advance(60_000);
  }
  const heard = (chat: string) => host.channel.parts.filter(({ to }) => to === chat).map(({ text }) => text);
  assert.equal(heard('c2').length, 11);
  assert.ok(heard('c1').length >= 2 && heard('c1').every((text) => text.startsWith('Working on it: dig')));
  gate.resolve('gold');
  await host.clock.advance(5_000);
  assert.match(heard('c1').at(-1) ?? '', /gold/);
});

test('empty text: it is taken, costs no turn and no answer, and holds up nothing; with a picture it is a message', async (t) => {
  const host = await startDelivery(t);
  for (const text of ['', '  ', '\n\t']) assert.equal((await host.receive(text)).state, 'accepted');
  await host.receive('/say next');
  await host.clock.advance(60_000);
  assert.deepEqual(host.channel.texts, ['next']);
  const base64 = Buffer.from('bytes').toString('base64');
  await host.receive('', { attachments: [{ name: 'cat.png', mediaType: 'image/png', base64 }] });
  await host.told(2);
});

test('429 and 500 from the chat side: other chats go on, the part is sent when it is taken, once, and the next one after it', async (t) => {
  const host = await startDelivery(t);
  const begin = host.clock.now();
  const tries: [to: string, text: string, seconds: number][] = [];
  host.channel.answer = async ({ to, text }) => {
    tries.push([to, text, Math.round((host.clock.now() - begin) / 1_000)]);
    const made = tries.filter(([, said]) => said === text).length;
    if (to !== 'c1' || text !== 'first' || made > 2) return {};
    if (made === 1) throw new ClayError('UNAVAILABLE', '429 Too Many Requests', { data: { retryAfterMs: 20_000 } });
    throw new ClayError('INTERNAL', '500 Internal Server Error');
  };
  await host.receive('/say first');
  await host.receive('/say second');
  await host.receive('/say elsewhere', { chat: 'c2', user: 'ben' });
  await host.clock.advance(60_000);
  const of = (chat: string) => tries.filter(([to]) => to === chat).map(([, text, at]) => [text, at]);
  assert.deepEqual(of('c1'), [
    ['first', 0],
    ['first', 20],
    ['first', 22],
    ['second', 23],
  ]);
  assert.deepEqual(of('c2'), [['elsewhere', 0]]);
  assert.deepEqual(host.store.outbox.counts(), { waiting: 0, doubtful: 0 });
});

test('attachment too large: it is left out, the model is told to say so, and the rest of the message is taken', async (t) => {
  const host = await startDelivery(t);
  const large = 'A'.repeat(Math.ceil((33 * 1024 * 1024 * 4) / 3));
  const small = Buffer.from('notes').toString('base64');
  const { session } = await host.receive('look', {
    attachments: [
      { name: 'film.mp4', mediaType: 'video/mp4', base64: large },
      { name: 'notes.txt', mediaType: 'text/plain', base64: small },
    ],
  });
  await host.told(1);
  const key = { app: 'clay', user: 'fake:c1:ann', id: session };
  const said = host.agentHost.sessions.get(key).events.find(({ author }) => author === 'user')?.content?.parts?.[0];
  assert.match(said?.text ?? '', /\[attachment left out: film\.mp4 has 33\.0 MB, more than the 32\.0 MB that I take/);
  assert.deepEqual(host.agentHost.artifacts.names(key), ['notes.txt']);
});

test('right-to-left and emoji sequences cut by a limit: no part ends inside a grapheme, and the parts are the text', async (t) => {
  const host = await startDelivery(t, { channel: { hasRenderer: false } });
  const text = '🏳️‍🌈שָׁלוֹם👨‍👩‍👧‍👦مرحبا'.repeat(400);
  await host.receive(`/say ${text}`);
  await host.clock.advance(60_000);
  assert.equal(host.channel.texts.join(''), text);
  const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  const count = (one: string) => [...graphemes.segment(one)].length;
  assert.ok(host.channel.texts.length > 1);
  assert.equal(
    host.channel.texts.reduce((sum, part) => sum + count(part), 0),
    count(text),
  );
});
