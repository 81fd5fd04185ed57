import type { CallSession } from '@clay/sdk';
import type { Build } from '../../generations/build.ts';
import type { GenerationState } from '../../generations/state.ts';

/** Judges generations and does what was decided: the one writer of their states. */
export interface Medic {
  /**
   * Makes a build the next generation of its plugin. Resolves when it serves on probation, or when it is known not to;
   * the verdict comes later, by {@link Medic.onNews}. Throws only for a build that cannot be kept on disk.
   */
  deploy(build: Build, options?: DeployOptions): Promise<Admission>;
  /** What the plugin provides goes away: its source was deleted. */
  retire(plugin: string, reason: string): Promise<void>;
  /** A person takes back the current generation. Throws `CONFLICT` when there is none to go back to. */
  rollback(plugin: string, options?: RollbackOptions): Promise<Admission>;
  /** A person forbids a build. Throws `NOT_FOUND` when no generation has this hash or number. */
  quarantine(plugin: string, which: string | number, reason: string): Promise<void>;
  unquarantine(plugin: string, which: string | number): Promise<void>;
  /** Every generation that is remembered, by plugin and number, newest first. Throws `NOT_FOUND` for a plugin that never was. */
  generations(plugin?: string): readonly GenerationStatus[];
  /** Newest first. */
  crashes(plugin?: string, limit?: number): readonly CrashReport[];
  /** Hears every change and every word for people, from now on; gives the removal. */
  onNews(listener: (news: News) => void): () => void;
}

export interface DeployOptions {
  /** Why, in the author's words; stands in the journal. */
  readonly reason?: string;
  /** The conversation that asked for it, and hears of the verdict. */
  readonly session?: CallSession | null;
}

export interface RollbackOptions {
  readonly to?: number;
  /** Also the plugin's data, from the snapshot that was taken when the present generation began to serve. */
  readonly data?: boolean;
}

export interface Admission {
  readonly plugin: string;
  /** Of what serves when nothing changed. */
  readonly generation: number;
  readonly hash: string;
  /** `unchanged`: the same build serves already. */
  readonly state: GenerationState | 'unchanged';
  /** Why it does not serve; null when it does. Complete, with `file:line:column`. */
  readonly problem: string | null;
}

export interface GenerationStatus {
  readonly plugin: string;
  readonly generation: number;
  readonly hash: string;
  readonly state: GenerationState;
  readonly isCurrent: boolean;
  readonly isProven: boolean;
  readonly isQuarantined: boolean;
  /** Milliseconds since the epoch of its last transition, and why. */
  readonly at: number;
  readonly reason: string;
  readonly crashes: number;
  readonly calls: number;
  readonly failedCalls: number;
  /** Milliseconds that its probation still takes; null when it is on none. */
  readonly probationLeftMs: number | null;
}

export interface CrashReport {
  readonly plugin: string;
  readonly generation: number;
  readonly hash: string;
  readonly phase: string;
  readonly signature: string;
  readonly message: string;
  readonly at: number;
}

/** What the medic tells: every change of state, and words for people. */
export interface News {
  readonly plugin: string;
  readonly generation: number;
  readonly kind: 'changed' | 'told';
  readonly state: GenerationState;
  readonly text: string;
  readonly at: number;
  readonly session: CallSession | null;
}
