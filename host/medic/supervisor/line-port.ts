import type { Duplex } from 'node:stream';
import type { Clock } from '@clay/sdk';
import { Lines } from './lines.ts';

export interface LinePortOptions<In> {
  /**
   * Two pipes: a message that can no longer be sent must not take with it what the other end has sent before it ended,
   * and a single socket is lost both ways at once.
   */
  readonly readable: Duplex;
  readonly writable: Duplex;
  readonly clock: Clock;
  /** Null for a line that is no message. */
  readonly parse: (line: string) => In | null;
  readonly onMessage: (message: In) => void;
  /** A line that is no message; the start of it. Nothing else comes of it. */
  readonly onBad: (line: string) => void;
  /** The other end is gone. */
  readonly onClosed: () => void;
}

const lineBytes = 64 * 1024;
/** What is read in one second; the rest waits in the pipe, and then with the sender. */
const linesPerSecond = 2_000;
const bytesPerSecond = 2 * 1024 * 1024;
/** Of a reader that does not read. */
const backlogBytes = 1024 * 1024;
const shownChars = 80;

/** Messages as lines of JSON between the medic and its host. What the other end sends can slow it, not harm it. */
export class LinePort<In, Out> {
  readonly #options: LinePortOptions<In>;
  readonly #lines = new Lines(lineBytes);
  #second = { at: 0, lines: 0, bytes: 0 };

  constructor(options: LinePortOptions<In>) {
    this.#options = options;
    const { readable, writable, onClosed } = options;
    readable.on('data', (chunk: Uint8Array) => this.#read(chunk));
    readable.on('end', () => readable.destroy());
    readable.on('close', onClosed);
    // A pipe that breaks is a pipe that ends: `close` follows.
    for (const stream of [readable, writable]) stream.on('error', () => stream.destroy());
    // Its end is heard only while it is read, although nothing comes.
    writable.resume();
  }

  send(message: Out): void {
    const { writable } = this.#options;
    if (!writable.writable || writable.writableLength > backlogBytes) return;
    writable.write(`${JSON.stringify(message)}\n`);
  }

  close(): void {
    this.#options.readable.destroy();
    this.#options.writable.destroy();
  }

  #read(chunk: Uint8Array): void {
    const { parse, onMessage, onBad } = this.#options;
    const lines = this.#lines.push(chunk);
    this.#throttle(lines.length, chunk.byteLength);
    for (const line of lines) {
      const message = line === null ? null : parse(line);
      if (message === null) onBad(line === null ? `a line of more than ${lineBytes} bytes` : line.slice(0, shownChars));
      else onMessage(message);
    }
  }

  #throttle(lines: number, bytes: number): void {
    const { readable, clock } = this.#options;
    const now = clock.now();
    if (now - this.#second.at >= 1_000 || now < this.#second.at) this.#second = { at: now, lines: 0, bytes: 0 };
    this.#second.lines += lines;
    this.#second.bytes += bytes;
    if (this.#second.lines <= linesPerSecond && this.#second.bytes <= bytesPerSecond) return;
    if (readable.isPaused()) return;
    readable.pause();
    clock.after(1_000, () => readable.resume());
  }
}
