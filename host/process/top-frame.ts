import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { basename, dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The first frame of the plugin in what its process wrote last, as `file:line:column` of its source: for deaths that the
 * plugin could not tell itself. Null when there is none.
 */
export function topFrame(output: string, bundle: string): string | null {
  for (const [, place = '', line = '', column = ''] of output.matchAll(/((?:file:\/\/)?\/[^\s():]+):(\d+):(\d+)/g)) {
    const file = place.startsWith('file://') ? fileURLToPath(place) : place;
    const frame = file === bundle ? mapped(bundle, Number(line), Number(column)) : { file, line, column };
    if (frame === null || /\/node_modules\/|\/sdk\/src\//.test(frame.file)) continue;
    return `${fromBundle(frame.file, bundle)}:${frame.line}:${frame.column}`;
  }
  return null;
}

/** As the author knows it: from the folder that the sources were in. */
function fromBundle(file: string, bundle: string): string {
  const folder = `${dirname(bundle)}/`;
  return file.startsWith(folder) ? file.slice(folder.length) : file;
}

interface Frame {
  readonly file: string;
  readonly line: number | string;
  readonly column: number | string;
}

/** Where a place in the bundle came from. A bundle without a usable source map stands for itself. */
function mapped(bundle: string, line: number, column: number): Frame | null {
  const map = readMap(bundle);
  if (map === null) return { file: bundle, line, column };
  const entry = map.findEntry(line - 1, column - 1);
  if (!('originalSource' in entry)) return null;
  const source = entry.originalSource.startsWith('file://')
    ? fileURLToPath(entry.originalSource)
    : resolve(dirname(bundle), entry.originalSource);
  return { file: source, line: entry.originalLine + 1, column: entry.originalColumn + 1 };
}

function readMap(bundle: string): SourceMap | null {
  try {
    return new SourceMap(JSON.parse(readFileSync(resolve(dirname(bundle), `${basename(bundle)}.map`), 'utf8')));
  } catch {
    return null;
  }
}
