/** A file of 10 MB in base64, with room for a few of them. */
const maxLineUnits = 64 * 1024 * 1024;

/** Cuts a stream of bytes into lines. A line that never ends is dropped as a whole, and what follows it is read. */
export class LineSplitter {
  readonly #decoder = new TextDecoder();
  readonly #maxUnits: number;
  #parts: string[] = [];
  #units = 0;
  #isDropping = false;
  /** Lines that were too long. */
  dropped = 0;

  constructor(maxUnits = maxLineUnits) {
    this.#maxUnits = maxUnits;
  }

  push(bytes: Uint8Array): readonly string[] {
    const lines: string[] = [];
    const text = this.#decoder.decode(bytes, { stream: true });
    let start = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      this.#keep(text.slice(start, end));
      if (this.#isDropping) this.dropped++;
      else lines.push(this.#parts.join(''));
      this.#clear();
      this.#isDropping = false;
      start = end + 1;
    }
    this.#keep(text.slice(start));
    return lines;
  }

  /** UTF-16 units of a line that has begun and not ended. */
  get rest(): number {
    return this.#units;
  }

  #keep(part: string): void {
    if (part === '') return;
    this.#units += part.length;
    if (this.#isDropping) return;
    if (this.#units > this.#maxUnits) {
      this.#isDropping = true;
      this.#parts = [];
    } else this.#parts.push(part);
  }

  #clear(): void {
    this.#parts = [];
    this.#units = 0;
  }
}
