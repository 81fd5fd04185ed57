import type { ErrorCode } from '@clay/sdk';
import type { GenerationState } from '../generations/state.ts';

/** One plugin as an operator sees it. */
export interface PluginStatus {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly origin: 'image' | 'volume';
  readonly generation: number;
  /** `rejected`: it did not start, see `failure`. */
  readonly state: GenerationState;
  /** Full names of what it provides now. */
  readonly capabilities: readonly string[];
  readonly requires: readonly string[];
  /** Declared, and within the ceiling. */
  readonly permissions: readonly string[];
  readonly protected: boolean;
  /** What the host holds for it, oldest first. */
  readonly holds: readonly string[];
  readonly failure: PluginFailure | null;
}

export interface PluginFailure {
  readonly phase: PluginPhase;
  readonly code: ErrorCode;
  readonly message: string;
  /** `file:line:column` of the plugin's own frame, where the error has one. */
  readonly location: string | null;
}

export type PluginPhase =
  | 'manifest'
  | 'requires'
  | 'config'
  | 'load'
  | 'setup'
  | 'migrate'
  | 'register'
  | 'probe'
  | 'live'
  | 'run';
