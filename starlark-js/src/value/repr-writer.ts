import { StarlarkError } from '../errors.ts';
import { charge, tick } from '../meter.ts';
import { maxNesting, maxStringLength } from './limits.ts';
import type { StarlarkObject } from './object.ts';

const BATCH = 4096;

/** Collects the text of a `repr` or `str`, bounded in size and depth, and knows the containers it is inside of. */
export class ReprWriter {
  #out = '';
  #charged = 0;
  readonly #path: StarlarkObject[] = [];

  text(part: string): void {
    this.#out += part;
    if (this.#out.length - this.#charged >= BATCH) this.#settle();
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
    return this.#out;
  }

  #settle(): void {
    const grown = this.#out.length - this.#charged;
    if (this.#out.length > maxStringLength)
      throw new StarlarkError('SIZE', `text of a value exceeds ${maxStringLength} characters`);
    charge(2 * grown);
    tick(grown >> 6);
    this.#charged = this.#out.length;
  }
}
