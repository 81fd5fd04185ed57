/** `unknown` until the first check has told. */
export type SiteState = 'unknown' | 'up' | 'down';

export interface Health {
  readonly state: SiteState;
  /** Failed checks in a row. */
  readonly failures: number;
}

/** What a site is after one more check. A single failure is a hiccup: it takes `failuresToDown` in a row to be down. */
export function judge(before: Health, isUp: boolean, failuresToDown: number): Health {
  if (isUp) return { state: 'up', failures: 0 };
  const failures = before.failures + 1;
  return { state: failures >= failuresToDown ? 'down' : before.state, failures };
}
