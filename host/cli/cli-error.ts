/** Something that the person at the terminal can mend; shown without a stack. Exit code 1, or 2 when the command was wrong. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exitCode: 1 | 2;

  constructor(message: string, exitCode: 1 | 2 = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Nobody answers: worth another try when somebody did a moment ago. */
export class UnreachableError extends CliError {}
