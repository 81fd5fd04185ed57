import type { Readable, Writable } from 'node:stream';
import { ClayError } from '../errors.ts';
import { assertJson } from './copy.ts';
import { encodeFrame, FrameDecoder, type RawFrame } from './frame.ts';
import type { HostMessage, PluginMessage } from './message.ts';
import type { Framed, Port } from './port.ts';
import { parseHostMessage, parsePluginMessage } from './validate.ts';

/** A far side that does not read is cut off before what waits for it fills the memory. */
export const maxUnreadBytes: number = 64 * 1024 * 1024;

/** The two directions of a pipe; a socket is both. */
export interface ByteStreams {
  readonly readable: Readable;
  readonly writable: Writable;
}

/** The host's end of a line over a pipe. */
export function createHostStreamPort(streams: ByteStreams): Port<HostMessage, PluginMessage> {
  return createStreamPort(streams, parsePluginMessage);
}

/** The plugin's end of a line over a pipe. */
export function createPluginStreamPort(streams: ByteStreams): Port<PluginMessage, HostMessage> {
  return createStreamPort(streams, parseHostMessage);
}

/**
 * One end of a line over a pipe that speaks another protocol in the same frames.
 *
 * @param parse reads what came; what it throws closes the line
 */
export function createStreamPort<Out extends Framed, In extends Framed>(
  streams: ByteStreams,
  parse: (frame: RawFrame) => In,
): Port<Out, In> {
  return new StreamPort<Out, In>(streams, parse);
}

class StreamPort<Out extends Framed, In extends Framed> implements Port<Out, In> {
  readonly closed: Promise<ClayError | null>;
  readonly #readable: Readable;
  readonly #writable: Writable;
  readonly #parse: (frame: RawFrame) => In;
  readonly #decoder = new FrameDecoder();
  #resolveClosed!: (reason: ClayError | null) => void;
  #receiver: ((message: In) => void) | null = null;
  #isOpen = true;
  /** Why nothing can be said any more. */
  #broken: ClayError | null = null;

  constructor({ readable, writable }: ByteStreams, parse: (frame: RawFrame) => In) {
    this.#readable = readable;
    this.#writable = writable;
    this.#parse = parse;
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    readable.on('end', () => this.#ended());
    readable.on('close', () => this.#ended());
    // A broken pipe is a death like any other; without a listener it would end the process.
    readable.on('error', (cause) => this.close(broken(cause)));
    writable.on('error', (cause) => {
      this.#broken ??= broken(cause);
      // What the far side said before it died is still to be read, where that comes by a pipe of its own.
      if (readable.destroyed || readable.readableEnded) this.close(this.#broken);
    });
  }

  send(message: Out): void {
    if (!this.#isOpen) return;
    assertJson(message, message.type);
    if (this.#broken !== null) return;
    this.#writable.write(encodeFrame(message));
    if (this.#writable.writableLength > maxUnreadBytes) {
      this.close(new ClayError('WIRE', `The far side has not read ${this.#writable.writableLength} bytes.`));
    }
  }

  receive(receiver: (message: In) => void): void {
    this.#receiver = receiver;
    // Not before: until somebody listens, the pipe itself holds what comes, and holds back the sender.
    this.#readable.on('data', (chunk: Uint8Array) => this.#read(chunk));
  }

  close(reason?: ClayError): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    // With a reason nothing that waits matters any more; without one, what was sent still goes out.
    if (reason === undefined) this.#writable.end();
    else this.#writable.destroy();
    this.#readable.destroy();
    this.#resolveClosed(reason ?? null);
  }

  #read(chunk: Uint8Array): void {
    try {
      for (const frame of this.#decoder.push(chunk)) {
        if (!this.#isOpen) return;
        this.#receiver?.(this.#parse(frame));
      }
    } catch (thrown) {
      this.close(thrown instanceof ClayError ? thrown : new ClayError('INTERNAL', String(thrown), { cause: thrown }));
    }
  }

  #ended(): void {
    if (!this.#isOpen) return;
    try {
      this.#decoder.end();
      this.close(this.#broken ?? undefined);
    } catch (thrown) {
      this.close(thrown as ClayError);
    }
  }
}

function broken(cause: Error): ClayError {
  return new ClayError('UNAVAILABLE', `The line broke: ${cause.message}`, { cause });
}
