/** What a failed agent means for its loop. */
export type FailureKind =
  /** It may succeed in a while. */
  | 'passing'
  /** It cannot say more in this round; those behind it see what there is. */
  | 'cut-short'
  | 'fatal';

const passing: ReadonlySet<string> = new Set([
  'MODEL_RATE_LIMIT',
  'MODEL_OVERLOADED',
  'MODEL_UNAVAILABLE',
  'MODEL_UNREACHABLE',
  'MODEL_CUT',
  'MODEL_TIMEOUT',
  'MODEL_BAD_ANSWER',
  'MODEL_EMPTY',
  'UNAVAILABLE',
]);
/** Work that may have been done is never done again. */
const cutShort: ReadonlySet<string> = new Set([
  'MODEL_CALL_LIMIT',
  // The next round begins with the reports alone.
  'MODEL_CONTEXT_TOO_LONG',
  'CALL_OUTCOME_UNKNOWN',
  'TIMEOUT',
]);

export function failureKind(code: string): FailureKind {
  if (passing.has(code)) return 'passing';
  return cutShort.has(code) ? 'cut-short' : 'fatal';
}

const firstWaitMs = 5_000;
const longestWaitMs = 60_000;

/** Behind the quick tries that the model layer makes itself. */
export function waitBeforeTry(failedTries: number): number {
  return Math.min(longestWaitMs, firstWaitMs * 4 ** (failedTries - 1));
}
