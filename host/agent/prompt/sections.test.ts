import assert from 'node:assert/strict';
import { test } from 'node:test';
import { told } from '../testing/agent-fixture.ts';
import { providerFixture } from '../testing/provider-fixture.ts';

test('sections make up the system instruction in order, or ride behind the message, in the request only', async (t) => {
  const { server, ask, events, log, registry } = await providerFixture(t, {
    tools: { look: { run: () => 'a cat' } },
    prompts: {
      second: { placement: 'system', order: 20, text: 'Second {not_a_template}.' },
      first: { placement: 'system', order: 10, text: 'First.' },
      last: { placement: 'system', text: 'Last.' },
      silent: { placement: 'system', text: null },
      broken: { placement: 'system', text: 'throw' },
      recall: { placement: 'message', text: 'You once saw a dog.' },
    },
  });
  server.script([{ calls: [{ name: 'look' }] }, { text: 'A cat.' }, { text: 'Bye.' }]);
  assert.equal((await ask('what is there?')).text, 'A cat.');
  registry.prompts.set('first', 'Edited.');
  await ask('thanks');
  const [one, two, three] = server.requests.map(({ body }) => body);
  const system = JSON.stringify(one?.system);
  assert.match(system, /First\.\\n\\nSecond \{not_a_template\}\.\\n\\nLast\./);
  assert.deepEqual(two?.system, one?.system, 'rendered once a turn');
  assert.match(JSON.stringify(three?.system), /Edited\./, 'edits are seen at the next turn');
  const texts = (messages: unknown) => JSON.stringify(messages);
  assert.match(
    texts(one?.messages[0]),
    /what is there\?.*\[Context, not written by the person: recall\]\\nYou once saw a dog\./,
  );
  assert.deepEqual(
    two?.messages[0]?.content.length,
    one?.messages[0]?.content.length,
    'it stays for every step of its turn',
  );
  assert.doesNotMatch(texts(three?.messages[0]), /dog/, 'and is gone from the message in the next turn');
  assert.match(texts(three?.messages.at(-1)), /thanks.*dog/);
  assert.deepEqual(told(events())[0], 'user: what is there?');
  assert.deepEqual(
    log.events.filter(({ event }) => event === 'prompt.failed').map(({ fields }) => fields.section),
    ['prompt:broken', 'prompt:broken'],
  );
});
