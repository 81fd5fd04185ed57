import type { Diagnostic } from '../diagnostic.ts';
import type { File } from './ast.ts';
import type { Dialect } from './dialect.ts';
import { Parser } from './parser.ts';
import type { Source } from './source.ts';

/** A file's tree, and everything that is wrong with its syntax. The tree is complete when there are no errors. */
export interface ParseResult {
  readonly file: File;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Parses a file. Never throws on bad input: every syntax error that can be told apart from the consequences of an
 * earlier one becomes a diagnostic, in order of appearance.
 *
 * @example
 * const { file, diagnostics } = parse(new Source('a.star', 'x = 1\n'), defaultDialect);
 */
export function parse(source: Source, dialect: Dialect): ParseResult {
  return new Parser(source, dialect).parse();
}
