/** Work on one name, one at a time: what waits is replaced by what comes later, and what runs is told to make way. */
export class LatestWork<Result> {
  #running: { readonly abort: AbortController } | null = null;
  #next: Job<Result> | null = null;

  /**
   * Runs `work` when what runs now has ended. Gives null when later work took its place before it began; the signal aborts
   * when later work comes while it runs.
   */
  submit(work: (signal: AbortSignal) => Promise<Result>): Promise<Result | null> {
    this.#next?.resolve(null);
    const { promise, resolve, reject } = Promise.withResolvers<Result | null>();
    this.#next = { work, resolve, reject };
    this.#running?.abort.abort();
    if (this.#running === null) this.#run();
    return promise;
  }

  /** Runs `work` when what runs now has ended, unless something waits already: then that is the later word. Gives null for that. */
  append(work: (signal: AbortSignal) => Promise<Result>): Promise<Result | null> {
    if (this.#next !== null) return Promise.resolve(null);
    const { promise, resolve, reject } = Promise.withResolvers<Result | null>();
    this.#next = { work, resolve, reject };
    if (this.#running === null) this.#run();
    return promise;
  }

  /** What waits is dropped, and what runs is told to end. */
  stop(): void {
    this.#next?.resolve(null);
    this.#next = null;
    this.#running?.abort.abort();
  }

  #run(): void {
    const job = this.#next;
    if (job === null) return;
    this.#next = null;
    const abort = new AbortController();
    this.#running = { abort };
    const ended = () => {
      this.#running = null;
      this.#run();
    };
    job.work(abort.signal).then(job.resolve, job.reject).finally(ended);
  }
}

interface Job<Result> {
  readonly work: (signal: AbortSignal) => Promise<Result>;
  readonly resolve: (result: Result | null) => void;
  readonly reject: (error: unknown) => void;
}
