/** What waits, by whom it waits for: everybody has a turn before anybody has two, and each gets its own in order. */
export class FairQueue<T> {
  readonly #waiting = new Map<number, T[]>();

  push(key: number, item: T): void {
    const items = this.#waiting.get(key);
    if (items === undefined) this.#waiting.set(key, [item]);
    else items.push(item);
  }

  /** The next; undefined when nothing waits. */
  shift(): { readonly key: number; readonly item: T } | undefined {
    const [first] = this.#waiting;
    if (first === undefined) return undefined;
    const [key, items] = first;
    const item = items.shift()!;
    this.#waiting.delete(key);
    // Behind all others.
    if (items.length > 0) this.#waiting.set(key, items);
    return { key, item };
  }

  drop(key: number): void {
    this.#waiting.delete(key);
  }
}
