import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blame } from './blame.ts';
import { defaultLaneLimits } from './lane-limits.ts';
import { type Candidate, place } from './placement.ts';

const limits = { ...defaultLaneLimits, lanes: 2, scriptsPerLane: 10, busyCalls: 5, fullBytes: 1_000 };
const fresh: Candidate = { isInspecting: false, scripts: 0, openCalls: 0, residentBytes: 500, hasSuspect: false };
const lane = (facts: Partial<Candidate>): Candidate => ({ ...fresh, ...facts });

const serving = lane({ scripts: 3 });
const other = lane({ scripts: 2, openCalls: 1 });
const full = lane({ scripts: 10 });
const busy = lane({ scripts: 1, openCalls: 5 });
const large = lane({ scripts: 1, residentBytes: 1_001 });
const suspected = lane({ scripts: 1, hasSuspect: true });
const inspecting = lane({ isInspecting: true });

const cases: readonly (readonly [string, readonly Candidate[], boolean, Candidate | null])[] = [
  ['the first script starts a lane', [], false, null],
  ['the first script takes the lane that has only inspected', [fresh], false, fresh],
  ['nobody is put where a script is being inspected', [inspecting], false, null],
  ['a further script shares a lane', [serving], false, serving],
  ['a further script shares a lane though another stands empty', [fresh, serving], false, serving],
  ['fewer open calls come before fewer scripts', [other, serving], false, serving],
  ['a lane with many scripts is followed by a new one', [full], false, null],
  ['a lane with many open calls is followed by a new one', [busy], false, null],
  ['a lane with much memory is followed by a new one', [large], false, null],
  ['an empty lane is used before a new one', [full, fresh], false, fresh],
  ['no more lanes are started than may be', [full, busy], false, full],
  ['a suspect gets a new lane', [serving], true, null],
  ['a suspect gets the empty lane', [serving, fresh], true, fresh],
  ['a suspect is put beside others only when no lane can be had', [serving, busy], true, serving],
  ['the others stay away from a suspect', [suspected], false, null],
  ['the others stay away from a suspect while there is a lane without one', [suspected, full], false, full],
  ['the others share with a suspect when there is no other lane', [suspected, suspected], false, suspected],
];

for (const [name, lanes, isSuspect, expected] of cases) {
  test(name, () => assert.equal(place(lanes, isSuspect, limits), expected));
}

const waiting = { isRunning: false };
const running = { isRunning: true };
const second = { isRunning: true };

test('whoever the lane was killed for is blamed, whatever else ran', () => {
  assert.deepEqual([...blame([waiting, running], waiting, running)], [waiting]);
});

test('whoever had the last turn and ran is blamed, and not who was about to go on', () => {
  assert.deepEqual([...blame([waiting, second, running], undefined, running)], [running]);
});

test('when the last turn had come to its end, all that ran are blamed', () => {
  assert.deepEqual([...blame([waiting, running, second], undefined, waiting)], [running, second]);
  assert.deepEqual([...blame([waiting, running], undefined, undefined)], [running]);
});

test('when all waited, only a script that was alone is blamed', () => {
  assert.deepEqual([...blame([waiting, { ...waiting }], undefined, waiting)], []);
  assert.deepEqual([...blame([waiting], undefined, waiting)], [waiting]);
});
