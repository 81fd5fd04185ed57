/** What a docstring in Google's style says, section by section. */
export interface Docstring {
  /** The first paragraph, on one line. */
  readonly summary: string;
  /** What follows the summary, without the sections below. */
  readonly details: string;
  /** Descriptions under `Args:` by parameter name, without stars. */
  readonly parameters: ReadonlyMap<string, string>;
  readonly returns: string | null;
  /** When the function fails, from `Raises:` or `Fails:`. */
  readonly fails: string | null;
  readonly examples: string | null;
}

type Section = 'parameters' | 'returns' | 'fails' | 'examples';

const headings: ReadonlyMap<string, Section> = new Map([
  ['args:', 'parameters'],
  ['arguments:', 'parameters'],
  ['parameters:', 'parameters'],
  ['params:', 'parameters'],
  ['returns:', 'returns'],
  ['return:', 'returns'],
  ['raises:', 'fails'],
  ['fails:', 'fails'],
  ['example:', 'examples'],
  ['examples:', 'examples'],
]);

/**
 * Reads a docstring. Sections begin with `Args:`, `Returns:`, `Raises:` or `Example:` on a line of their own, and hold
 * the lines indented below it. A parameter is `name: description` or `name (type): description`.
 *
 * @example
 * parseDocstring('Add.\n\nArgs:\n  a: first number\n').parameters.get('a'); // 'first number'
 */
export function parseDocstring(text: string): Docstring {
  const lines = dedent(text).split('\n');
  const prose: string[] = [];
  const sections: Record<Section, string[]> = { parameters: [], returns: [], fails: [], examples: [] };
  let current: Section | null = null;
  for (const line of lines) {
    const heading = headings.get(line.trimEnd().toLowerCase());
    if (heading !== undefined) {
      current = heading;
      continue;
    }
    if (current !== null && line !== '' && !/^\s/.test(line)) current = null;
    (current === null ? prose : sections[current]).push(line);
  }
  const { summary, details } = splitSummary(prose);
  return {
    summary,
    details,
    parameters: parseParameters(sections.parameters),
    returns: sectionText(sections.returns),
    fails: sectionText(sections.fails),
    examples: sectionText(sections.examples),
  };
}

/** Removes the indentation that all lines but the first share, and blank lines at both ends. */
export function dedent(text: string): string {
  const [first = '', ...rest] = text.split(/\r\n|\r|\n/).map((line) => line.trimEnd());
  const widths = rest.filter((line) => line !== '').map((line) => line.length - line.trimStart().length);
  const common = widths.length === 0 ? 0 : Math.min(...widths);
  return [first.trimStart(), ...rest.map((line) => line.slice(common))].join('\n').replaceAll(/^\n+|\n+$/g, '');
}

function splitSummary(lines: readonly string[]): { summary: string; details: string } {
  const text = lines.join('\n').trim();
  const end = text.search(/\n[ \t]*\n/);
  const summary = end < 0 ? text : text.slice(0, end);
  return {
    summary: summary
      .split('\n')
      .map((line) => line.trim())
      .join(' '),
    details: end < 0 ? '' : text.slice(end).trim(),
  };
}

function sectionText(lines: readonly string[]): string | null {
  const text = dedent(`\n${lines.join('\n')}`);
  return text === '' ? null : text;
}

const parameterLine = /^\*{0,2}(\w+)\s*(?:\([^)]*\))?\s*:\s*(.*)$/u;

function parseParameters(lines: readonly string[]): Map<string, string> {
  const result = new Map<string, string>();
  let name: string | null = null;
  for (const line of dedent(`\n${lines.join('\n')}`).split('\n')) {
    const match = /^\s/.test(line) ? null : parameterLine.exec(line);
    if (match !== null) {
      name = match[1] ?? '';
      result.set(name, match[2] ?? '');
    } else if (name !== null && line.trim() !== '') {
      result.set(name, `${result.get(name) ?? ''} ${line.trim()}`.trim());
    }
  }
  return result;
}
