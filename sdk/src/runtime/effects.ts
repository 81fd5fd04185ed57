import { ClayError } from '../errors.ts';

interface Effect {
  readonly label: string;
  readonly release: () => void | Promise<void>;
}

/** What was acquired and has to be released: in reverse order, each once. */
export class Effects {
  #held: Effect[] = [];
  #closed = false;

  /** Oldest first. */
  list(): readonly string[] {
    return this.#held.map((effect) => effect.label);
  }

  /** Registers a release; gives the way to release it early. Throws `CONFLICT` after {@link release}. */
  add(label: string, release: () => void | Promise<void>): () => Promise<void> {
    if (this.#closed)
      throw new ClayError('CONFLICT', `The effect "${label}" was acquired after this generation had stopped.`);
    const effect = { label, release };
    this.#held.push(effect);
    return async () => {
      const index = this.#held.indexOf(effect);
      if (index < 0) return;
      this.#held.splice(index, 1);
      await release();
    };
  }

  /** Releases everything. One that throws is told to `onFailure`; the others are released all the same. */
  async release(onFailure: (label: string, thrown: unknown) => void): Promise<void> {
    this.#closed = true;
    for (let effect = this.#held.pop(); effect !== undefined; effect = this.#held.pop()) {
      try {
        await effect.release();
      } catch (thrown) {
        onFailure(effect.label, thrown);
      }
    }
  }
}
