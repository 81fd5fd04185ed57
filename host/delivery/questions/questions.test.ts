import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { definePlugin, type Json, type JsonObject, type PluginDefinition } from '@clay/sdk';
import { type DeliveryFixture, type DeliveryOptions, startDelivery } from '../testing/delivery-fixture.ts';

const choices = [
  { id: 'yes', label: 'Yes, delete' },
  { id: 'no', label: 'No' },
];
const question = 'Delete **everything**?';

interface Asked {
  readonly host: DeliveryFixture;
  readonly answer: Promise<Json>;
}

/** A claw with a known chat in which something is asked. */
async function asked(t: TestContext, options: DeliveryOptions = {}, more: JsonObject = {}): Promise<Asked> {
  const host = await startDelivery(t, options);
  await host.call('service:chat.main', { channel: 'fake', chat: 'c1' });
  const answer = ask(host, more);
  return { host, answer };
}

function ask(host: DeliveryFixture, more: JsonObject = {}, key?: string): Promise<Json> {
  return host.kernel.router.call({
    capability: 'service:chat.ask',
    args: { question, choices, ...more },
    caller: 'plugin:asker',
    ...(key === undefined ? {} : { key }),
  });
}

const press = (host: DeliveryFixture, key: string, choice: string, more: JsonObject = {}) =>
  host.call('service:chat.answer', { channel: 'fake', chat: 'c1', user: 'ann', key, choice, ...more });

/** A tool that asks, and may be run again. */
function wiper(): PluginDefinition {
  return definePlugin({
    name: 'wiper',
    requires: ['service:chat.ask'],
    setup(ctx) {
      ctx.tool({
        name: 'wipe',
        description: 'Wipes.',
        idempotent: true,
        timeoutMs: 3_600_000,
        run: async (_, call) => {
          const options = { key: call.key, timeoutMs: 1_800_000 };
          const answer = await ctx.call('service:chat.ask', { question, choices, timeoutMs: 1_200_000 }, options);
          return JSON.stringify(answer);
        },
      });
    },
  }) as PluginDefinition;
}

test('a question is put with numbers where a channel has no buttons, and a typed number answers it without a turn', async (t) => {
  const { host, answer } = await asked(t);
  await host.told(3);
  assert.deepEqual(host.channel.texts, [question, '- 1: Yes, delete\n- 2: No', 'Answer with the number.']);
  const { session } = await host.receive(' 2. ');
  assert.deepEqual(await answer, { choice: 'no', by: 'fake:ann' });
  await host.clock.advance(60_000);
  assert.equal(host.channel.parts.length, 3);
  assert.deepEqual(host.agentHost.sessions.get({ app: 'clay', user: 'fake:c1:ann', id: session }).events, []);
});

for (const [said, choice] of [
  ['yes, DELETE', 'yes'],
  ['Yes!', 'yes'],
  ['ok', 'yes'],
  ['n', 'no'],
  ['No.', 'no'],
] as const) {
  test(`“${said}” is ${choice}`, async (t) => {
    const { host, answer } = await asked(t);
    await host.told(3);
    await host.receive(said);
    assert.equal(((await answer) as JsonObject).choice, choice);
  });
}

test('what is no answer is a message as ever, and so is the reply that comes when nothing is asked', async (t) => {
  const { host, answer } = await asked(t);
  await host.told(3);
  await host.receive('/say why?');
  await host.receive('1', { chat: 'c2', user: 'ben' });
  await host.told(5);
  await host.receive('1');
  await answer;
  await host.receive('/say 1');
  assert.equal((await host.told(6)).at(-1), '1');
});

test('a typed reply is taken once, however often it is handed in, also when the host dies at once', async (t) => {
  const { host, answer } = await asked(t);
  await host.told(3);
  await host.receive('1', { key: 'reply' });
  await answer;
  const again = await host.receive('1', { key: 'reply' });
  assert.equal(again.state, 'repeated');
  assert.deepEqual(host.store.inbox.open(), []);
});

