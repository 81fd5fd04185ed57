/** What one execution of a script may use. */
export interface ScriptLimits {
  /** Calls, iterations and the sizes of bulk operations. */
  readonly steps: number;
  /** Held at one time; the heap of a lane is some 100 MiB for all its scripts. */
  readonly bytes: number;
  /** Calls that are open at one time. */
  readonly depth: number;
  /** From start to end, waiting included. */
  readonly wallMs: number;
  /** Running without a pause: for so long nobody else in the lane runs. */
  readonly cpuMs: number;
  /** Characters printed. */
  readonly output: number;
}

/** Of a call; its deadline may be nearer. */
export const callLimits: ScriptLimits = {
  steps: 5_000_000_000,
  bytes: 32 * 1024 * 1024,
  depth: 1_000,
  wallMs: 600_000,
  cpuMs: 2_000,
  output: 1_000_000,
};

/** Of the top level of a file, and of one test: neither has anything to wait for. */
export const loadLimits: ScriptLimits = { ...callLimits, wallMs: 5_000, cpuMs: 1_000, output: 100_000 };

/** Characters of a file: reading one takes half a millisecond for a thousand, during which the lane does nothing else. */
export const maxSourceCharacters = 500_000;

/** Characters of a result as JSON. */
export const maxResultCharacters = 1_000_000;
