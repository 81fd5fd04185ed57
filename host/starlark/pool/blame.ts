/** What is known of a script when its lane has died. */
export interface Suspect {
  readonly isRunning: boolean;
}

/**
 * Whose fault the death of a lane is. Code of one script runs at a time, so whoever had the last turn and was not
 * waiting for the host is the one; without such a turn it is everybody who was not waiting. Nobody, when all waited:
 * then only a script that was alone is known to be at fault.
 *
 * @param culprit the script that the host has killed the lane for
 * @param last the script whose code was told to run last
 */
export function blame<S extends Suspect>(
  scripts: readonly S[],
  culprit: S | undefined,
  last: S | undefined,
): ReadonlySet<S> {
  if (culprit !== undefined) return new Set([culprit]);
  if (last?.isRunning === true) return new Set([last]);
  const running = scripts.filter(({ isRunning }) => isRunning);
  return new Set(running.length === 0 && scripts.length === 1 ? scripts : running);
}
