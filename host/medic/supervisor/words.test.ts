import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HostDeath } from './host-process.ts';
import type { Decision } from './restart.ts';
import { describeEnd, duration } from './words.ts';

const death: HostDeath = {
  pid: 7,
  ticks: 1,
  machineRun: 'run',
  startedAt: 0,
  endedAt: 90_000,
  readyMs: 1,
  hasRun: true,
  code: null,
  signal: 'SIGKILL',
  isRequested: false,
  isRefused: false,
  reason: 'signalled',
  cause: null,
  stack: [],
  badLines: 0,
  lastWords: '',
};
const again: Decision = { do: 'restart', afterMs: 1_500 };

const rows: readonly (readonly [Partial<HostDeath>, Decision, string])[] = [
  [
    {},
    { do: 'restart', afterMs: 0 },
    'The host (process 7) was ended by SIGKILL after 90 s, not by the medic; the machine may be out of memory. It is started again.',
  ],
  [
    { signal: 'SIGSEGV', badLines: 2 },
    again,
    'The host (process 7) was ended by SIGSEGV after 90 s. 2 lines on its pipe were no messages. It is started again in 1.5 s.',
  ],
  [
    { reason: 'killed-unresponsive', cause: 'it answered no ping for 10 s', stack: ['spin (/a.ts:1:2)', 'main'] },
    again,
    'The host (process 7) was killed by the medic after 90 s: it answered no ping for 10 s, and was in spin (/a.ts:1:2). It is started again in 1.5 s.',
  ],
  [
    { reason: 'exited', signal: null, code: 0, isRequested: true },
    { do: 'end', code: 0, why: 'requested' },
    'The host (process 7) stopped as it was asked to after 90 s. The medic ends with it.',
  ],
  [
    { reason: 'exited', signal: null, code: 1 },
    { do: 'end', code: 1, why: 'too-often' },
    'The host (process 7) exited with code 1 after 90 s. It has ended too often, so the medic gives up. Look at what it wrote last; "clay doctor" checks what it needs.',
  ],
];

test('an end is told with what happened, why, and what follows', () => {
  for (const [change, next, text] of rows) assert.equal(describeEnd({ ...death, ...change }, next), text);
});

test('a time is told as people say it', () => {
  assert.deepEqual([40, 9_940, 61_000, 600_000, 10_800_000].map(duration), ['0.0 s', '9.9 s', '61 s', '10 min', '3 h']);
});