test('before the person can have seen a question, no text answers it', async (t) => {
  const { host, answer } = await asked(t, { channel: 'none' }, { timeoutMs: 5_000 });
  await host.receive('1');
  await host.clock.advance(5_000);
  assert.deepEqual(await answer, { choice: null, reason: 'unreachable' });
});

test('two open questions have different numbers, and a reply that fits both answers neither', async (t) => {
  const { host, answer } = await asked(t);
  await host.told(3);
  const second = ask(host);
  await host.told(6);
  assert.equal(host.channel.texts[4], '- 3: Yes, delete\n- 4: No');
  await host.receive('yes');
  assert.equal(host.store.questions.open().length, 2);
  await host.receive('3');
  assert.equal(((await second) as JsonObject).choice, 'yes');
  await host.receive('no');
  assert.equal(((await answer) as JsonObject).choice, 'no');
});

test('a channel with buttons shows them under the last part, and tells which one was pressed', async (t) => {
  const { host, answer } = await asked(t, { channel: { hasButtons: true } }, { question: 'It is large.\n\nDelete?' });
  await host.told(2);
  const [first, second] = host.channel.parts as unknown as JsonObject[];
  assert.equal(first?.text, 'It is large.');
  const { key, ...shown } = second ?? {};
  assert.deepEqual(shown, { chat: 'c1', text: 'Delete?', format: 'markdown', choices });
  assert.match(String(key), /^[\w-]{12}$/);
  assert.deepEqual(await press(host, String(key), 'no'), { state: 'answered', text: '✓ No' });
  assert.deepEqual(await answer, { choice: 'no', by: 'fake:ann' });
  assert.deepEqual(await press(host, String(key), 'yes'), { state: 'ended', text: '✓ No' });
  assert.equal(((await press(host, 'gone', 'yes')) as JsonObject).state, 'unknown');
  assert.deepEqual(host.channel.settled, []);
});

test('buttons that were answered by a typed text or ran out of time are settled by the channel', async (t) => {
  const { host, answer } = await asked(t, { channel: { hasButtons: true } });
  await host.told(1);
  await host.receive('yes');
  await answer;
  const late = ask(host, { timeoutMs: 10_000 });
  await host.clock.advance(10_000);
  assert.deepEqual(await late, { choice: null, reason: 'timeout' });
  await host.clock.advance(1_000);
  const [typed, expired] = host.channel.settled;
  assert.equal(typed?.text, '✓ Yes, delete');
  assert.equal(typed?.id, `id of ${typed?.key}`);
  assert.equal(expired?.text, 'Nobody answered in time.');
});

test('only the plugin of the channel can tell what was pressed or typed, and only for the chat that was asked', async (t) => {
  const { host, answer } = await asked(t, { channel: { hasButtons: true } });
  await host.told(1);
  const { key } = host.channel.parts[0]!;
  await assert.rejects(press(host, key, 'yes', { chat: 'c2' }), {
    code: 'REFUSED',
    message: /not asked in the chat c2/,
  });
  await assert.rejects(press(host, key, 'maybe'), {
    code: 'BAD_ARGUMENTS',
    message: /no choice "maybe"; it has "yes", "no"/,
  });
  const forged = { channel: 'fake', chat: 'c1', user: 'ann', key, choice: 'yes' };
  await assert.rejects(
    host.kernel.router.call({ capability: 'service:chat.answer', args: forged, caller: 'plugin:asker' }),
    { code: 'REFUSED', message: /plugin:asker does not provide the channel "fake"/ },
  );
  await host.kernel.router.call({
    capability: 'service:chat.receive',
    args: { key: 'f', channel: 'fake', chat: 'c1', user: 'ann', name: 'Ann', text: 'yes', isGroup: false },
    caller: 'plugin:asker',
  });
  assert.equal(host.store.questions.open().length, 1);
  await press(host, key, 'no');
  await answer;
});

