import { randomUUID } from 'node:crypto';
import type { LiveSession } from '../sessions/live-session.ts';
import type { BoundedTraces } from '../traces/bounded-traces.ts';
import { RunningCalls } from './running-calls.ts';
import type { AgentParts, TurnScope } from './turn-scope.ts';

/** Summarises because somebody asked, between turns; the caller holds the session's lock. */
export async function compactOutsideTurn(
  parts: AgentParts,
  live: LiveSession,
  traces: BoundedTraces,
  signal: AbortSignal,
): Promise<boolean> {
  const { app, user, session } = live.key;
  const turn = randomUUID();
  const trace = traces.beginTurn(session, turn);
  const scope: TurnScope = {
    parts,
    live,
    signal,
    trace,
    call: { app, user, id: session, turn },
    isStreaming: false,
    sections: { system: '', message: [] },
    userContent: () => undefined,
    modelCalls: { count: 0 },
    running: new RunningCalls(),
    callIds: new Set(),
    show: () => undefined,
    committed: () => Promise.resolve(),
  };
  try {
    return await parts.compactor.compact(scope, { isForced: true });
  } finally {
    trace.end();
  }
}
