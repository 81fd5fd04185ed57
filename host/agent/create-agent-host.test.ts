import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agentFixture, told } from './testing/agent-fixture.ts';

test('a message is answered by tools, and everything is in the session', async (t) => {
  const fixture = await agentFixture(t, {
    tools: {
      memory: {
        parameters: { type: 'object', properties: { action: { type: 'string' }, content: { type: 'string' } } },
        run: ({ content }) => ({ message: `Stored: ${content}` }),
      },
    },
  });
  const outcome = await fixture.ask('remember that the sky is blue');
  assert.equal(outcome.status, 'done');
  assert.equal(outcome.text, 'Stored: the sky is blue');
  assert.deepEqual(fixture.calls[0]?.args, { action: 'store', content: 'the sky is blue' });
  assert.equal(fixture.calls[0]?.caller, 'agent:clay');
  assert.deepEqual(
    fixture.events().map(({ author, invocationId }) => [author, invocationId === outcome.events[0]?.invocationId]),
    [
      ['user', true],
      ['clay', true],
      ['clay', true],
      ['clay', true],
    ],
  );
  assert.equal(told(fixture.events()).at(-1), 'clay: Stored: the sky is blue');
});
