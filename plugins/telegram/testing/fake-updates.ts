import type { JsonObject } from '@clay/sdk';
import { FakeRefusal } from './fake-refusal.ts';

type Update = JsonObject & { readonly update_id: number };

/** The updates of one bot: kept until an offset confirms them, for one reader at a time. */
export class FakeUpdates {
  #queue: Update[] = [];
  #lastId = 1000;
  #reader: { readonly wake: () => void; readonly cut: (reason: FakeRefusal) => void } | null = null;
  /** The highest offset that a reader has confirmed. */
  confirmed = 0;
  /** Whether somebody waits for updates now. */
  get isRead(): boolean {
    return this.#reader !== null;
  }

  /** Ids of what no offset has confirmed. */
  get waiting(): readonly number[] {
    return this.#queue.map(({ update_id }) => update_id);
  }

  add(kind: string, content: JsonObject): number {
    const id = ++this.#lastId;
    this.#queue.push({ update_id: id, [kind]: content });
    this.#reader?.wake();
    return id;
  }

  /** What is next for a webhook. */
  first(allowed: readonly string[] | null): Update | undefined {
    this.#queue = this.#queue.filter((update) => isAllowed(update, allowed));
    return this.#queue[0];
  }

  confirm(id: number): void {
    this.confirmed = id + 1;
    this.#queue = this.#queue.filter(({ update_id }) => update_id > id);
  }

  /** Ends the wait of who reads now, as Telegram does after a while. */
  release(): void {
    this.#reader?.wake();
  }

  /** A long poll. A second reader ends the first with 409, as the Bot API does. */
  async read(
    allowed: readonly string[] | null,
    offset: number,
    timeoutS: number,
    limit: number,
    gone: AbortSignal,
  ): Promise<readonly Update[]> {
    this.#reader?.cut(
      new FakeRefusal(
        409,
        'Conflict: terminated by other getUpdates request; make sure that only one bot instance is running',
      ),
    );
    if (offset > this.confirmed) this.confirmed = offset;
    this.#queue = this.#queue.filter((update) => update.update_id >= offset && isAllowed(update, allowed));
    if (this.#queue.length === 0 && timeoutS > 0) await this.#wait(timeoutS, gone);
    this.#queue = this.#queue.filter((update) => isAllowed(update, allowed));
    return this.#queue.slice(0, limit);
  }

  async #wait(timeoutS: number, gone: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const reader = { wake: resolve, cut: reject };
    this.#reader = reader;
    const timer = setTimeout(resolve, timeoutS * 1000);
    const onGone = () => resolve();
    gone.addEventListener('abort', onGone, { once: true });
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      gone.removeEventListener('abort', onGone);
      if (this.#reader === reader) this.#reader = null;
    }
  }
}

/** Telegram drops what the bot did not ask for. */
function isAllowed(update: Update, allowed: readonly string[] | null): boolean {
  return allowed === null || allowed.length === 0 || allowed.some((kind) => kind in update);
}
