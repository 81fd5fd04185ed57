import type { Life } from './life.ts';

interface Count {
  calls: number;
  failedCalls: number;
}

/** Calls that have ended since the policy heard of them last. It hears of a failure at once, of the rest in passing. */
export class CallCounts {
  readonly #counts = new Map<Life, Count>();

  /** Gives true when it is time to tell. */
  add(life: Life, isFailed: boolean): boolean {
    let count = this.#counts.get(life);
    if (count === undefined) {
      count = { calls: 0, failedCalls: 0 };
      this.#counts.set(life, count);
    }
    count.calls += 1;
    if (isFailed) count.failedCalls += 1;
    return isFailed || count.calls >= 20;
  }

  /** What is untold of one plugin; it counts as told. */
  take(plugin: string): readonly (Count & { readonly generation: number })[] {
    const taken: (Count & { generation: number })[] = [];
    for (const [life, count] of this.#counts) {
      if (life.plugin !== plugin) continue;
      this.#counts.delete(life);
      taken.push({ generation: life.generation, ...count });
    }
    return taken;
  }

  get plugins(): readonly string[] {
    return [...new Set([...this.#counts.keys()].map((life) => life.plugin))];
  }
}
