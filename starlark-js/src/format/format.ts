import type { Diagnostic } from '../diagnostic.ts';
import { type Dialect, defaultDialect } from '../syntax/dialect.ts';
import { parse } from '../syntax/parse.ts';
import { Source } from '../syntax/source.ts';
import { Printer } from './printer.ts';
import { printFile } from './statements.ts';

/** A formatted text, or what keeps the source from being parsed; then `text` is null. */
export interface FormatResult {
  readonly text: string | null;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Lays a program out in the style of buildifier: four spaces, double quotes, spaces around every `=`, one blank line
 * around functions. A bracket that holds a line break gets one item per line and a final comma; lines are never wrapped
 * for their length. Comments are kept, and the result formats to itself.
 *
 * @example
 * format('x = {"a":1,\n"b":2}\n').text; // 'x = {\n    "a": 1,\n    "b": 2,\n}\n'
 */
export function format(text: string, options: { file?: string; dialect?: Dialect } = {}): FormatResult {
  const source = new Source(options.file ?? 'input.star', text);
  const { file, diagnostics } = parse(source, options.dialect ?? defaultDialect);
  if (diagnostics.some((found) => found.severity === 'error')) return { text: null, diagnostics };
  const printer = new Printer(text, file.comments);
  printFile(printer, file);
  return { text: printer.finish(), diagnostics };
}
