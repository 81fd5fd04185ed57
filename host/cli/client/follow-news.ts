import { systemClock } from '../../clock.ts';
import type { News } from '../../medic/generations/medic.ts';
import { CliError, UnreachableError } from '../cli-error.ts';
import type { ClawClient } from './claw-client.ts';

export interface NewsFollower {
  /** Asked before every connection: a claw that was started anew may have another address. */
  readonly connect: () => ClawClient;
  readonly signal: AbortSignal;
  readonly onNews: (news: News) => void;
  /** The line to this address is open: again, after `onLost`. */
  readonly onOpen?: (url: string) => void;
  /** It was cut; another try follows. */
  readonly onLost?: () => void;
}

const firstWaitMs = 250;
const longestWaitMs = 5000;

/**
 * Follows the news until the signal ends it, over restarts of the claw. Throws when the claw refuses, and when nobody
 * answers the first time.
 */
export async function followNews({ connect, signal, onNews, onOpen, onLost }: NewsFollower): Promise<void> {
  let hasBeenOpen = false;
  let waitMs = firstWaitMs;
  while (!signal.aborted) {
    try {
      const client = connect();
      const open = () => {
        hasBeenOpen = true;
        waitMs = firstWaitMs;
        onOpen?.(client.url);
      };
      for await (const news of client.news(signal, open)) onNews(news);
    } catch (error) {
      if (signal.aborted) return;
      // A claw that is down has no run file, or nobody behind its address; what it says itself is final.
      const isFinal = error instanceof CliError && !(error instanceof UnreachableError);
      if (!hasBeenOpen || isFinal) throw error;
    }
    if (waitMs === firstWaitMs) onLost?.();
    await systemClock.sleep(waitMs, signal).catch(() => {});
    waitMs = Math.min(longestWaitMs, waitMs * 2);
  }
}
