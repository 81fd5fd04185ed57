import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canMove, type GenerationState, generationTransitions, takesCalls } from './state.ts';

const states = Object.keys(generationTransitions) as GenerationState[];

test('every state is reached from "built", and leads to an end', () => {
  const reached = new Set<GenerationState>(['built']);
  for (const state of reached) for (const next of generationTransitions[state]) reached.add(next);
  assert.deepEqual([...reached].sort(), [...states].sort());
  const ends = states.filter((state) => generationTransitions[state].length === 0);
  assert.deepEqual(ends.sort(), ['quarantined', 'stopped']);
});

test('what never took a call is rejected, never rolled back', () => {
  for (const state of ['built', 'staged'] as const) {
    assert.ok(canMove(state, 'rejected'));
    for (const later of ['committed', 'rolled-back', 'draining'] as const)
      assert.ok(!canMove(state, later), `${state} to ${later}`);
  }
});

test('calls are taken on probation and when committed, and a commit comes from probation only', () => {
  assert.deepEqual(states.filter(takesCalls), ['probation', 'committed']);
  assert.deepEqual(
    states.filter((state) => canMove(state, 'committed')),
    ['probation'],
  );
});
