export interface Outcome {
  readonly name: string;
  /** Null: it went well. */
  readonly error: Error | null;
}

/**
 * Does the work for one name, then for `size` of them at a time, and begins no further wave after a failure: an image that is
 * wrong meets one claw and not all.
 *
 * @returns what was done, in order, and the names that were left
 */
export async function inWaves(
  names: readonly string[],
  size: number,
  work: (name: string) => Promise<void>,
): Promise<{ readonly done: readonly Outcome[]; readonly left: readonly string[] }> {
  const done: Outcome[] = [];
  const queue = [...names];
  while (queue.length > 0 && done.every(({ error }) => error === null)) {
    const wave = queue.splice(0, done.length === 0 ? 1 : size);
    done.push(...(await Promise.all(wave.map((name) => outcomeOf(name, work)))));
  }
  return { done, left: queue };
}

async function outcomeOf(name: string, work: (name: string) => Promise<void>): Promise<Outcome> {
  try {
    await work(name);
    return { name, error: null };
  } catch (error) {
    return { name, error: error as Error };
  }
}
