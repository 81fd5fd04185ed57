/** What a command sees of the world around the process, so that tests can stand in for it. */
export interface Terminal {
  readonly folder: string;
  /** Whether standard output shows colours. */
  readonly hasColor: boolean;
  out(text: string): void;
  err(text: string): void;
  /** All of standard input. */
  readInput(): string;
}

/** How a command ended: what it was asked, it did; the program, the check or a test failed; it was called wrongly. */
export const SUCCESS = 0;
export const FAILURE = 1;
export const USAGE = 2;

/** The command line makes no sense; the message says why. */
export class UsageError extends Error {}
