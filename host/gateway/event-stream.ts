import type { Clock } from '@clay/sdk';
import type { Reply } from './fastify.ts';

/** A comment keeps proxies and idle timers from cutting a stream in which nothing happens. */
const pingMs = 15_000;
/** A client that takes nothing for this long is cut off; it can come back with `Last-Event-ID`. */
const stallMs = 60_000;

/** One open `text/event-stream` answer. */
export class EventStream {
  readonly #reply: Reply;
  readonly #clock: Clock;
  readonly #closed = new AbortController();
  #cancelPing: () => void = () => {};

  /** Sends the headers; from here on nothing can fail with a status. */
  constructor(reply: Reply, clock: Clock, headers: Readonly<Record<string, string>> = {}) {
    this.#reply = reply;
    this.#clock = clock;
    reply.hijack();
    reply.raw.on('close', () => this.#closed.abort());
    reply.raw.on('error', () => this.#closed.abort());
    if (reply.raw.destroyed) this.#closed.abort();
    reply.raw.writeHead(200, {
      ...(reply.getHeaders() as Record<string, string>),
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      connection: 'keep-alive',
      'x-accel-buffering': 'no',
      ...headers,
    });
    reply.raw.flushHeaders();
    this.#schedulePing();
  }

  /** Aborted when the client has gone. */
  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  /**
   * Sends one JSON line; resolves when the client can take more. The id goes into a block of its own behind the data: a
   * client that is cut between the two gets the event twice rather than never, and one that wants a block to begin with
   * `data: ` and hold nothing else still reads it.
   */
  async send(data: unknown, id?: string): Promise<void> {
    const text = `data: ${JSON.stringify(data)}\n\n`;
    await this.#write(id === undefined ? text : `${text}id: ${id}\n\n`);
  }

  end(): void {
    this.#cancelPing();
    if (!this.#reply.raw.destroyed) this.#reply.raw.end();
  }

  async #write(text: string): Promise<void> {
    if (this.#closed.signal.aborted) return;
    if (this.#reply.raw.write(text)) return;
    await new Promise<void>((resolve) => {
      const cancelStall = this.#clock.after(stallMs, () => this.#reply.raw.destroy());
      const settle = () => {
        cancelStall();
        this.#reply.raw.off('drain', settle);
        this.#closed.signal.removeEventListener('abort', settle);
        resolve();
      };
      this.#reply.raw.once('drain', settle);
      this.#closed.signal.addEventListener('abort', settle, { once: true });
    });
  }

  #schedulePing(): void {
    this.#cancelPing = this.#clock.after(pingMs, () => {
      if (this.#closed.signal.aborted) return;
      // A client that is behind gets its data first; a ping would only grow the queue.
      if (!this.#reply.raw.writableNeedDrain) this.#reply.raw.write(': ping\n\n');
      this.#schedulePing();
    });
    this.#closed.signal.addEventListener('abort', this.#cancelPing, { once: true });
  }
}
