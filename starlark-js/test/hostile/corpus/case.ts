import type { Limits } from '../../../src/index.ts';

/** One program that means harm, and the ordinary end it must come to. */
export interface HostileCase {
  readonly name: string;
  readonly source: string;
  readonly limits?: Partial<Limits>;
  /** Matches `CODE: message` of the error; absent when the program must end well, with `output`. */
  readonly error?: RegExp;
  /** Clever enough code may come to an end of such a program within its budget, and that is well too. */
  readonly mayEnd?: boolean;
  readonly output?: string;
}

/** The codes of a program that wanted more than it may have. */
export const LIMIT: RegExp = /^(LIMIT_|SIZE|VALUE|OVERFLOW|NESTING)/;
export const MB: number = 1024 * 1024;
