import type { BuildOrigin } from '../generations/build.ts';
import type { PluginFailure } from '../generations/plugin-failure.ts';
import type { GenerationState } from '../generations/state.ts';

/** One plugin as an operator sees it. */
export interface PluginStatus {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly origin: BuildOrigin;
  readonly generation: number;
  /** `rejected`: it did not start, see `failure`. */
  readonly state: GenerationState;
  /** Full names of what it provides now. */
  readonly capabilities: readonly string[];
  readonly requires: readonly string[];
  /** Declared, and within the ceiling. */
  readonly permissions: readonly string[];
  /** Declared, and above the ceiling: what a person would have to grant. */
  readonly withheld: readonly string[];
  readonly protected: boolean;
  /** What the host holds for it, oldest first. */
  readonly holds: readonly string[];
  readonly failure: PluginFailure | null;
}
