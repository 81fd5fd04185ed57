import {
  compile,
  type Dialect,
  type Limits,
  renderError,
  StarlarkError,
  strictDialect,
  Thread,
} from '../../src/index.ts';
import { predeclared } from './predeclared.ts';
import type { Failure, Outcome } from './starlark-go.ts';

export interface RunOptions {
  /**
   * `all` is the language of the starlark-go command with every flag on, `bytes` the same with strings made of bytes,
   * `default` is ours.
   */
  readonly dialect: 'strict' | 'all' | 'bytes' | 'default';
  readonly limits?: Partial<Limits>;
}

/** Fuzzed and conformance programs speak starlark-go's language: its formatting rules, no annotations. */
const GO_DIALECT: Partial<Dialect> = { formatExtensions: false, fstrings: false };
const BYTES_DIALECT: Partial<Dialect> = { ...GO_DIALECT, strings: 'utf8' };
const DIALECTS = { strict: strictDialect, all: GO_DIALECT, bytes: BYTES_DIALECT, default: {} };

/** Runs one program through the public door of the package, in the terms of the other implementation. */
export function runSource(source: string, options: RunOptions): Outcome {
  let output = '';
  const { program, diagnostics } = compile(source, {
    file: 'program.star',
    dialect: DIALECTS[options.dialect],
    predeclared,
  });
  if (program === null) {
    const fault = diagnostics.find((diagnostic) => diagnostic.severity === 'error');
    if (!fault) throw new Error('compile gave neither a program nor an error');
    const { message, line, column } = fault;
    return { output, error: { message, line, column, report: message } };
  }
  const thread = new Thread({
    print: (line) => {
      output += `${line}\n`;
    },
    ...(options.limits ? { limits: options.limits } : {}),
  });
  try {
    program.run(thread);
  } catch (error) {
    if (!(error instanceof StarlarkError)) throw error;
    return { output, error: describe(error) };
  }
  return { output, error: null };
}

function describe(error: StarlarkError): Failure {
  const inner = error.backtrace.at(-1);
  const { message } = error;
  return { message, line: inner?.line ?? 0, column: inner?.column ?? 0, report: renderError(error) };
}
