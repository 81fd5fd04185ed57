import assert from 'node:assert/strict';
import { test } from 'node:test';
import { beginTurn, until } from '../../testing/killing.ts';
import type { LoopNote } from './loop-note.ts';

test('killed while an outside agent works in a loop: its work is not begun again, and the reviewer sees that', async (t) => {
  const host = await beginTurn(t, () => [
    { calls: [{ id: 'd', name: 'delegate', input: { agent: 'code_loop', task: 'Code it.' } }] },
  ]);
  await until(host.folder, () => host.lines().includes('coded'));
  await host.kill();
  host.server.script([
    { calls: [{ name: 'loop_signal', input: { signal: 'pause', why: 'The coder was cut off.' } }] },
    { text: 'The coder was cut off; shall I go on?' },
  ]);
  const { outcomes, events } = await host.resume();
  assert.deepEqual(outcomes, [{ status: 'done', text: 'The coder was cut off; shall I go on?' }]);
  assert.deepEqual(host.lines(), ['coded']);
  const toChecker = JSON.stringify(host.server.requests[1]?.body.messages);
  assert.match(toChecker, /\[coder was cut short: [^\]]*unknown/);
  const notes = events.flatMap(({ customMetadata }) => (customMetadata?.loop as LoopNote | undefined) ?? []);
  assert.deepEqual(
    notes.map(({ kind }) => kind),
    ['begun', 'step', 'resumed', 'report', 'step', 'report', 'ended'],
  );
  assert.deepEqual(host.server.violations, []);
});
