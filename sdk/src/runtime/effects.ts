import { ClayError } from '../errors.ts';

interface Effect {
  readonly label: string;
  readonly release: () => void | Promise<void>;
}

/** What was acquired and has to be released: in reverse order, each once. */
export class Effects {
  readonly #held: Effect[] = [];
  #isReleased = false;

  /** Throws `CONFLICT` after {@link release}, and `BAD_ARGUMENTS` when `release` is no function. */
  add(label: string, release: () => void | Promise<void>): void {
    if (typeof release !== 'function') {
      throw new ClayError(
        'BAD_ARGUMENTS',
        `The effect "${label}" must return its release, a function, not ${typeof release}.`,
      );
    }
    if (this.#isReleased)
      throw new ClayError('CONFLICT', `The effect "${label}" was acquired after this generation had stopped.`);
    this.#held.push({ label, release });
  }

  /** Releases everything. One that throws is told to `onFailure`; the others are released all the same. */
  async release(onFailure: (label: string, thrown: unknown) => void): Promise<void> {
    this.#isReleased = true;
    for (let effect = this.#held.pop(); effect !== undefined; effect = this.#held.pop()) {
      try {
        await effect.release();
      } catch (thrown) {
        onFailure(effect.label, thrown);
      }
    }
  }
}
