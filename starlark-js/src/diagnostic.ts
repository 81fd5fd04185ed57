/**
 * What a phase before running has to say about a source: one shape for the scanner, the parser, the resolver and the
 * checker, and one way of showing it. `start` and `end` are UTF-16 offsets; lines and columns count from 1.
 */

/** A range of a source file. */
export interface Location {
  readonly file: string;
  readonly start: number;
  readonly end: number;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** A further fact about a diagnostic, such as where a bracket was opened. */
export interface Note {
  readonly message: string;
  readonly location?: Location;
}

export type Severity = 'error' | 'warning';

/**
 * One finding about a program.
 *
 * `code` is stable and machine-readable (`SYNTAX_UNEXPECTED_TOKEN`), `message` uses the words that users of
 * starlark-go know, and `hint` says what to write instead.
 */
export interface Diagnostic extends Location {
  readonly severity: Severity;
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly notes?: readonly Note[];
}

/** The part of a source that diagnostics need; `Source` of `syntax/source.ts` is one. */
export interface LineSource {
  readonly name: string;
  position(offset: number): { readonly line: number; readonly column: number };
  lineText(line: number): string;
}

/** The parts of a diagnostic that are not derived from its source. */
export interface Finding {
  readonly severity?: Severity;
  readonly code: string;
  readonly message: string;
  readonly start: number;
  readonly end: number;
  readonly hint?: string | undefined;
  readonly notes?: readonly Note[] | undefined;
}

/** Turns a range of offsets into a location with lines and columns. */
export function locate(source: LineSource, start: number, end: number): Location {
  const from = source.position(start);
  const to = source.position(end);
  return {
    file: source.name,
    start,
    end,
    line: from.line,
    column: from.column,
    endLine: to.line,
    endColumn: to.column,
  };
}

/** Completes a finding with its place in `source`. */
export function createDiagnostic(source: LineSource, finding: Finding): Diagnostic {
  return {
    severity: finding.severity ?? 'error',
    code: finding.code,
    message: finding.message,
    ...locate(source, finding.start, finding.end),
    ...(finding.hint === undefined ? {} : { hint: finding.hint }),
    ...(finding.notes === undefined || finding.notes.length === 0 ? {} : { notes: finding.notes }),
  };
}

export interface RenderOptions {
  /** ANSI colours; default false. */
  readonly color?: boolean;
}

/**
 * Shows a diagnostic as text: `file:line:column: severity: message`, the source line with carets under the range,
 * then the hint and the notes. Without a source only the texts are shown. The result does not end in a newline.
 *
 * @example
 * const source = new Source('a.star', 'x = y\n');
 * for (const found of check(source.text, { file: source.name })) console.error(renderDiagnostic(found, source));
 */
export function renderDiagnostic(
  diagnostic: Diagnostic,
  source: LineSource | null,
  options: RenderOptions = {},
): string {
  const paint = options.color === true ? colored : plain;
  const lines = [
    `${paint('bold', `${diagnostic.file}:${diagnostic.line}:${diagnostic.column}:`)} ${paint(
      diagnostic.severity,
      `${diagnostic.severity}:`,
    )} ${diagnostic.message}`,
  ];
  if (source !== null) lines.push(...excerpt(diagnostic, source, (text) => paint(diagnostic.severity, text)));
  if (diagnostic.hint !== undefined) lines.push(`${paint('hint', 'hint:')} ${diagnostic.hint}`);
  for (const note of diagnostic.notes ?? []) {
    const at = note.location;
    if (at === undefined) {
      lines.push(`${paint('hint', 'note:')} ${note.message}`);
      continue;
    }
    lines.push(`${paint('hint', 'note:')} ${at.file}:${at.line}:${at.column}: ${note.message}`);
    if (source !== null && at.file === source.name) lines.push(...excerpt(at, source, (text) => paint('hint', text)));
  }
  return lines.join('\n');
}

type Style = Severity | 'bold' | 'hint';

const ansi: Readonly<Record<Style, string>> = { error: '1;31', warning: '1;33', bold: '1', hint: '1;36' };

function colored(style: Style, text: string): string {
  return `\u001b[${ansi[style]}m${text}\u001b[0m`;
}

function plain(_style: Style, text: string): string {
  return text;
}

/** Longer source lines are shown as a window around the range. */
const windowColumns = 120;

/** The source line and a line of carets under the range; a range over several lines is marked to the end of its first. */
export function excerpt(at: Location, source: LineSource, paint: (text: string) => string = (text) => text): string[] {
  const whole = source.lineText(at.line);
  const from = Math.min(at.column - 1, whole.length);
  const to = at.endLine === at.line ? Math.min(at.endColumn - 1, whole.length) : whole.length;
  const windowStart = whole.length <= windowColumns ? 0 : Math.max(0, from - windowColumns / 3);
  const windowEnd = Math.min(whole.length, windowStart + windowColumns);
  const before = whole.slice(windowStart, from);
  const marked = whole.slice(from, Math.min(to, windowEnd));
  const leader = windowStart > 0 ? '…' : '';
  const trailer = windowEnd < whole.length ? '…' : '';
  const number = String(at.line);
  const margin = ' '.repeat(number.length);
  const text = visible(whole.slice(windowStart, windowEnd));
  const carets = '^'.repeat(Math.max(1, displayWidth(visible(marked))));
  const indent = ' '.repeat(leader.length + displayWidth(visible(before)));
  return [` ${number} | ${leader}${text}${trailer}`, ` ${margin} | ${indent}${paint(carets)}`];
}

/** Tabs take four columns, and control characters are shown as a sign so that a source cannot drive the terminal. */
function visible(text: string): string {
  let result = '';
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (character === '\t') result += '    ';
    else if (code < 0x20 || (code >= 0x7f && code < 0xa0) || isDirectionOrSeparator(code)) result += '\ufffd';
    else result += character;
  }
  return result;
}

function isDirectionOrSeparator(code: number): boolean {
  return code === 0x2028 || code === 0x2029 || (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

/** Columns of a terminal: East Asian wide characters and emoji take two. */
function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    width += isWide(code) ? 2 : 1;
  }
  return width;
}

function isWide(code: number): boolean {
  return (
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0x1f300 && code <= 0x1faff) ||
    (code >= 0x20000 && code <= 0x3fffd)
  );
}