test('a question is asked in the chat of the conversation that the call serves', async (t) => {
  const host = await startDelivery(t, { plugins: [wiper()] });
  await host.receive('/wipe', { chat: 'c2', user: 'ben' });
  await host.told(3);
  assert.equal(host.channel.parts[0]?.to, 'c2');
  await host.clock.advance(300_000);
  assert.equal(host.channel.parts.length, 3, 'nobody is told of work while they are waited for');
  await host.receive('yes', { chat: 'c2', user: 'ben' });
  await host.told(4);
  assert.match(host.channel.texts[3]!, /"choice\\?":\\?"yes/);
});

test('the console sees what is asked and answers it, also where there is no chat at all', async (t) => {
  const host = await startDelivery(t);
  const answer = ask(host, { timeoutMs: 60_000 });
  await host.clock.advance(1_000);
  const [open] = host.delivery.questions.open();
  assert.equal(open?.chat, null);
  assert.equal(host.delivery.questions.answer(open!.id, 'yes', 'console').state, 'answered');
  assert.deepEqual(await answer, { choice: 'yes', by: 'console' });
});

test('a chat that takes nothing leaves the question to the console, and is told as unreachable', async (t) => {
  const { host, answer } = await asked(t, {}, { timeoutMs: 60_000 });
  host.channel.answer = () => Promise.reject(Object.assign(new Error('blocked'), { code: 'REFUSED' }));
  await host.clock.advance(60_000);
  assert.deepEqual(await answer, { choice: null, reason: 'unreachable' });
});

test('a call that is cancelled withdraws its question', async (t) => {
  const host = await startDelivery(t, { plugins: [wiper()] });
  await host.receive('/wipe');
  await host.told(3);
  await host.receive('/stop');
  await host.told(4);
  assert.deepEqual(host.store.questions.open(), []);
  await host.receive('/say yes');
  assert.equal((await host.told(5)).at(-1), 'yes');
});

test('a host that died while it asked finds the question again under the key of the call, and asks it once', async (t) => {
  const { host, answer } = await asked(t, {}, {});
  answer.catch(() => undefined);
  await host.told(3);
  const cut = ask(host, {}, 'call-1');
  cut.catch(() => undefined);
  await host.told(6);
  const root = host.root;
  host.crash();
  const next = await startDelivery(t, { root });
  const found = ask(next, {}, 'call-1');
  await next.clock.advance(5_000);
  assert.deepEqual(next.channel.texts, []);
  await next.receive('4');
  assert.equal(((await found) as JsonObject).choice, 'no');
  assert.deepEqual(await ask(next, {}, 'call-1'), await found);
});

test('the time of a question goes on over a restart', async (t) => {
  const { host, answer } = await asked(t, {}, { timeoutMs: 600_000 });
  answer.catch(() => undefined);
  await host.told(3);
  host.crash();
  const next = await startDelivery(t, { root: host.root });
  assert.equal(next.store.questions.open().length, 1);
  await next.clock.advance(600_000);
  assert.deepEqual(next.store.questions.open(), []);
});

test('a question that does not fit is refused with every problem', async (t) => {
  const host = await startDelivery(t);
  const bad = [
    { id: 'a b', label: 'A' },
    { id: 'x', label: 'a' },
  ];
  await assert.rejects(ask(host, { question: ' ', choices: bad, timeoutMs: 5 }), {
    code: 'BAD_ARGUMENTS',
    message: /question: is empty; choices\.0\.id: must be .*timeoutMs: /,
  });
  await assert.rejects(ask(host, { to: 'nobody' }), { code: 'NOT_FOUND', message: /nobody called "nobody"/ });
});

test('a question that a dead host left open is not asked again when its asker calls anew, and its answer comes to the new call', async (t) => {
  const { host, answer } = await asked(t);
  answer.catch(() => undefined);
  await host.told(3);
  host.crash();
  const next = await startDelivery(t, { root: host.root });
  const again = ask(next, {}, 'another call');
  await next.clock.advance(5_000);
  assert.deepEqual(next.channel.texts, []);
  const other = ask(next, {}, 'a third call');
  await next.told(3);
  await next.receive('1');
  assert.equal(((await again) as JsonObject).choice, 'yes');
  await next.receive('no');
  assert.equal(((await other) as JsonObject).choice, 'no');
});
