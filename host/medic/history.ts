import type { GenerationState } from '../generations/state.ts';

/** All that the policy knows. Plain data: it is rebuilt from the journal, and every decision gives the next one. */
export interface History {
  readonly plugins: Readonly<Record<string, PluginHistory>>;
  /** When the host failed to boot, oldest first. */
  readonly failedBoots: readonly number[];
  /** On probation when the host died, and to be tried again alone: the first is next. */
  readonly suspects: readonly Suspect[];
  /** Nothing but what ships in the image runs. */
  readonly isSafeMode: boolean;
}

export interface Suspect {
  readonly plugin: string;
  readonly generation: number;
}

export interface PluginHistory {
  readonly name: string;
  /** The generation that is meant to serve; its process may be about to start again. */
  readonly current: number | null;
  /** Oldest first. Generation 0 is what ships in the image. */
  readonly generations: readonly GenerationHistory[];
  /** Hashes that do not come back by themselves. */
  readonly quarantined: readonly string[];
}

export interface GenerationHistory {
  readonly generation: number;
  readonly hash: string;
  readonly state: GenerationState;
  /** It has proven itself at some time: it starts again without a probation, and may be returned to. */
  readonly isProven: boolean;
  /** The type check that runs beside. `none`: there is nothing to check. */
  readonly check: 'none' | 'pending' | 'passed' | 'failed';
  readonly crashes: readonly CrashNote[];
  readonly probation: Probation | null;
  readonly calls: number;
  readonly failedCalls: number;
}

export interface CrashNote {
  readonly at: number;
  readonly signature: string;
}

export interface Probation {
  /** Since when it is being watched; a host that restarts begins this anew. */
  readonly since: number;
  /** Watched before that. */
  readonly watchedMs: number;
  readonly probesPassed: number;
  readonly probedAt: number;
  /** The generation that served before and stays warm; null for the first of a plugin. */
  readonly returnTo: number | null;
}

export const emptyHistory: History = { plugins: {}, failedBoots: [], suspects: [], isSafeMode: false };
