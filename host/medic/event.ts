/** What has happened. */
export type MedicEvent =
  | GenerationEvent
  /** Time has passed. */
  | { readonly type: 'tick' }
  /** A person takes back the current generation; `to` names another than the one before. */
  | { readonly type: 'rollback'; readonly plugin: string; readonly to?: number }
  | { readonly type: 'unquarantine'; readonly plugin: string; readonly hash: string }
  /** A person forbids a build. */
  | { readonly type: 'forbid'; readonly plugin: string; readonly hash: string; readonly reason: string }
  /** Its source is gone: what ships serves again, or nothing. */
  | { readonly type: 'retire'; readonly plugin: string; readonly reason: string }
  /**
   * The host has started. `death`: how the one before it ended. `upMs`: how long that one had been up; `diedAt`: when it
   * was last known alive.
   */
  | {
      readonly type: 'boot';
      readonly death: 'none' | 'requested' | 'unrequested';
      readonly upMs: number;
      readonly diedAt: number;
    };

export type GenerationEvent = { readonly plugin: string; readonly generation: number } & (
  | { readonly type: 'built'; readonly hash: string; readonly isChecked: boolean }
  /** `setup` is through, its schemas fit, and every probe and test has passed. */
  | { readonly type: 'staged' }
  /** `isGone`: what was built is not there any more, or not what was built. */
  | { readonly type: 'stage-failed'; readonly reason: string; readonly isGone?: boolean }
  /** The type check has ended. */
  | { readonly type: 'checked'; readonly isPassed: boolean; readonly reason: string }
  /** One round of all probes has ended. */
  | { readonly type: 'probed'; readonly isPassed: boolean; readonly reason: string }
  /** Calls have ended since the last time. */
  | { readonly type: 'called'; readonly calls: number; readonly failedCalls: number }
  /**
   * Its process died unasked, or it told of an error that nobody caught. `cause`: in one sentence. `readyMs`: how long it
   * had been ready. `limit`: so many crashes are too many, where that differs from the rules.
   */
  | {
      readonly type: 'crashed';
      readonly signature: string;
      readonly cause?: string;
      readonly readyMs: number;
      readonly limit?: number;
    }
  /** Its last call has ended. */
  | { readonly type: 'drained' }
);
