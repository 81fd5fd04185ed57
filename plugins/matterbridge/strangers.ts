import type { Store } from '@clay/sdk';

/** More than this many people are not greeted: whoever sends them is no person. */
const mostGreeted = 1000;
const prefix = 'greeted/';

/** What somebody hears who may not talk to the claw. */
export const strangerLine =
  'Hello! I am a personal assistant and talk only with the people I belong to. Please ask my owner if you should be one of them.';

/** Each stranger hears one line, once. */
export class Strangers {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Whether this one has to be told. */
  async isNew(user: string): Promise<boolean> {
    const key = `${prefix}${user}`;
    const greeted = await this.#store.list(prefix);
    if (greeted.includes(key) || greeted.length >= mostGreeted) return false;
    await this.#store.set(key, true);
    return true;
  }
}
