import { StringDecoder } from 'node:string_decoder';

/** Keeps the beginning and the end of an output of any length, within a number of characters. */
export class OutputBuffer {
  readonly #half: number;
  #head = '';
  #tail = '';
  #length = 0;

  constructor(maxChars: number) {
    this.#half = Math.floor(maxChars / 2);
  }

  /** A sink for one stream; a character that comes in two pieces is put together. */
  sink(): { write(chunk: Buffer): void; end(): void } {
    const decoder = new StringDecoder('utf8');
    return {
      write: (chunk) => this.#append(decoder.write(chunk)),
      end: () => this.#append(decoder.end()),
    };
  }

  get isCut(): boolean {
    return this.#length > this.#half * 2;
  }

  toString(): string {
    if (!this.isCut) return (this.#head + this.#tail).toWellFormed();
    const cut = this.#length - this.#half * 2;
    return `${this.#head}\n[… ${cut} characters cut …]\n${this.#tail.slice(-this.#half)}`.toWellFormed();
  }

  #append(text: string): void {
    this.#length += text.length;
    const room = this.#half - this.#head.length;
    this.#head += text.slice(0, room);
    this.#tail += text.slice(room);
    // Cut now and then, not at every chunk: a string that only grows is cheap.
    if (this.#tail.length > this.#half * 4) this.#tail = this.#tail.slice(-this.#half);
  }
}
