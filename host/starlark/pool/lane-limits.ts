import type { ChildLimits } from '../../process/watched-process.ts';

const mebibyte = 2 ** 20;

/** What the host bears from a lane, and how it fills lanes. */
export interface LaneLimits extends ChildLimits {
  /** Lanes that serve; one more may be inspecting. */
  readonly lanes: number;
  /** Scripts in a lane before the next lane is started. */
  readonly scriptsPerLane: number;
  /** Calls open in a lane before the next lane is started for a further script. */
  readonly busyCalls: number;
  /** Resident memory of a lane above which it gets no further script while another can be had. */
  readonly fullBytes: number;
  /** V8's heap, in MB. */
  readonly heapMb: number;
  /** Private memory that the kernel of the machine gives; of it Node reserves 562 MB without using them. */
  readonly dataBytes: number;
  /** From the spawn to the first word. */
  readonly startMs: number;
  /** An inspection: parsing, checking, evaluating, and all tests of the script. */
  readonly inspectMs: number;
  /** From the cancel of an inspection until the lane has to have answered. */
  readonly answerMs: number;
  /** From the close of a script until the lane has to have let go of it; others may have to compute first. */
  readonly closeMs: number;
  /** Without a script and without an inspection a lane is ended after this time. */
  readonly idleMs: number;
  /** Host functions that one script may have asked for at a time. */
  readonly openRequests: number;
  /** For how long a script that went down with its lane is kept apart. */
  readonly suspectMs: number;
}

export const defaultLaneLimits: LaneLimits = {
  lanes: 4,
  scriptsPerLane: 64,
  busyCalls: 16,
  residentBytes: 224 * mebibyte,
  fullBytes: 160 * mebibyte,
  heapMb: 96,
  dataBytes: 1_024 * mebibyte,
  // Some seconds in all: a script may compute for a while, a spinning one is gone within four.
  pingEveryMs: 500,
  maxMissedPings: 6,
  measureEveryMs: 100,
  messagesPerSecond: 20_000,
  bytesPerSecond: 64 * mebibyte,
  exitMs: 1_000,
  startMs: 10_000,
  inspectMs: 10_000,
  answerMs: 2_000,
  closeMs: 15_000,
  // Longer than a probation: what was inspected for a save is at hand when that generation dies.
  idleMs: 45_000,
  openRequests: 1_000,
  suspectMs: 600_000,
};
