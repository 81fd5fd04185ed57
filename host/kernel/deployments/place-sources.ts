import { statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/**
 * A source map whose files are named where the author has them, as seen from the folder that the map is written into: an
 * error then tells `data/plugins/<name>/index.ts:5:7` wherever it is told. The library's files have no text in the map,
 * and keep their names.
 *
 * @param sources the plugin's folder, or its one file
 */
export function placeSources(map: Uint8Array, sources: string, folder: string): Uint8Array {
  const parsed: { sources: string[]; sourcesContent?: (string | null)[] } = JSON.parse(new TextDecoder().decode(map));
  const root = statSync(sources).isDirectory() ? sources : dirname(sources);
  const { sourcesContent = [] } = parsed;
  parsed.sources = parsed.sources.map((name, index) =>
    typeof sourcesContent[index] === 'string' ? relative(folder, join(root, name)) : name,
  );
  return new TextEncoder().encode(JSON.stringify(parsed));
}
