import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EndRecord } from '../supervisor/exit-log.ts';
import { judge } from './last-exit.ts';
import type { ReadMarker } from './run-marker.ts';

const marker: ReadMarker = {
  pid: 40,
  ticks: 400,
  machineRun: 'run',
  startedAt: 10_000,
  isStopping: false,
  aliveAt: 25_000,
};

const end: EndRecord = {
  event: 'end',
  pid: 40,
  ticks: 400,
  machineRun: 'run',
  startedAt: 9_500,
  endedAt: 27_000,
  upMs: 17_500,
  readyMs: 16_000,
  code: null,
  signal: 'SIGKILL',
  requested: false,
  reason: 'signalled',
  message: '',
  stack: [],
  lastWords: '',
};

test('the exit log knows the end of a run better than its marker', () => {
  assert.deepEqual(judge(marker, [end]), { death: 'unrequested', upMs: 17_500, diedAt: 27_000 });
  assert.deepEqual(judge(marker, []), { death: 'unrequested', upMs: 15_000, diedAt: 25_000 });
});

test('the end of another process with the same pid says nothing of this one', () => {
  const earlier = { ...end, ticks: 300, requested: true };
  const elsewhere = { ...end, machineRun: 'another', requested: true };
  assert.equal(judge(marker, [earlier, elsewhere]).death, 'unrequested');
});

test('who was asked to stop was asked, whoever knows of it', () => {
  assert.equal(judge({ ...marker, isStopping: true }, [end]).death, 'requested');
  assert.equal(judge({ ...marker, isStopping: true }, []).death, 'requested');
  assert.equal(judge(marker, [{ ...end, requested: true }]).death, 'requested');
});

test('without a marker the last end counts, and without that there was no host', () => {
  assert.deepEqual(judge(null, [{ ...end, requested: true }, end]).death, 'unrequested');
  assert.deepEqual(judge(null, []), { death: 'none', upMs: 0, diedAt: 0 });
});

test('a clock that went back makes no run shorter than nothing', () => {
  assert.equal(judge({ ...marker, aliveAt: 5_000 }, []).upMs, 0);
});
