import { type ClayError, fromFailure } from '../errors.ts';
import type { Json } from '../json.ts';
import type { Answer, HostMessage, PluginMessage } from '../wire/message.ts';
import type { Port } from '../wire/port.ts';

/** What the host answered. */
export interface Answered {
  readonly value: Json;
  readonly blobs: readonly Uint8Array[];
}

/** What is asked of the host. */
export interface Asked {
  readonly method: string;
  readonly args: Json;
  /** Id of the call being served, if any. */
  readonly call: string | null;
  readonly signal?: AbortSignal | undefined;
  readonly blobs?: readonly Uint8Array[];
}

interface Pending {
  readonly resolve: (answer: Answered) => void;
  readonly reject: (error: unknown) => void;
  readonly stopListening: () => void;
}

/** What the plugin has asked of the host and not yet been answered. */
export class Requests {
  readonly #port: Port<PluginMessage, HostMessage>;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;

  constructor(port: Port<PluginMessage, HostMessage>) {
    this.#port = port;
  }

  /** Asks for a host function. An abort tells the host, which stops the work. */
  send({ method, args, call, signal, blobs = [] }: Asked): Promise<Answered> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const onAbort = () => {
        this.#pending.delete(id);
        this.#port.send({ type: 'abort', id });
        reject(signal?.reason);
      };
      this.#port.send({ type: 'request', id, method, args, call, ...(blobs.length === 0 ? {} : { blobs }) });
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#pending.set(id, { resolve, reject, stopListening: () => signal?.removeEventListener('abort', onAbort) });
    });
  }

  /** An answer to nothing that is pending (it was aborted) is dropped. */
  settle(answer: Answer): void {
    const pending = this.#pending.get(answer.id);
    if (pending === undefined) return;
    this.#pending.delete(answer.id);
    pending.stopListening();
    if (answer.failure === undefined) pending.resolve({ value: answer.value ?? null, blobs: answer.blobs ?? [] });
    else pending.reject(fromFailure(answer.failure));
  }

  rejectAll(error: ClayError): void {
    for (const pending of this.#pending.values()) {
      pending.stopListening();
      pending.reject(error);
    }
    this.#pending.clear();
  }
}
