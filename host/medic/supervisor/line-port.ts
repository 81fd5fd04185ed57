import type { Duplex } from 'node:stream';
import type { Clock } from '@clay/sdk';
import { Lines } from './lines.ts';

export interface LinePortOptions<In> {
  readonly stream: Duplex;
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
    const { stream, onClosed } = options;
    stream.on('data', (chunk: Uint8Array) => this.#read(chunk));
    stream.on('end', () => stream.destroy());
    // A line that breaks is a line that ends: `close` follows.
    stream.on('error', () => stream.destroy());
    stream.on('close', onClosed);
  }

  send(message: Out): void {
    const { stream } = this.#options;
    if (!stream.writable || stream.writableLength > backlogBytes) return;
    stream.write(`${JSON.stringify(message)}\n`);
  }

  close(): void {
    this.#options.stream.destroy();
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
    const { stream, clock } = this.#options;
    const now = clock.now();
    if (now - this.#second.at >= 1_000 || now < this.#second.at) this.#second = { at: now, lines: 0, bytes: 0 };
    this.#second.lines += lines;
    this.#second.bytes += bytes;
    if (this.#second.lines <= linesPerSecond && this.#second.bytes <= bytesPerSecond) return;
    if (stream.isPaused()) return;
    stream.pause();
    clock.after(1_000, () => stream.resume());
  }
}
