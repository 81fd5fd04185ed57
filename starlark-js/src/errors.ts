/** Every way in which a running Starlark program can fail. The message is for people, the code is for programs. */
export type ErrorCode =
  /** An operation met operands of types that it does not take. */
  | 'TYPE'
  /** The types fit, the value does not. */
  | 'VALUE'
  | 'INDEX'
  | 'KEY'
  | 'ATTRIBUTE'
  /** A call with too many, too few, unknown or repeated arguments. */
  | 'ARGUMENTS'
  | 'UNHASHABLE'
  /** A change to a frozen value. */
  | 'FROZEN'
  /** A change to a container while a loop runs over it. */
  | 'ITERATING'
  | 'ZERO_DIVISION'
  /** A number too large for its target. */
  | 'OVERFLOW'
  /** Data nested deeper than the operation follows. */
  | 'NESTING'
  /** An integer, string or container larger than one value may be. */
  | 'SIZE'
  /** The program called `fail`. */
  | 'FAIL'
  | 'UNASSIGNED'
  | 'RECURSION'
  | 'LOAD'
  | 'JSON'
  | 'REGEX'
  /** A host function failed; `cause` holds what it threw. */
  | 'HOST'
  /** JavaScript data that has no Starlark value, or the other way round. */
  | 'CONVERT'
  | 'SYNTAX'
  | 'CANCELLED'
  | 'LIMIT_STEPS'
  | 'LIMIT_BYTES'
  | 'LIMIT_DEPTH'
  | 'LIMIT_TIME'
  | 'LIMIT_OUTPUT'
  /** A fault of this package. Please report it. */
  | 'INTERNAL';

/** One open call of the program, with the place it had got to. Lines and columns count from 1. */
export interface Frame {
  /** The function's name; `<toplevel>` for statements outside functions, `lambda` for a lambda. */
  readonly function: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly sourceLine: string;
}

/**
 * An error of the running program. Its JavaScript stack is what the positions of the backtrace are read from.
 *
 * @example
 * ```ts
 * const error = new StarlarkError('KEY', 'key "a" not in dict', ['keys: "b", "c"']);
 * error.code; // 'KEY'
 * ```
 */
export class StarlarkError extends Error {
  readonly code: ErrorCode;
  /** What helps to understand the message: operands, near names, what to write instead. One sentence each. */
  readonly notes: readonly string[];
  /** The open calls, innermost last. Filled in where the error leaves the program. */
  backtrace: readonly Frame[] = [];
  /** The built-in function or method that failed, when the innermost call is one. */
  builtin: string | null = null;
  /** Where a program that exceeded a limit spent its steps: the five hottest functions and their share from 0 to 1. */
  hottest: readonly { readonly function: string; readonly share: number }[] = [];

  constructor(code: ErrorCode, message: string, notes: readonly string[] = [], options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'StarlarkError';
    this.code = code;
    this.notes = notes;
  }
}
