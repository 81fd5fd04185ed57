/** Lets sub-agents wait until an event that one of them made is in the database. */
export class CommitWaiters {
  readonly #waiting = new Map<string, PromiseWithResolvers<void>>();

  wait(eventId: string): Promise<void> {
    // An event of an agent within an agent is waited for by both.
    const waiter = this.#waiting.get(eventId) ?? Promise.withResolvers<void>();
    this.#waiting.set(eventId, waiter);
    return waiter.promise;
  }

  resolve(eventId: string): void {
    this.#waiting.get(eventId)?.resolve();
    this.#waiting.delete(eventId);
  }

  rejectAll(reason: Error): void {
    for (const waiter of this.#waiting.values()) waiter.reject(reason);
    this.#waiting.clear();
  }
}
