import { constants } from 'node:os';

/** How one life of the host ended, as far as it matters for the next. */
export interface HostEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Somebody wanted it: a signal, by way of the medic or straight to the host. */
  readonly isRequested: boolean;
  /** It could not start, and said that to try again would change nothing. */
  readonly isRefused: boolean;
  /** It came to hold its volume. */
  readonly hasRun: boolean;
  /** How long it had been ready; null when it never was. */
  readonly readyMs: number | null;
}

export interface RestartRules {
  /** More restarts than this … */
  readonly maxRestarts: number;
  /** … in this time, and the medic ends too: whoever started it has to know. */
  readonly windowMs: number;
  /** Ready for so long, the first restart comes at once. */
  readonly readyMs: number;
  readonly firstBackoffMs: number;
  readonly maxBackoffMs: number;
}

/** Three failed boots lead to safe mode: it has to have its chance, and another. */
export const hostRules: RestartRules = {
  maxRestarts: 5,
  windowMs: 600_000,
  readyMs: 1_000,
  firstBackoffMs: 1_000,
  maxBackoffMs: 60_000,
};

export type Decision =
  | { readonly do: 'restart'; readonly afterMs: number }
  | { readonly do: 'end'; readonly code: number; readonly why: 'requested' | 'final' | 'too-often' };

/**
 * What follows the end of a host. `restarts`: when it was started again, milliseconds since the epoch. `random`: from 0
 * to 1, so that many claws on one machine do not all start at once.
 */
export function decide(
  end: HostEnd,
  restarts: readonly number[],
  now: number,
  rules: RestartRules,
  random: number,
): Decision {
  const code = exitCode(end);
  if (end.isRequested) return { do: 'end', code, why: 'requested' };
  // Ended by itself before it held the volume: its arguments, its settings, the lock of another host. All are told by now.
  if (end.isRefused || (!end.hasRun && end.signal === null)) return { do: 'end', code, why: 'final' };
  const recent = countRecent(restarts, now, rules);
  if (recent >= rules.maxRestarts) return { do: 'end', code, why: 'too-often' };
  return { do: 'restart', afterMs: backoffMs(recent, end.readyMs, rules, random) };
}

export function countRecent(restarts: readonly number[], now: number, { windowMs }: RestartRules): number {
  return restarts.filter((at) => now - at < windowMs).length;
}

/** Twice as long each time, the half of it by chance. */
export function backoffMs(recent: number, readyMs: number | null, rules: RestartRules, random: number): number {
  if (recent === 0 && readyMs !== null && readyMs > rules.readyMs) return 0;
  const full = Math.min(rules.maxBackoffMs, rules.firstBackoffMs * 2 ** recent);
  return Math.round(full / 2 + (full / 2) * random);
}

/** As a shell tells it. */
export function exitCode({ code, signal }: Pick<HostEnd, 'code' | 'signal'>): number {
  return signal === null ? (code ?? 1) : 128 + constants.signals[signal];
}
