import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backoffMs, decide, type HostEnd, hostRules } from './restart.ts';

const end: HostEnd = { code: 1, signal: null, isRequested: false, isRefused: false, hasRun: true, readyMs: 5_000 };
const now = 1_000_000_000;
const ago = (...seconds: number[]) => seconds.map((one) => now - one * 1_000);

const rows: readonly (readonly [string, Partial<HostEnd>, readonly number[], unknown])[] = [
  ['a host that was ready comes back at once', {}, [], { do: 'restart', afterMs: 0 }],
  ['one that never was waits', { readyMs: null }, [], { do: 'restart', afterMs: 750 }],
  ['one that was only just ready waits', { readyMs: 900 }, [], { do: 'restart', afterMs: 750 }],
  ['a second time waits longer', {}, ago(10), { do: 'restart', afterMs: 1_500 }],
  ['a third time longer again', {}, ago(20, 10), { do: 'restart', afterMs: 3_000 }],
  ['restarts of long ago are forgotten', {}, ago(3_600, 1_800, 700), { do: 'restart', afterMs: 0 }],
  ['too many are enough', {}, ago(50, 40, 30, 20, 10), { do: 'end', code: 1, why: 'too-often' }],
  ['a signal is a death', { code: null, signal: 'SIGSEGV' }, [], { do: 'restart', afterMs: 0 }],
  [
    'too many signals end as a shell tells it',
    { code: null, signal: 'SIGSEGV' },
    ago(5, 4, 3, 2, 1),
    { do: 'end', code: 139, why: 'too-often' },
  ],
  ['an exit that nobody wanted is a death, also with code 0', { code: 0 }, [], { do: 'restart', afterMs: 0 }],
  ['what was asked for is over', { code: 0, isRequested: true }, [], { do: 'end', code: 0, why: 'requested' }],
  [
    'what was asked for keeps its code',
    { code: 7, isRequested: true },
    ago(1),
    { do: 'end', code: 7, why: 'requested' },
  ],
  ['a refusal is final', { isRefused: true }, [], { do: 'end', code: 1, why: 'final' }],
  ['an exit without the volume is final', { hasRun: false, readyMs: null }, [], { do: 'end', code: 1, why: 'final' }],
  ['help is no claw', { hasRun: false, code: 0, readyMs: null }, [], { do: 'end', code: 0, why: 'final' }],
  [
    'a signal without the volume may pass',
    { hasRun: false, code: null, signal: 'SIGBUS', readyMs: null },
    [],
    { do: 'restart', afterMs: 750 },
  ],
];

for (const [name, change, restarts, expected] of rows) {
  test(name, () => assert.deepEqual(decide({ ...end, ...change }, restarts, now, hostRules, 0.5), expected));
}

test('chance takes at most the half of a wait, and no wait is longer than the longest', () => {
  assert.deepEqual([backoffMs(3, null, hostRules, 0), backoffMs(3, null, hostRules, 1)], [4_000, 8_000]);
  assert.deepEqual([backoffMs(30, null, hostRules, 1), backoffMs(30, null, hostRules, 0)], [60_000, 30_000]);
});

test('safe mode comes before the medic gives up', () => {
  assert.ok(hostRules.maxRestarts > 3, 'three failed boots lead to safe mode, which has to have its chance');
});
