import type { Clock } from '@clay/sdk';

/** Longer than a plugin has to answer a cancel; whoever takes longer heeds none. */
const graceMs = 2_500;

/** The calls of a turn that have begun and not ended. A turn that is cancelled gives them a moment to tell what they did. */
export class RunningCalls {
  readonly #calls = new Set<Promise<unknown>>();

  /** Gives the promise back, and knows of it until it settles. */
  track<T>(call: Promise<T>): Promise<T> {
    this.#calls.add(call);
    const forget = () => this.#calls.delete(call);
    call.then(forget, forget);
    return call;
  }

  /** Resolves when all have ended, or when the grace is over. */
  async settle(clock: Clock): Promise<void> {
    if (this.#calls.size === 0) return;
    const over = Promise.withResolvers<void>();
    const cancel = clock.after(graceMs, over.resolve);
    await Promise.race([Promise.allSettled(this.#calls), over.promise]);
    cancel();
  }
}
