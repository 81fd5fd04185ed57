const newline = 10;

/** Cuts bytes into lines as they arrive, and holds no more than `limit` bytes of one that does not end. */
export class Lines {
  readonly #limit: number;
  #parts: Uint8Array[] = [];
  #size = 0;

  constructor(limitBytes: number) {
    this.#limit = limitBytes;
  }

  /** The lines that these bytes end; null for one that is longer than the limit. */
  push(bytes: Uint8Array): (string | null)[] {
    const lines: (string | null)[] = [];
    let start = 0;
    for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, start)) {
      this.#keep(bytes.subarray(start, end));
      lines.push(this.#take());
      start = end + 1;
    }
    this.#keep(bytes.subarray(start));
    return lines;
  }

  #keep(part: Uint8Array): void {
    this.#size += part.byteLength;
    if (this.#size > this.#limit) this.#parts = [];
    else if (part.byteLength > 0) this.#parts.push(part);
  }

  #take(): string | null {
    const line = this.#size > this.#limit ? null : Buffer.concat(this.#parts).toString();
    this.#parts = [];
    this.#size = 0;
    return line;
  }
}
