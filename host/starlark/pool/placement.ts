import type { LaneLimits } from './lane-limits.ts';

/** A lane as the choice sees it. */
export interface Candidate {
  /** A script is being inspected in it, whose harm must not reach others. */
  readonly isInspecting: boolean;
  readonly scripts: number;
  readonly openCalls: number;
  readonly residentBytes: number;
  /** It holds a script that went down with a lane lately. */
  readonly hasSuspect: boolean;
}

/**
 * Where a script goes: one of the lanes, or null for a new one. A suspect gets a lane of its own while one can be had,
 * and the others stay away from it while they can: so a second death has one name.
 */
export function place<L extends Candidate>(lanes: readonly L[], isSuspect: boolean, limits: LaneLimits): L | null {
  const free = lanes.filter(({ isInspecting }) => !isInspecting);
  const serving = free.filter(({ scripts }) => scripts > 0).length;
  const empty = free.find(({ scripts }) => scripts === 0);
  const mayStart = serving < limits.lanes;
  if (isSuspect) return mayStart ? (empty ?? null) : leastBusy(free);
  const trusted = leastBusy(free.filter(({ hasSuspect, scripts }) => !hasSuspect && scripts > 0));
  if (trusted !== null && !isFull(trusted, limits)) return trusted;
  if (mayStart) return empty ?? null;
  return trusted ?? leastBusy(free);
}

function isFull({ scripts, openCalls, residentBytes }: Candidate, limits: LaneLimits): boolean {
  return scripts >= limits.scriptsPerLane || openCalls >= limits.busyCalls || residentBytes > limits.fullBytes;
}

function leastBusy<L extends Candidate>(lanes: readonly L[]): L | null {
  const [best] = [...lanes].sort((a, b) => a.openCalls - b.openCalls || a.scripts - b.scripts);
  return best ?? null;
}
