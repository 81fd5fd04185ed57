import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ClayError } from '@clay/sdk';
import type { Capability } from '../registry/registry.ts';
import type { CallRequest } from '../router/router.ts';
import { createFixture, type Fixture, local } from './testing/gateway-fixture.ts';

let fixture: Fixture;
const asked: CallRequest[] = [];
const dice: Capability = {
  kind: 'command',
  name: 'dice',
  fullName: 'command:dice',
  plugin: 'dice',
  generation: 1,
  description: 'Rolls dice.',
  parameters: null,
  details: {},
};

before(async () => {
  fixture = await createFixture({
    routes: [dice, { ...dice, name: 'new', fullName: 'command:new', plugin: 'host' }],
    call: async (request) => {
      if (request.capability === 'command:new') return 'new';
      asked.push(request);
      const { argument } = request.args as { readonly argument: string };
      if (argument === '0') throw new ClayError('BAD_ARGUMENTS', 'A die has sides.');
      return `rolled ${argument}`;
    },
  });
});
after(() => fixture.gateway.close());

async function post(url: string, payload: object) {
  return fixture.gateway.adkApp.inject({ method: 'POST', url, headers: local, payload });
}

const run = (sessionId: string, text: string) => ({
  appName: 'clay',
  userId: 'ann',
  sessionId,
  newMessage: { parts: [{ text }] },
});

test('a /name that a plugin answers reaches the plugin, by every way of writing, and not the model', async () => {
  const { id } = fixture.agentHost.sessions.create({ app: 'clay', user: 'ann', id: 'table' });
  assert.deepEqual((await post('/msg', { text: '/dice 2d6\nand more', user_id: 'ann' })).json(), {
    text: 'rolled 2d6\nand more',
  });
  const streamed = await post('/msg/stream', { text: '/dice 6', user_id: 'ann' });
  assert.equal(streamed.body, 'data: {"type":"end","text":"rolled 6"}\n\n');
  const [event] = (await post('/run', run(id, ' /dice '))).json();
  assert.deepEqual(event.content, { role: 'model', parts: [{ text: 'rolled ' }] });
  const sse = await post('/run_sse', run(id, '/dice 6'));
  assert.match(sse.body, /^data: \{.*"rolled 6".*\}\n\n$/);
  assert.equal(fixture.agentHost.turns.active(), 0);
  assert.deepEqual(fixture.agentHost.sessions.get({ app: 'clay', user: 'ann', id }).events, []);
  assert.deepEqual(
    asked.map(({ capability, caller, session }) => [capability, caller, session?.user]),
    asked.map(() => ['command:dice', 'http', 'ann']),
  );
});

test('a command that fails tells why, with its code', async () => {
  const answer = await post('/msg', { text: '/dice 0', user_id: 'ann' });
  assert.deepEqual(answer.json(), { text: 'A die has sides.', error: 'BAD_ARGUMENTS' });
  const [event] = (await post('/run', run('table', '/dice 0'))).json();
  assert.equal(event.errorCode, 'BAD_ARGUMENTS');
  assert.equal((await post('/run', run('gone', '/dice 1'))).statusCode, 404);
});

test('what only looks like a command is an ordinary message', async () => {
  for (const text of ['/unknown', 'say /dice', '/dice2', '/', '/__proto__', '//dice']) {
    assert.equal((await post('/msg', { text, user_id: 'ann' })).json().text, `You said: ${text}`);
  }
});

test('a new conversation begins with the command that asks for it', async () => {
  await post('/msg', { text: 'hello', user_id: 'eve' });
  assert.deepEqual((await post('/msg', { text: '/new', user_id: 'eve' })).json(), { text: 'new' });
  await post('/msg', { text: 'hello again', user_id: 'eve' });
  assert.equal(fixture.agentHost.sessions.list('clay', 'eve').length, 2);
});
