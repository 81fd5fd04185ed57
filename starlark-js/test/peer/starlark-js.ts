import { compile, type Dialect, type Limits, type Module, strictDialect, Thread } from '../../src/index.ts';
import { predeclared } from './predeclared.ts';
import type { Outcome } from './starlark-go.ts';

export interface RunOptions {
  /** `all` is the language of the starlark-go command with every flag on, `default` is ours. */
  readonly dialect: 'strict' | 'all' | 'default';
  readonly limits?: Partial<Limits>;
  readonly load?: (module: string) => Module;
}

/** Fuzzed and conformance programs speak starlark-go's language: its formatting rules, no annotations. */
const GO_DIALECT: Partial<Dialect> = { formatExtensions: false, fstrings: false };
const DIALECTS = { strict: strictDialect, all: GO_DIALECT, default: {} };

/** Runs one program through the public door of the package, in the terms of the other implementation. */
export function runSource(source: string, options: RunOptions): Outcome {
  const printed: string[] = [];
  const failed = (message: string, line: number, column: number): Outcome => ({
    output: printed.map((line) => `${line}\n`).join(''),
    error: { message, line, column },
  });
  const dialect = DIALECTS[options.dialect];
  const { program, diagnostics } = compile(source, {
    file: 'program.star',
    dialect,
    predeclared,
  });
  const fault = diagnostics.find((diagnostic) => diagnostic.severity === 'error');
  if (program === null || fault) {
    if (!fault) throw new Error('compile gave neither a program nor an error');
    return failed(fault.message, fault.line, fault.column);
  }
  const thread = new Thread({
    print: (line) => void printed.push(line),
    ...(options.limits ? { limits: options.limits } : {}),
  });
  try {
    program.run(thread, options.load ? { load: options.load } : {});
  } catch (error) {
    const { message, line, column } = describe(error);
    return failed(message, line, column);
  }
  return { output: printed.map((line) => `${line}\n`).join(''), error: null };
}

function describe(error: unknown): { message: string; line: number; column: number } {
  if (!(error instanceof Error) || !('backtrace' in error)) throw error;
  const frames = error.backtrace as readonly { line: number; column: number }[];
  const inner = frames.at(-1);
  return { message: error.message, line: inner?.line ?? 0, column: inner?.column ?? 0 };
}
