import { type Diagnostic, diagnose } from '../diagnostic.ts';
import { lineAt } from '../position.ts';
import { type SourceTree, textOf } from '../source/source-tree.ts';
import type { Message } from './esbuild.ts';
import { type RefusalDetail, sourcePath } from './namespaces.ts';

const dynamic = /unsupported-dynamic-import|unsupported-require-call|indirect-require/;
const literalAdvice =
  'Write the path as a plain text, so that the bundle can hold the module: import("./module.ts"). Choose between modules with a table of functions.';

/** Turns a message of the compiler into a diagnostic. */
export function toDiagnostic(message: Message, severity: Diagnostic['severity'], tree: SourceTree): Diagnostic {
  const place = placeOf(message, tree);
  const detail = message.detail as RefusalDetail | undefined;
  if (detail?.code !== undefined)
    return { ...diagnose(detail.code, message.text, { file: null }, detail.advice), ...place };
  if (dynamic.test(message.id) || /^Could not resolve (import|require)\(/.test(message.text))
    return { ...diagnose('IMPORT_DYNAMIC', message.text, { file: null }, literalAdvice), ...place };
  const notes = message.notes.map(({ text }) => text).filter((text) => text !== '');
  const advice = [...notes, ...(message.location?.suggestion ? [`Write ${message.location.suggestion}`] : [])].join(
    ' ',
  );
  return { ...diagnose('SYNTAX', message.text, { file: null }, advice === '' ? null : advice), severity, ...place };
}

function placeOf(
  { location }: Message,
  tree: SourceTree,
): Pick<Diagnostic, 'file' | 'line' | 'column' | 'length' | 'source'> {
  if (location === null) return { file: null, line: null, column: null, length: 1, source: null };
  const file = sourcePath(location.file) ?? location.file;
  const content = textOf(tree, file);
  const source = content === undefined ? location.lineText : (lineAt(content, location.line) ?? location.lineText);
  // The compiler counts bytes.
  const before = Buffer.from(source).subarray(0, location.column).toString().length;
  const marked = Buffer.from(source)
    .subarray(location.column, location.column + location.length)
    .toString().length;
  return { file, line: location.line, column: before + 1, length: Math.max(1, marked), source };
}
