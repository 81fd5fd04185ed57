import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDuration } from './duration.ts';
import { isQuiet } from './quiet-hours.ts';
import { parseReply } from './reply.ts';

test('HEARTBEAT_OK silences only when it is the whole answer', () => {
  assert.equal(parseReply(' HEARTBEAT_OK\n').text, null);
  assert.equal(parseReply('').text, null);
  assert.equal(parseReply('Done. HEARTBEAT_OK').text, 'Done. HEARTBEAT_OK');
  assert.equal(parseReply('heartbeat_ok').text, 'heartbeat_ok');
});

test('NEXT_HEARTBEAT on a line of its own is taken out, and kept within the limits', () => {
  assert.deepEqual(parseReply('HEARTBEAT_OK\nNEXT_HEARTBEAT: 30m'), { text: null, nextMs: 1_800_000, unread: null });
  assert.deepEqual(parseReply('Sent the mail.\nNEXT_HEARTBEAT: 1h30m\n'), {
    text: 'Sent the mail.',
    nextMs: 5_400_000,
    unread: null,
  });
  assert.equal(parseReply('NEXT_HEARTBEAT: 1s').nextMs, 60_000);
  assert.equal(parseReply('NEXT_HEARTBEAT: 90d').nextMs, 24 * 3_600_000);
  assert.deepEqual(parseReply('NEXT_HEARTBEAT: soon'), { text: null, nextMs: null, unread: 'soon' });
  assert.equal(parseReply('I wrote NEXT_HEARTBEAT: 5m there.').text, 'I wrote NEXT_HEARTBEAT: 5m there.');
});

test('a duration is a number with its unit, or several', () => {
  assert.deepEqual(['90s', '1.5h', '2h45m', '0', '', '5', 'm', '-5m', '5 m'].map(parseDuration), [
    90_000,
    5_400_000,
    9_900_000,
    0,
    null,
    null,
    null,
    null,
    null,
  ]);
});

test('quiet hours may go over midnight', () => {
  const at = (hours: number, minutes = 0) => new Date(2026, 0, 5, hours, minutes).getTime();
  const night = { from: '22:00', to: '07:00' };
  assert.deepEqual(
    [21.99, 22, 23.5, 0, 6.9, 7].map((hour) => isQuiet(at(Math.floor(hour), (hour % 1) * 60), night)),
    [false, true, true, true, true, false],
  );
  assert.equal(isQuiet(at(12, 30), { from: '12:00', to: '13:00' }), true);
  assert.equal(isQuiet(at(13), { from: '12:00', to: '13:00' }), false);
});
