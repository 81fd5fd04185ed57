import { findSourceMap } from 'node:module';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A frame of the exit log, `what (file:line:column)`, as its author knows the file; as it is where Node has no map of it. */
export function sourceFrame(frame: string): string {
  const match = /^(.*) \((\/.+):(\d+):(\d+)\)$/.exec(frame);
  if (match === null) return frame;
  const [, what = '', file = '', line, column] = match;
  const entry = findSourceMap(file)?.findEntry(Number(line) - 1, Number(column) - 1);
  if (entry === undefined || !('originalSource' in entry)) return frame;
  const { originalSource, originalLine, originalColumn } = entry;
  const source = originalSource.startsWith('file:')
    ? fileURLToPath(originalSource)
    : resolve(dirname(file), originalSource);
  return `${what} (${source}:${originalLine + 1}:${originalColumn + 1})`;
}
