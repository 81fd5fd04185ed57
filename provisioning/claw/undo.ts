/** What was done of something that has to happen wholly or not at all. */
export class Undo {
  readonly #steps: { readonly what: string; readonly run: () => Promise<unknown> | unknown }[] = [];

  /** Notes how to take back what was just done. */
  push(what: string, run: () => Promise<unknown> | unknown): void {
    this.#steps.push({ what, run });
  }

  /** Takes everything back, the last first; what cannot be taken back is told, and the rest goes on. */
  async run(say: (line: string) => void): Promise<void> {
    for (const { what, run } of this.#steps.splice(0).reverse()) {
      try {
        await run();
      } catch (error) {
        say(`could not take back "${what}": ${(error as Error).message}`);
      }
    }
  }
}
