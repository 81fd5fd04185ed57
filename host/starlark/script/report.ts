import type { Diagnostic } from 'starlark-js';

/** All that is known of a script before it serves. Plain data: it comes out of a lane. */
export interface ScriptReport {
  readonly name: string;
  readonly hash: string;
  /** It may serve: no error, and every test passed. */
  readonly isGood: boolean;
  /** What it declares; null when it does not get that far. */
  readonly outline: ScriptOutline | null;
  readonly diagnostics: readonly Diagnostic[];
  readonly tests: readonly ScriptTest[];
  /** All of the above in words, for an author who may be a model: every problem with file, line, column and remedy. */
  readonly text: string;
}

export interface ScriptOutline {
  readonly description: string;
  /** It has the original's `run(args)`, for `extension_run`. */
  readonly hasRun: boolean;
  readonly tools: readonly { readonly name: string; readonly description: string }[];
  readonly schedules: readonly string[];
  readonly events: readonly string[];
  readonly prompts: number;
  /** By `allow`, as the SDK writes permissions; null when the script says nothing and gets the default. */
  readonly permissions: readonly string[] | null;
  /** Full names of capabilities that it may call. */
  readonly calls: readonly string[];
}

export interface ScriptTest {
  readonly name: string;
  readonly isPassed: boolean;
  readonly ms: number;
  /** Error with backtrace; empty when it passed. */
  readonly message: string;
  readonly output: string;
}
