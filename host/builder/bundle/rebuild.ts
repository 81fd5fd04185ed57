import type { ClayError, Clock } from '@clay/sdk';
import { cancelled, tooSlow } from '../build-error.ts';
import type { BuildContext, BuildResult } from './esbuild.ts';

export interface RebuildOptions {
  readonly plugin: string;
  readonly buildMs: number;
  readonly signal: AbortSignal | undefined;
  readonly clock: Clock;
  /** Ends the compiler's process. */
  readonly kill: () => Promise<void>;
}

/** For a cancelled compiler to notice; it cannot be interrupted everywhere, and is then ended with its process. */
const cancelGraceMs = 1000;

/** Builds within a deadline. */
export function rebuild(context: BuildContext, options: RebuildOptions): Promise<BuildResult> {
  const { plugin, buildMs, signal, clock, kill } = options;
  const { promise, resolve, reject } = Promise.withResolvers<BuildResult>();
  let isGivenUp = false;
  const giveUp = (error: ClayError) => {
    if (isGivenUp) return;
    isGivenUp = true;
    const end = () => reject(error);
    const cancelKill = clock.after(cancelGraceMs, () => kill().then(end, end));
    const onCancelled = () => {
      cancelKill();
      end();
    };
    context.cancel().then(onCancelled, onCancelled);
  };
  const onAbort = () => giveUp(cancelled(plugin, 'build'));
  const tooLong = `Bundling plugin "${plugin}" took longer than ${buildMs} ms (limit buildMs).`;
  const cancelDeadline = clock.after(buildMs, () => giveUp(tooSlow('build', 'buildMs', tooLong)));
  signal?.addEventListener('abort', onAbort, { once: true });
  if (signal?.aborted) onAbort();
  else
    context.rebuild().then(
      (result) => isGivenUp || resolve(result),
      (error: unknown) => isGivenUp || reject(error),
    );
  return promise.finally(() => {
    cancelDeadline();
    signal?.removeEventListener('abort', onAbort);
  });
}
