import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { type Diagnostic, diagnose } from '../diagnostic.ts';

/**
 * The sources of a plugin as a value. Whatever is built or checked is made from this copy, so that neither a link nor a
 * save in the middle can bring in anything else.
 */
export interface SourceTree {
  /** The plugin's name; null: its manifest says it. */
  readonly name: string | null;
  /** Contents by path: relative, with `/`, no `.` or `..`. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** The manifest's place in the tree. */
export const manifestPath = 'plugin.json';

const entries = ['index.ts', 'index.mts', 'index.js', 'index.mjs'];
const textFile = /\.(ts|mts|js|mjs|json|txt|md|css|html)$/;

/** Identity of the sources: same digest, same build. */
export function digestTree({ files }: SourceTree): string {
  const hash = createHash('sha256');
  for (const [path, bytes] of [...files].sort(([a], [b]) => (a < b ? -1 : 1)))
    hash.update(`${path.length}:${path}${bytes.byteLength}:`).update(bytes);
  return hash.digest('hex');
}

/** The module that exports the plugin: `index.ts`, or the only module at the top. */
export function findEntry({ files }: SourceTree): string | null {
  const found = entries.find((path) => files.has(path));
  if (found !== undefined) return found;
  const modules = [...files.keys()].filter((path) => /^[^/]+\.(m?ts|m?js)$/.test(path) && !/\.test\.|\.d\./.test(path));
  return modules.length === 1 ? modules[0]! : null;
}

/** The modules whose tests are to pass before the plugin serves. */
export function findTests({ files }: SourceTree): readonly string[] {
  return [...files.keys()].filter((path) => /\.test\.(m?ts|m?js)$/.test(path)).sort();
}

/** A file's text; malformed bytes become U+FFFD, and {@link findMalformedText} tells of them. */
export function textOf({ files }: SourceTree, path: string): string | undefined {
  const bytes = files.get(path);
  return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
}

/** Text files whose bytes are not UTF-8. */
export function findMalformedText(tree: SourceTree): Diagnostic[] {
  return [...tree.files].flatMap(([file, bytes]) => {
    if (!textFile.test(file) || isUtf8(bytes)) return [];
    const content = new TextDecoder().decode(bytes);
    const place = { file, content, offset: content.indexOf('\uFFFD') };
    return diagnose('NOT_UTF8', 'The bytes here are not UTF-8.', place, 'Save the file as UTF-8.');
  });
}
