import assert from 'node:assert/strict';
import { test } from 'node:test';
import { definePlugin, type PluginDefinition } from '@clay/sdk';
import type { Models } from '../../agent/models/models.ts';
import { type DeliveryFixture, startDelivery } from '../testing/delivery-fixture.ts';
import { parseCommand } from './typed-command.ts';

const key = (id: string) => ({ app: 'clay', user: 'fake:c1:ann', id });

/** Tools that leave something behind, one that only looks, one that waits, and a command. */
function workshop(gate: Promise<void> = Promise.resolve()): PluginDefinition {
  return definePlugin({
    name: 'workshop',
    setup(ctx) {
      const parameters = { type: 'object' as const, properties: { what: { type: 'string' as const } } };
      ctx.tool({ name: 'paint', description: 'Paints.', parameters, run: ({ what }) => `painted ${what}` });
      ctx.tool({ name: 'look', description: 'Looks.', readOnly: true, run: () => 'a cat' });
      ctx.tool({
        name: 'shelf',
        description: 'Lists or adds.',
        parameters,
        idempotent: true,
        readOnly: { what: ['list'] },
        run: ({ what }) => `shelf: ${what}`,
      });
      ctx.tool({ name: 'hold', description: 'Waits.', timeoutMs: 3_600_000, run: () => gate.then(() => 'held') });
      ctx.command({ name: 'paints', description: 'the paints', run: (argument) => `red and ${argument || 'blue'}` });
    },
  }) as PluginDefinition;
}

test('a command is a slash and a name, with or without the name of a bot, and its argument', () => {
  assert.deepEqual(parseCommand(' /Help@clay_bot '), { name: 'help', argument: '' });
  assert.deepEqual(parseCommand('/memory cats and\ndogs'), { name: 'memory', argument: 'cats and\ndogs' });
  for (const text of ['help', '/', '/etc/passwd', '// x', '']) assert.equal(parseCommand(text), null, text);
});

test('help lists what can be typed, the commands of plugins too, and start is help', async (t) => {
  const host = await startDelivery(t, { plugins: [workshop()] });
  await host.receive('/help');
  await host.receive('/start');
  await host.told(2);
  const [help, start] = host.channel.texts;
  assert.equal(start, help);
  for (const name of ['new', 'stop', 'undo', 'status', 'model', 'paints']) assert.match(help!, new RegExp(`/${name} `));
  assert.deepEqual(host.agentHost.traces.bySession('any'), []);
  assert.ok(Array.isArray(await host.call('service:chat.commands', {})));
});

test('a command of a plugin is answered without a turn', async (t) => {
  const host = await startDelivery(t, { plugins: [workshop()] });
  const { session } = await host.receive('/paints green');
  assert.deepEqual(await host.told(1), ['red and green']);
  assert.deepEqual(host.agentHost.sessions.get(key(session)).events, []);
});

test('new begins another session, at once for the next message', async (t) => {
  const host = await startDelivery(t);
  const before = await host.receive('/say a');
  await host.receive('/new');
  const after = await host.receive('/say b');
  assert.notEqual(after.session, before.session);
  await host.told(3);
  assert.ok(host.agentHost.sessions.has(key(before.session)));
});

test('stop ends the turn and drops what waits, and says both once', async (t) => {
  const host = await startDelivery(t, { plugins: [workshop(new Promise(() => undefined))] });
  const { session } = await host.receive('/hold');
  await host.receive('/say never');
  await host.clock.advance(1_000);
  await host.receive('/stop');
  await host.receive('/say and now');
  await host.told(2);
  await host.clock.advance(60_000);
  assert.deepEqual(host.channel.texts, ['Stopped. I dropped one message that waited.', 'and now']);
  const events = host.agentHost.sessions.get(key(session)).events;
  assert.ok(events.some(({ errorCode }) => errorCode === 'CANCELLED'));
  await host.receive('/stop');
  await host.told(3);
  assert.equal(host.channel.texts[2], 'I was not doing anything.');
});

