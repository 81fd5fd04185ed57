/** The last bytes of what a process wrote. */
export class OutputTail {
  readonly #limit: number;
  #chunks: Uint8Array[] = [];
  #size = 0;
  #cut = 0;

  constructor(limitBytes: number) {
    this.#limit = limitBytes;
  }

  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#size += chunk.byteLength;
    // Twice the limit before anything is copied, so that many small writes stay cheap.
    if (this.#size > 2 * this.#limit) this.#trim();
  }

  toString(): string {
    this.#trim();
    const text = new TextDecoder().decode(this.#chunks[0] ?? new Uint8Array());
    return this.#cut === 0 ? text : `[${this.#cut} bytes before this were cut]\n${text}`;
  }

  #trim(): void {
    const all = Buffer.concat(this.#chunks);
    const kept = all.subarray(Math.max(0, all.byteLength - this.#limit));
    this.#cut += all.byteLength - kept.byteLength;
    this.#chunks = [new Uint8Array(kept)];
    this.#size = kept.byteLength;
  }
}
