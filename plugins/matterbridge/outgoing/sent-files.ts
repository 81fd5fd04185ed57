import type { Store } from '@clay/sdk';

const storeKey = 'sent-files';
/** Longer than the host tries one again. */
const mostRemembered = 200;

/** Which file has which message: what makes a repeated file the same file, also after a restart. */
export class SentFiles {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** The message's id. */
  async get(key: string): Promise<string | null> {
    return (await this.#all()).find(([known]) => known === key)?.[1] ?? null;
  }

  async add(key: string, id: string): Promise<void> {
    await this.#store.set(storeKey, [...(await this.#all()), [key, id]].slice(-mostRemembered));
  }

  async #all(): Promise<[string, string][]> {
    return ((await this.#store.get(storeKey)) ?? []) as [string, string][];
  }
}
