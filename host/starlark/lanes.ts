import type { BuildLife, BuildTransport } from '../generations/build.ts';
import type { ScriptReport } from './script/report.ts';
import type { Script } from './script/script.ts';

/** The processes in which scripts run. */
export interface Lanes {
  /**
   * Parses, checks and evaluates a script without effects, and runs its tests; what is wrong with it stands in the
   * report, also when it kills its lane. Throws `CANCELLED`, `TIMEOUT`, or `UNAVAILABLE` when no lane can be started.
   */
  inspect(script: Script, signal?: AbortSignal): Promise<ScriptReport>;
  /** A line to a script in the lane that is least busy. */
  transport(script: Script, life: BuildLife): BuildTransport;
  list(): readonly LaneStatus[];
  close(): Promise<void>;
}

export interface LaneStatus {
  readonly pid: number;
  readonly scripts: readonly string[];
  readonly openCalls: number;
  readonly residentBytes: number;
}
