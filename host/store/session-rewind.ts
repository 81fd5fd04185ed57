import { ClayError, type Json, type JsonObject } from '@clay/sdk';
import type { SessionQueries } from './session-queries.ts';
import type { RewindTarget, Rewound } from './session-store.ts';

/** Removes whole turns from the end of a session and gives its own state as it was before them. Runs in a transaction. */
export function rewindSession(
  queries: SessionQueries,
  key: number,
  target: RewindTarget,
): Omit<Rewound, 'state'> & { readonly sessionState: JsonObject } {
  const turns = queries.invocations.all({ key });
  const first = indexOfTarget(turns, target);
  const removed = turns.slice(first);
  const seq = removed[0]?.first_seq;
  if (seq === undefined) return { removedEvents: 0, removedInvocations: [], sessionState: replay(queries, key) };
  const { changes } = queries.deleteEventsFrom.run({ key, seq });
  queries.deleteCompactionsFrom.run({ key, seq });
  queries.deletePatchesFrom.run({ key, seq });
  return {
    removedEvents: changes,
    removedInvocations: removed.map((turn) => turn.invocation),
    sessionState: replay(queries, key),
  };
}

function indexOfTarget(turns: readonly { readonly invocation: string }[], target: RewindTarget): number {
  if ('beforeInvocation' in target) {
    const index = turns.findIndex((turn) => turn.invocation === target.beforeInvocation);
    if (index < 0)
      throw new ClayError('NOT_FOUND', `The session has no turn "${target.beforeInvocation}" to rewind to.`);
    return index;
  }
  if (!Number.isInteger(target.turns) || target.turns < 1 || target.turns > turns.length) {
    throw new ClayError(
      'BAD_ARGUMENTS',
      `Cannot take back ${target.turns} turns: give a whole number from 1 to ${turns.length}, the turns that the session has.`,
    );
  }
  return turns.length - target.turns;
}

/** The session's own state from its beginning and every delta that is left, in the order in which they happened. */
function replay(queries: SessionQueries, key: number): JsonObject {
  const patches = queries.patches.all({ key });
  // A patch notes the event that it came after, so a stable sort puts it between that event and the next.
  const changes = [...queries.deltas.all({ key }), ...patches].sort((a, b) => a.after_seq - b.after_seq);
  const state: Record<string, Json> = JSON.parse(queries.initialState.get({ key })?.initial_state ?? '{}');
  for (const { delta } of changes) Object.assign(state, JSON.parse(delta));
  return state;
}
