import type { Clock } from '@clay/sdk';
import { type ModelError, toModelError } from './model-error.ts';

export interface RetryPolicy {
  /** Tries in all. */
  readonly tries: number;
  /** Before the second try, in milliseconds; doubles with each further one. */
  readonly firstWaitMs: number;
  /** A provider that asks for a longer wait than this gets none: the failure is told at once. */
  readonly longestWaitMs: number;
}

export const defaultRetryPolicy: RetryPolicy = { tries: 4, firstWaitMs: 500, longestWaitMs: 60_000 };

/** How long to wait before the next try, or null when there is none. `random` is in [0, 1). */
export function waitBeforeRetry(
  policy: RetryPolicy,
  triesDone: number,
  error: ModelError,
  random: number,
): number | null {
  if (!error.isRetryable || triesDone >= policy.tries) return null;
  const backoffMs = policy.firstWaitMs * 2 ** (triesDone - 1) * (0.75 + random / 2);
  const waitMs = Math.max(error.retryAfterMs ?? 0, Math.min(backoffMs, policy.longestWaitMs));
  return waitMs > policy.longestWaitMs ? null : waitMs;
}

export interface RetryOptions {
  readonly policy: RetryPolicy;
  readonly clock: Clock;
  readonly random: () => number;
  readonly signal?: AbortSignal | undefined;
  readonly onRetry?: (error: ModelError, waitMs: number) => void;
}

/** Runs `attempt` until it succeeds, fails for good, or the signal is aborted. What it yielded before a failure stays yielded. */
export async function* withRetries<T>(
  attempt: (number: number) => AsyncGenerator<T, void, void>,
  { policy, clock, random, signal, onRetry }: RetryOptions,
): AsyncGenerator<T, void, void> {
  for (let number = 1; ; number++) {
    try {
      yield* attempt(number);
      return;
    } catch (thrown) {
      if (signal?.aborted) return;
      const error = toModelError(thrown);
      const waitMs = waitBeforeRetry(policy, number, error, random());
      if (waitMs === null) throw error;
      onRetry?.(error, waitMs);
      await clock.sleep(waitMs, signal).catch(() => undefined);
      if (signal?.aborted) return;
    }
  }
}
