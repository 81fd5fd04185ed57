import { ClayError } from '../errors.ts';
import type { Json } from '../json.ts';
import { copyJson } from './copy.ts';
import { maxFrameBytes, tooLarge } from './frame.ts';
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
  const { blobs, ...rest } = message as M & { readonly blobs?: readonly Uint8Array[] };
  const copied = copyJson(rest, message.type);
  const bytes = (blobs ?? []).reduce((sum, blob) => sum + blob.byteLength, sizeOf(copied));
  // A plugin that works in memory has to work over a pipe: the same cap, by a size that is never above the real one.
  if (bytes > maxFrameBytes) throw tooLarge(message.type, bytes);
  if (blobs === undefined) return copied as unknown as M;
  // Not `slice`: that of a Buffer shares its memory.
  return { ...(copied as unknown as M), blobs: blobs.map((blob) => new Uint8Array(blob)) };
}

function sizeOf(value: Json): number {
  if (typeof value === 'string') return value.length + 2;
  if (typeof value !== 'object' || value === null) return 1;
  let size = 2;
  if (Array.isArray(value)) for (const item of value) size += sizeOf(item) + 1;
  else for (const [name, member] of Object.entries(value)) size += name.length + 4 + sizeOf(member);
  return size;
}
