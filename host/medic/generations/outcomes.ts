/** Lets callers wait until something under a name has ended. */
export class Outcomes {
  readonly #waiting = new Map<string, { readonly promise: Promise<void>; readonly resolve: () => void }>();

  /** Resolves at the next {@link end} of this name. */
  wait(name: string): Promise<void> {
    let entry = this.#waiting.get(name);
    if (entry === undefined) {
      const { promise, resolve } = Promise.withResolvers<void>();
      entry = { promise, resolve };
      this.#waiting.set(name, entry);
    }
    return entry.promise;
  }

  end(name: string): void {
    this.#waiting.get(name)?.resolve();
    this.#waiting.delete(name);
  }

  endAll(): void {
    for (const name of [...this.#waiting.keys()]) this.end(name);
  }
}
