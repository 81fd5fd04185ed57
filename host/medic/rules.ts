/** The numbers of the medic's policy. Times are milliseconds. */
export interface Rules {
  /** Time on probation before a commit. */
  readonly probationMs: number;
  /** Rounds of all probes that have to pass on probation. */
  readonly probeRounds: number;
  /** Calls seen on probation before their failures mean anything. */
  readonly errorRateCalls: number;
  /** How much larger than its predecessor's the share of failed calls may be. */
  readonly errorRateMargin: number;
  /** So many crashes … */
  readonly crashLimit: number;
  /** … in this time end a committed generation. */
  readonly crashWindowMs: number;
  /** Ready for so long, the first restart comes at once. */
  readonly readyMs: number;
  readonly firstBackoffMs: number;
  readonly maxBackoffMs: number;
  /** Without a crash for so long, the backoff begins anew. */
  readonly backoffResetMs: number;
  /** A host that dies unrequested before this has failed to boot. */
  readonly bootMs: number;
  readonly bootLimit: number;
  readonly bootWindowMs: number;
}

export const defaultRules: Rules = {
  probationMs: 30_000,
  probeRounds: 3,
  errorRateCalls: 20,
  errorRateMargin: 0.2,
  crashLimit: 3,
  crashWindowMs: 300_000,
  readyMs: 1_000,
  firstBackoffMs: 1_000,
  maxBackoffMs: 60_000,
  backoffResetMs: 900_000,
  bootMs: 60_000,
  bootLimit: 3,
  bootWindowMs: 600_000,
};
