import type { IdleWatch } from '../idle-watch.ts';
import { ModelError } from '../model-error.ts';

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
