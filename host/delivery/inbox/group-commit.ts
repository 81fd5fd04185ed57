import type { Store } from '../../store/store.ts';

interface Waiting {
  readonly run: () => void;
  readonly fail: (error: unknown) => void;
  readonly tell: () => void;
}

/**
 * Commits what comes at the same moment for good together: a disk takes as long for fifty messages as for one, and the
 * process stands still meanwhile. What throws fails alone; a failed commit fails all.
 */
export class GroupCommit {
  readonly #store: Pick<Store, 'transaction'>;
  #waiting: Waiting[] = [];

  constructor(store: Pick<Store, 'transaction'>) {
    this.#store = store;
  }

  /** Resolves with what `work` gave when that is on the disk. */
  run<T>(work: () => T): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    let result: { readonly value: T } | { readonly error: unknown } | null = null;
    this.#waiting.push({
      run: () => {
        result = { value: work() };
      },
      fail: (error) => {
        result = { error };
      },
      tell: () => {
        if (result === null) reject(new Error('The work of a group was never run.'));
        else if ('error' in result) reject(result.error);
        else resolve(result.value);
      },
    });
    if (this.#waiting.length === 1) setImmediate(() => this.#commit());
    return promise;
  }

  #commit(): void {
    const group = this.#waiting;
    this.#waiting = [];
    try {
      this.#store.transaction(() => this.#runAll(group), { full: true });
    } catch (error) {
      for (const one of group) one.fail(error);
    }
    for (const one of group) one.tell();
  }

  #runAll(group: readonly Waiting[]): void {
    if (group.length === 1) {
      group[0]?.run();
      return;
    }
    for (const one of group) {
      try {
        this.#store.transaction(() => one.run());
      } catch (error) {
        one.fail(error);
      }
    }
  }
}
