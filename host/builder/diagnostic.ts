import { type Position, positionAt } from './position.ts';

/** What the author of a plugin did wrong, or should know; told completely, once. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  /** A rule of the builder, such as `IMPORT_OUTSIDE`, or the compiler's own number, such as `TS2322`. */
  readonly code: string;
  /** Path in the plugin's folder; null when no file is to blame. */
  readonly file: string | null;
  /** From 1; null when the whole file is meant. */
  readonly line: number | null;
  /** From 1, in UTF-16 units. */
  readonly column: number | null;
  /** What the caret underlines, in UTF-16 units. */
  readonly length: number;
  readonly text: string;
  /** The line of the source. */
  readonly source: string | null;
  /** What to write instead. */
  readonly advice: string | null;
}

/** Codes of the builder's own rules; the compilers bring theirs. */
export type RuleCode =
  | 'MANIFEST'
  | 'NO_ENTRY'
  | 'NOT_UTF8'
  | 'SYNTAX'
  | 'IMPORT_OUTSIDE'
  | 'IMPORT_UNKNOWN'
  | 'IMPORT_PACKAGE'
  | 'IMPORT_BUILTIN'
  | 'IMPORT_DYNAMIC'
  | 'IMPORT_KIND';

/** Of a source line, at most so much is shown, around the column: a minified file is one line of megabytes. */
const shownBefore = 80;
const shownInAll = 160;
/** Further ones are counted: an author mends the first and builds again. */
const shownDiagnostics = 50;

/** A diagnostic at an offset of a text, or of a whole file when there is no offset. */
export function diagnose(
  code: RuleCode,
  text: string,
  place: {
    readonly file: string | null;
    readonly content?: string;
    readonly offset?: number;
    readonly length?: number;
  },
  advice: string | null = null,
): Diagnostic {
  const { file, content, offset, length = 1 } = place;
  const position: Position | null = content === undefined || offset === undefined ? null : positionAt(content, offset);
  return {
    severity: 'error',
    code,
    file,
    line: position?.line ?? null,
    column: position?.column ?? null,
    length,
    text,
    source: position?.source ?? null,
    advice,
  };
}

/** All of them as one text, the way a compiler prints. */
export function formatDiagnostics(diagnostics: readonly Diagnostic[]): string {
  const shown = diagnostics.slice(0, shownDiagnostics).map(formatDiagnostic);
  const more = diagnostics.length - shown.length;
  return [...shown, ...(more > 0 ? [`… and ${more} more`] : [])].join('\n\n');
}

/**
 * `file:line:column: error CODE: text`, the source line, a caret, and what to write instead.
 */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const { file, line, column, severity, code, text, advice } = diagnostic;
  const place = [file, line, column].filter((part) => part !== null).join(':');
  const lines = [`${place === '' ? '' : `${place}: `}${severity} ${code}: ${text}`];
  lines.push(...excerpt(diagnostic));
  if (advice !== null) lines.push(`    ${advice}`);
  return lines.join('\n');
}

function excerpt({ source, column, length }: Diagnostic): string[] {
  if (source === null || column === null || source.trim() === '') return [];
  const start = Math.max(0, column - 1 - shownBefore);
  const part = source.slice(start, start + shownInAll);
  const [before, after] = [start > 0 ? '…' : '', start + shownInAll < source.length ? '…' : ''];
  const indent = part.slice(0, column - 1 - start).replace(/[^\t]/g, ' ');
  const caret = '^'.repeat(Math.max(1, Math.min(length, part.length - indent.length)));
  return [`    ${before}${part}${after}`, `    ${before && ' '}${indent}${caret}`];
}

/** `3 errors in 2 files`. */
export function countDiagnostics(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const files = new Set(errors.map(({ file }) => file));
  const count = `${errors.length} ${errors.length === 1 ? 'error' : 'errors'}`;
  return files.size > 1 ? `${count} in ${files.size} files` : count;
}
