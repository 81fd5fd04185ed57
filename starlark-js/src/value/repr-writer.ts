import { StarlarkError } from '../errors.ts';
import { charge, tick } from '../meter.ts';
import { maxNesting, maxStringLength } from './limits.ts';
import type { StarlarkObject } from './object.ts';
import { quoteString } from './quote.ts';

const BATCH = 4096;

/** Collects the text of a `repr` or `str`, bounded in size and depth, and knows the containers it is inside of. */
export class ReprWriter {
  #recent = '';
  #settled = 0;
  readonly #parts: string[] = [];
  readonly #path: StarlarkObject[] = [];
  /** The most characters that are wanted, none settled before. */
  readonly #cap: number;

  constructor(cap: number = maxStringLength) {
    this.#cap = cap;
  }

  text(part: string): void {
    this.#recent += part;
    if (this.#recent.length >= BATCH) this.#settle();
    else if (this.#recent.length > this.#cap) throw tooLong(this.#cap);
  }

  /** A string as a literal. One that exceeds what is wanted is not quoted as a whole. */
  string(s: string): void {
    this.text(quoteString(s.length > this.#cap ? s.slice(0, this.#cap) : s));
  }

  /** What was written before the writer threw. */
  get beginning(): string {
    return this.#parts.join('') + this.#recent;
  }

  /** Runs `body` inside of `container`; false, without running it, when the container is already open: a cycle. */
  nest(container: StarlarkObject, body: () => void): boolean {
    const path = this.#path;
    if (path.includes(container)) return false;
    if (path.length >= maxNesting)
      throw new StarlarkError('NESTING', `value is nested more than ${maxNesting} levels deep, too deep to print`);
    path.push(container);
    body();
    path.pop();
    return true;
  }

  get result(): string {
    this.#settle();
    return this.#parts.length === 1 ? this.#parts[0]! : this.#parts.join('');
  }

  #settle(): void {
    const recent = this.#recent;
    this.#settled += recent.length;
    if (this.#settled > this.#cap) throw tooLong(this.#cap);
    charge(2 * recent.length);
    tick(recent.length >> 4);
    // Reading a character makes V8 copy the pieces into one string; left alone, each piece would cost 32 bytes.
    recent.charCodeAt(0);
    this.#parts.push(recent);
    this.#recent = '';
  }
}

function tooLong(cap: number): StarlarkError {
  return new StarlarkError('SIZE', `text of a value exceeds ${cap} characters`);
}
