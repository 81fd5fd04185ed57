import { nextDue, type Rule } from './rule.ts';

export const catchUps = ['run-once', 'skip', 'all'] as const;
export type CatchUp = (typeof catchUps)[number];

/** Later than this the claw was down or asleep. */
export const graceMs = 120_000;
/** Missed instants that get a row each; older ones share one. */
const maxRows = 100;
/** And are counted so far. */
const maxCounted = 2_000;
/** Behind a gap with more of them, the newest are looked at from here. */
const newestMs = 24 * 3_600_000;

export interface Missed {
  readonly dueAt: number;
  readonly instants: number;
  readonly reason: string;
}

/** What is to be done about the instants that have come due. */
export interface Agenda {
  /** Due, oldest first; to be run one after the other. */
  readonly runs: readonly number[];
  readonly missed: readonly Missed[];
  /** Null: it never comes due again. */
  readonly next: number | null;
}

export interface AgendaRequest {
  readonly rule: Rule;
  readonly dueAt: number;
  readonly now: number;
  readonly catchUp: CatchUp;
  /** How many the policy `all` runs. */
  readonly catchUpRuns: number;
  /** The run before is still going. */
  readonly isRunning: boolean;
}

/** Every instant from `dueAt` to `now` is in exactly one place. */
export function makeAgenda(request: AgendaRequest): Agenda {
  const { rule, dueAt, now, catchUp, catchUpRuns, isRunning } = request;
  const { instants, uncounted } = dueInstants(rule, dueAt, now);
  const next = nextDue(rule, now);
  if (isRunning) return { runs: [], missed: toMissed(instants, uncounted, 'The run before it was still going.'), next };
  const punctual = instants.filter((instant) => now - instant <= graceMs);
  const late = instants.filter((instant) => now - instant > graceMs);
  const wanted = { skip: 0, 'run-once': punctual.length > 0 ? 0 : 1, all: catchUpRuns }[catchUp];
  const madeUp = wanted === 0 ? [] : late.slice(-wanted);
  const left = late.slice(0, late.length - madeUp.length);
  const reason =
    madeUp.length > 0 || punctual.length > 0
      ? 'The claw was down or asleep; a later instant was run.'
      : 'The claw was down or asleep.';
  return { runs: [...madeUp, ...punctual], missed: toMissed(left, uncounted, reason), next };
}

/**
 * The next instant after a clock was set back: the first one that has not had its run. Without a change of the clock it is
 * the one that is due next anyway.
 */
export function dueAfterSetBack(rule: Rule, now: number, dueAt: number, hasRun: (instant: number) => boolean): number {
  let instant = nextDue(rule, now);
  for (let count = 0; instant !== null && instant < dueAt && count < maxCounted; count++) {
    if (!hasRun(instant)) return instant;
    instant = nextDue(rule, instant);
  }
  return dueAt;
}

function dueInstants(rule: Rule, dueAt: number, now: number): { instants: number[]; uncounted: boolean } {
  const oldest = collect(rule, dueAt, now);
  const rest = nextDue(rule, oldest.at(-1) ?? now);
  if (rest === null || rest > now) return { instants: oldest, uncounted: false };
  const from = nextDue(rule, Math.max(rest - 1, now - newestMs));
  return { instants: [...oldest, ...(from === null ? [] : collect(rule, from, now))], uncounted: true };
}

function collect(rule: Rule, from: number, now: number): number[] {
  const instants: number[] = [];
  let instant: number | null = from;
  while (instant !== null && instant <= now && instants.length < maxCounted) {
    instants.push(instant);
    instant = nextDue(rule, instant);
  }
  return instants;
}

function toMissed(instants: readonly number[], uncounted: boolean, reason: string): Missed[] {
  const folded = instants.slice(0, Math.max(0, instants.length - maxRows));
  const single = instants.slice(folded.length).map((dueAt) => ({ dueAt, instants: 1, reason }));
  if (folded.length === 0) return single;
  const more = uncounted ? ' There were more of them.' : '';
  return [{ dueAt: folded[0]!, instants: folded.length, reason: `${reason}${more}` }, ...single];
}
