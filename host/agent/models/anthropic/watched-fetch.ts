import type { Clock } from '@clay/sdk';
import { ModelError } from '../model-error.ts';

/** Aborts a call when no byte has arrived for a while, pings included. */
export class IdleWatch {
  readonly #clock: Clock;
  readonly #idleMs: number;
  readonly #controller = new AbortController();
  #cancel: () => void = () => undefined;

  constructor(clock: Clock, idleMs: number) {
    this.#clock = clock;
    this.#idleMs = idleMs;
    this.touch();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  touch(): void {
    this.#cancel();
    this.#cancel = this.#clock.after(this.#idleMs, () => this.#controller.abort());
  }

  end(): void {
    this.#cancel();
  }
}

/** A `fetch` that reports every chunk to the watch, and refuses a success that is not an event stream. */
export function watchedFetch(watch: IdleWatch, address: string): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    watch.touch();
    if (!response.ok || !response.body) return response;
    const type = response.headers.get('content-type') ?? 'none';
    if (!type.includes('text/event-stream')) {
      const beginning = (await response.text()).slice(0, 500);
      throw new ModelError('MODEL_BAD_ANSWER', {
        details: `${address}: expected an event stream, got content type ${type}: ${beginning}`,
      });
    }
    const body = response.body.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, controller) {
          watch.touch();
          controller.enqueue(chunk);
        },
      }),
    );
    return new Response(body, { status: response.status, headers: response.headers });
  };
}
