import { type Diagnostic, Source, StarlarkError } from 'starlark-js';
import { ownMessage } from './own-backtrace.ts';
import { fileOf } from './programs.ts';
import type { Script } from './script.ts';

/** Whatever running failed with, as an error of the script. */
export function asStarlarkError(error: unknown): StarlarkError {
  if (error instanceof StarlarkError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new StarlarkError('INTERNAL', message, [], { cause: error });
}

/** An error of running at its innermost place in the author's own file. */
export function runDiagnostic(script: Script, error: StarlarkError): Diagnostic {
  const frame = error.backtrace.findLast(({ file }) => file === fileOf(script));
  const place = frame ?? { line: 1, column: 1, endLine: 1, endColumn: 1 };
  const { line, column, endLine, endColumn } = place;
  const hint = [...error.notes, ...calledHandler(error)].join(' ');
  return {
    severity: 'error',
    code: `RUN_${error.code}`,
    message: ownMessage(error),
    file: fileOf(script),
    start: offsetOf(script.source, line, column),
    end: offsetOf(script.source, endLine, endColumn),
    line,
    column,
    endLine,
    endColumn,
    ...(hint === '' ? {} : { hint }),
  };
}

/** `schedule("0 * * * *", refresh())` calls `refresh` while the file is loaded, and gives what that returns. */
function calledHandler({ backtrace }: StarlarkError): readonly string[] {
  const [, declaring, name] =
    /^(tool|schedule|on|prompt)\s*\((?:[^()]*,)?\s*(\w+)\(\s*\)/.exec(backtrace[0]?.sourceLine ?? '') ?? [];
  return declaring === undefined
    ? []
    : [`${declaring} takes the function itself: write ${name} there, and not ${name}().`];
}

/** A warning about a whole line. */
export function warning(script: Script, line: number, code: string, message: string, hint: string): Diagnostic {
  const text = new Source(fileOf(script), script.source).lineText(line);
  const endColumn = text.length + 1;
  const start = offsetOf(script.source, line, 1);
  const end = start + text.length;
  return {
    severity: 'warning',
    code,
    message,
    file: fileOf(script),
    start,
    end,
    line,
    column: 1,
    endLine: line,
    endColumn,
    hint,
  };
}

function offsetOf(source: string, line: number, column: number): number {
  let start = 0;
  for (let passed = 1; passed < line; passed++) {
    const end = source.indexOf('\n', start);
    if (end < 0) break;
    start = end + 1;
  }
  return Math.min(source.length, start + column - 1);
}
