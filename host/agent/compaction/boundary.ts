import { functionCalls, functionResponses } from '../contents/calls.ts';
import { estimateTokens } from '../contents/estimate.ts';
import type { LiveEvent } from '../sessions/live-session.ts';

/**
 * Index of the first event that is kept, 0 when nothing can go. What is kept fits in `keepTokens`, begins with a turn if one
 * does, and never holds a result whose call is gone. The newest exchange is always kept.
 */
export function chooseBoundary(events: readonly LiveEvent[], keepTokens: number): number {
  const safe = safePositions(events);
  const tokensFrom = suffixTokens(events);
  const fitting = safe.filter((position) => tokensFrom[position]! <= keepTokens);
  const newest = safe.at(-1) ?? 0;
  return fitting.find((position) => isTurnStart(events, position)) ?? fitting[0] ?? newest;
}

/** Positions, above 0, at which no call is parted from its result, and something is left behind them. */
function safePositions(events: readonly LiveEvent[]): number[] {
  const open = new Set<string | undefined>();
  const positions: number[] = [];
  for (const [index, event] of events.entries()) {
    if (index > 0 && open.size === 0) positions.push(index);
    for (const { id } of functionCalls(event)) open.add(id);
    for (const { id } of functionResponses(event)) open.delete(id);
  }
  return positions;
}

function suffixTokens(events: readonly LiveEvent[]): number[] {
  const tokens = new Array<number>(events.length + 1).fill(0);
  for (let index = events.length - 1; index >= 0; index--) {
    const event = events[index]!;
    tokens[index] = tokens[index + 1]! + (event.isolationScope === undefined ? estimateTokens(event) : 0);
  }
  return tokens;
}

function isTurnStart(events: readonly LiveEvent[], position: number): boolean {
  return events[position]!.invocationId !== events[position - 1]!.invocationId;
}
