import { StringDecoder } from 'node:string_decoder';

/** A file that is read or written comes within one line; more than this is kept by nobody. */
const longestLine = 16 * 1024 * 1024;

/** Lines of a stream, whole, in whatever pieces they come. A line beyond all measure is dropped and counted. */
export class LineSplitter {
  readonly #longest: number;
  readonly #decoder = new StringDecoder('utf8');
  #pieces: string[] = [];
  #length = 0;
  #dropped = 0;

  constructor(longest: number = longestLine) {
    this.#longest = longest;
  }

  get dropped(): number {
    return this.#dropped;
  }

  *split(chunk: Uint8Array): Generator<string> {
    const parts = this.#decoder.write(chunk).split('\n');
    const rest = parts.pop() ?? '';
    for (const part of parts) {
      this.#keep(part);
      yield* this.#take();
    }
    this.#keep(rest);
  }

  /** What came after the last line break. */
  *end(): Generator<string> {
    this.#keep(this.#decoder.end());
    yield* this.#take();
  }

  #keep(piece: string): void {
    this.#length += piece.length;
    if (this.#length <= this.#longest) this.#pieces.push(piece);
    else this.#pieces = [];
  }

  *#take(): Generator<string> {
    const line = this.#pieces.join('');
    if (this.#length > this.#longest) this.#dropped++;
    else if (line.trim() !== '') yield line;
    this.#pieces = [];
    this.#length = 0;
  }
}
