import type { Note } from '../diagnostic.ts';

/** Thrown inside the parser where a statement cannot be read on; the statement's own catch makes a diagnostic of it. */
export class SyntaxFailure extends Error {
  readonly code: string;
  readonly start: number;
  readonly end: number;
  readonly hint: string | undefined;
  readonly notes: readonly Note[];

  constructor(code: string, message: string, start: number, end: number, hint?: string, notes: readonly Note[] = []) {
    super(message);
    this.code = code;
    this.start = start;
    this.end = end;
    this.hint = hint;
    this.notes = notes;
  }
}
