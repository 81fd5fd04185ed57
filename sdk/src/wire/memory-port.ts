import { ClayError } from '../errors.ts';
import { copyJson } from './copy.ts';
import type { HostMessage, Message, PluginMessage } from './message.ts';
import type { Port } from './port.ts';

/**
 * The two ends of a line inside one process. Every message is copied, so that neither side can hold a reference into
 * the other, and what a pipe would refuse is refused here.
 *
 * @example
 * ```ts
 * import { createMemoryPorts } from '@clay/sdk/wire';
 *
 * const { host, plugin } = createMemoryPorts();
 * plugin.receive((message) => console.log(message.type));
 * host.send({ type: 'ping', id: 1 });
 * ```
 */
export function createMemoryPorts(): {
  readonly host: Port<HostMessage, PluginMessage>;
  readonly plugin: Port<PluginMessage, HostMessage>;
} {
  const host = new MemoryPort<HostMessage, PluginMessage>();
  const plugin = new MemoryPort<PluginMessage, HostMessage>();
  host.connect(plugin);
  plugin.connect(host);
  return { host, plugin };
}

class MemoryPort<Out extends Message, In extends Message> implements Port<Out, In> {
  readonly closed: Promise<ClayError | null>;
  #resolveClosed!: (reason: ClayError | null) => void;
  #open = true;
  #peer: MemoryPort<In, Out> | null = null;
  #receiver: ((message: In) => void) | null = null;
  #queue: In[] = [];
  #delivering = false;

  constructor() {
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
  }

  connect(peer: MemoryPort<In, Out>): void {
    this.#peer = peer;
  }

  send(message: Out): void {
    if (!this.#open) return;
    this.#peer?.push(copyMessage(message));
  }

  receive(receiver: (message: In) => void): void {
    this.#receiver = receiver;
    this.#schedule();
  }

  close(reason?: ClayError): void {
    if (!this.#open) return;
    this.#open = false;
    this.#resolveClosed(reason ?? null);
    // What was sent before the close still arrives, as on a pipe.
    queueMicrotask(() => this.#peer?.close(reason));
  }

  push(message: In): void {
    if (!this.#open) return;
    this.#queue.push(message);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#delivering || this.#receiver === null || this.#queue.length === 0) return;
    this.#delivering = true;
    queueMicrotask(() => {
      const batch = this.#queue;
      this.#queue = [];
      this.#delivering = false;
      try {
        for (const message of batch) this.#receiver?.(message);
      } catch (thrown) {
        this.close(thrown instanceof ClayError ? thrown : new ClayError('INTERNAL', String(thrown), { cause: thrown }));
      }
      this.#schedule();
    });
  }
}

function copyMessage<M extends Message>(message: M): M {
  if (!('blobs' in message) || message.blobs === undefined) return copyJson(message, message.type) as unknown as M;
  const { blobs, ...rest } = message;
  const copied = copyJson(rest, message.type) as unknown as M;
  // Not `slice`: that of a Buffer shares its memory.
  return { ...copied, blobs: blobs.map((blob) => new Uint8Array(blob)) };
}
