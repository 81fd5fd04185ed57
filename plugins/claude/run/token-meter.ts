import type { StatedTokens } from './step.ts';

/** Tokens of a run, summed over its answers. The events of one answer repeat its counts; the greatest of each holds. */
export class TokenMeter {
  readonly #byMessage = new Map<string, StatedTokens>();
  #last = '';

  get total(): number {
    return [...this.#byMessage.values()].reduce((sum, { input, output }) => sum + input + output, 0);
  }

  /** @param message the answer; empty: the one that was told of last */
  add(message: string, { input, output }: StatedTokens): void {
    const id = message === '' ? this.#last : message;
    this.#last = id;
    const known = this.#byMessage.get(id) ?? { input: 0, output: 0 };
    this.#byMessage.set(id, { input: Math.max(known.input, input), output: Math.max(known.output, output) });
  }
}
