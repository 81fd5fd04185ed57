import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { told } from './testing/agent-fixture.ts';
import { beginTurn, deadly, until } from './testing/killing.ts';

const call = (line: string, wait = false) => ({ name: 'count', input: { line, ...(wait && { wait }) } });

test('killed while the model speaks: the turn is run again, and the tool runs once', async (t) => {
  const killed = Promise.withResolvers<void>();
  const host = await beginTurn(t, (child) => [
    deadly({ text: 'Let me count.', calls: [call('one')] }, 4, child, killed.resolve),
  ]);
  await killed.promise;
  host.server.script([{ calls: [call('one')] }, { text: 'Counted.' }]);
  const { outcomes, events } = await host.resume();
  assert.deepEqual(outcomes, [{ status: 'done', text: 'Counted.' }]);
  assert.deepEqual(host.lines(), ['one']);
  assert.equal(events.filter(({ author }) => author === 'user').length, 1);
  assert.deepEqual(host.server.violations, []);
});

test('killed while a tool works: its outcome is unknown, the other one’s is known, and neither runs again', async (t) => {
  const host = await beginTurn(t, () => [{ calls: [call('one'), call('two', true)] }]);
  const isAnswered = () => existsSync(join(host.folder, 'answers.txt'));
  await until(host.folder, () => host.lines().includes('two') && isAnswered());
  await host.kill();
  host.server.script([{ text: 'One is counted, two I do not know.' }]);
  const { outcomes, events } = await host.resume();
  assert.equal(outcomes[0]?.text, 'One is counted, two I do not know.');
  assert.deepEqual(host.lines(), ['one', 'two']);
  const [one, two] = told(events).slice(3, 5);
  assert.match(one!, /"counted":"one"/);
  assert.match(two!, /CALL_OUTCOME_UNKNOWN/);
  assert.deepEqual(host.server.violations, []);
});

test('killed while the model looks at the results: it is asked again with them', async (t) => {
  const killed = Promise.withResolvers<void>();
  const host = await beginTurn(t, (child) => [
    { calls: [call('one')] },
    deadly({ text: 'I have counted it' }, 3, child, killed.resolve),
  ]);
  await killed.promise;
  host.server.script([{ text: 'Counted once.' }]);
  const { outcomes, events } = await host.resume();
  assert.equal(outcomes[0]?.text, 'Counted once.');
  assert.deepEqual(host.lines(), ['one']);
  assert.equal(events.length, 4);
  assert.match(JSON.stringify(host.server.requests.at(-1)?.body.messages), /counted.*one/);
  assert.deepEqual(host.server.violations, []);
});