test('undo takes one turn back and lists what it did that stays', async (t) => {
  const host = await startDelivery(t, { plugins: [workshop()] });
  const { session } = await host.receive('/say first');
  await host.told(1);
  await host.receive('/paint what=wall\n/look\n/shelf what=list\n/shelf what=cup');
  await host.told(5);
  await host.receive('/undo');
  await host.told(6);
  const undone = host.channel.texts[5]!;
  assert.match(
    undone,
    /taken back: “\/paint what=wall .*”.*stays as it is:\n- `paint` \{"what":"wall"\}\n- `shelf` \{"what":"cup"\}$/s,
  );
  const said = host.agentHost.sessions.get(key(session)).events.filter(({ author }) => author === 'user');
  assert.deepEqual(
    said.map(({ content }) => content?.parts?.[0]?.text),
    ['/say first'],
  );
  await host.receive('/undo');
  await host.receive('/undo');
  await host.told(8);
  assert.match(host.channel.texts[6]!, /taken back: “\/say first”/);
  assert.equal(host.channel.texts[7], 'There is nothing to take back in this conversation.');
});

test('undo of a running turn ends it', async (t) => {
  const host = await startDelivery(t, { plugins: [workshop(new Promise(() => undefined))] });
  const { session } = await host.receive('/hold');
  await host.clock.advance(1_000);
  await host.receive('/undo');
  await host.clock.advance(60_000);
  assert.equal(host.channel.texts.length, 1);
  assert.match(host.channel.texts[0]!, /taken back: “\/hold”.*`hold`/s);
  assert.deepEqual(host.agentHost.sessions.get(key(session)).events, []);
});

test('status and model answer without the model', async (t) => {
  const host = await startDelivery(t);
  for (const name of ['status', 'model']) await host.receive(`/${name}`);
  await host.told(2);
  const all = host.channel.texts.join('\n');
  assert.match(all, /Clay 1\.2\.3, up for 0 min, thinking with `offline`/);
  assert.match(all, /I think with `offline`/);
});

test('a slash that nobody answers is a message for the model', async (t) => {
  const host = await startDelivery(t);
  await host.receive('/nonsense');
  assert.match((await host.told(1))[0]!, /could not read/);
});

/** What a person who writes over HTTP types, as the gateway hands it on. */
async function typed(host: DeliveryFixture, name: string, argument = '') {
  const session = { app: 'clay', user: 'web', id: 's1', turn: 'typed' };
  return host.kernel.router.call({ capability: `command:${name}`, args: { argument }, caller: 'http', session });
}

test('what is typed beyond the channels is answered by the same commands, without a turn', async (t) => {
  const host = await startDelivery(t, { plugins: [workshop(new Promise(() => undefined))] });
  const web = { app: 'clay', user: 'web', session: 's1' };
  host.store.sessions.create(web);
  assert.match(String(await typed(host, 'help')), /- \/undo –.*- \/paints –/s);
  assert.match(String(await typed(host, 'status')), /I am idle/);
  assert.equal(await typed(host, 'new'), 'We begin a new conversation. What I remember of you stays.');
  assert.equal(await typed(host, 'stop'), 'I was not doing anything.');
  const message = { role: 'user', parts: [{ text: '/hold' }] };
  const turn = host.agentHost.turns.start({ ...web, message, streaming: false, caller: 'http' });
  await host.clock.advance(1_000);
  assert.equal(await typed(host, 'stop'), 'Stopped.');
  await host.clock.advance(60_000);
  assert.equal((await turn.done).status, 'cancelled');
  assert.match(String(await typed(host, 'new')), /begin another one in the program/);
  assert.match(String(await typed(host, 'undo')), /taken back: “\/hold”/);
  assert.deepEqual(host.channel.texts, []);
});

test('a conversation changes its model among those that the operator named, for good and for itself only', async (t) => {
  const models: Models = {
    provider: 'offline',
    defaultName: 'small',
    names: ['small', 'large'],
    get: async (name = 'small') => ({
      provider: 'offline',
      name,
      async *generate() {
        yield { content: { role: 'model', parts: [{ text: `I am ${name}.` }] } };
      },
    }),
  };
  const host = await startDelivery(t, { models });
  await host.receive('/model');
  await host.receive('/model huge');
  await host.receive('/model large');
  await host.receive('who are you?');
  await host.receive('who are you?', { chat: 'c2', user: 'ben' });
  await host.told(5);
  assert.deepEqual(host.channel.texts.toSorted(), [
    'From your next message on I think with `large` here.',
    'I am large.',
    'I am small.',
    'I do not know the model `huge`. I have `small`, `large`; the operator adds others to "model.names" in clay.json.',
    'I think with `small` (offline). With /model NAME I change to `large`.',
  ]);
  host.crash();
  const next = await startDelivery(t, { models, root: host.root });
  await next.receive('and now?');
  assert.deepEqual(await next.told(1), ['I am large.']);
});
