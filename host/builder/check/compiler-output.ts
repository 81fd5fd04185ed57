import { resolve, sep } from 'node:path';
import type { Diagnostic } from '../diagnostic.ts';
import { lineAt } from '../position.ts';
import { type SourceTree, textOf } from '../source/source-tree.ts';

export interface CompilerOutput {
  readonly diagnostics: readonly Diagnostic[];
  /** Every file that was read, with why. */
  readonly files: readonly ReadFile[];
}

export interface ReadFile {
  /** Absolute. */
  readonly path: string;
  /** Such as `Imported via "../x" from file 'plugin/index.ts'`. */
  readonly reasons: readonly string[];
}

const located = /^(.+?)\((\d+),(\d+)\): (error|warning) (TS\d+): (.*)$/;
const placeless = /^(error|warning) (TS\d+): (.*)$/;

/**
 * Reads what the compiler printed with `--pretty false --explainFiles`: the errors, each with its further lines indented,
 * then every file that it read, each with its reasons indented.
 */
export function parseCompilerOutput(
  output: string,
  folder: string,
  pluginRoot: string,
  tree: SourceTree,
): CompilerOutput {
  const diagnostics: Diagnostic[] = [];
  const files: { path: string; reasons: string[] }[] = [];
  let continueText: ((line: string) => void) | null = null;
  for (const line of output.split(/\r?\n/)) {
    if (line === '') continue;
    if (/^\s/.test(line)) {
      continueText?.(line);
      continue;
    }
    const diagnostic = parseDiagnostic(line, folder, pluginRoot, tree);
    if (diagnostic !== null) {
      const index = diagnostics.push(diagnostic) - 1;
      continueText = (more) => {
        diagnostics[index] = { ...diagnostics[index]!, text: `${diagnostics[index]!.text}\n    ${more.trimEnd()}` };
      };
    } else {
      const file = { path: resolve(folder, line), reasons: [] as string[] };
      files.push(file);
      continueText = (reason) => file.reasons.push(reason.trim());
    }
  }
  return { diagnostics, files };
}

function parseDiagnostic(line: string, folder: string, pluginRoot: string, tree: SourceTree): Diagnostic | null {
  const match = located.exec(line);
  if (match === null) {
    const bare = placeless.exec(line);
    if (bare === null) return null;
    const [, severity, code, text] = bare as unknown as [string, Diagnostic['severity'], string, string];
    return { severity, code, file: null, line: null, column: null, length: 1, text, source: null, advice: null };
  }
  const [, path, row, column, severity, code, text] = match as unknown as [
    string,
    string,
    string,
    string,
    Diagnostic['severity'],
    string,
    string,
  ];
  const absolute = resolve(folder, path);
  const file = absolute.startsWith(pluginRoot + sep)
    ? absolute
        .slice(pluginRoot.length + 1)
        .split(sep)
        .join('/')
    : path;
  const content = textOf(tree, file);
  const source = content === undefined ? null : lineAt(content, Number(row));
  const length = source === null ? 1 : wordLength(source, Number(column));
  return { severity, code, file, line: Number(row), column: Number(column), length, text, source, advice: null };
}

/** The compiler tells where something begins, not where it ends. */
function wordLength(source: string, column: number): number {
  return /^[\p{L}\p{N}_$]+/u.exec(source.slice(column - 1))?.[0].length ?? 1;
}
