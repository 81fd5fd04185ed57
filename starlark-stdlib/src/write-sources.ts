/**
 * Puts the Starlark files of this package into `sources.ts`, so that they are at hand in a bundle and in a process that may
 * read no file. Run it after a change: `node starlark-stdlib/src/write-sources.ts`; a test tells when that was forgotten.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

/** The text that `sources.ts` should have. */
export function renderSources(): string {
  const modules = readdirSync(join(root, 'modules')).filter(
    (file) => file.endsWith('.star') && !file.endsWith('_test.star'),
  );
  const entries = [...modules.sort().map((file) => ['modules', file] as const), ['.', 'hello.star'] as const].map(
    ([folder, file]) => `  '${file}': ${JSON.stringify(readFileSync(join(root, folder, file), 'utf8'))},`,
  );
  return [
    '// biome-ignore-all format: written by write-sources.ts from the files of this package.',
    'export const sources: Readonly<Record<string, string>> = {',
    ...entries,
    '};',
    '',
  ].join('\n');
}

if (import.meta.main) writeFileSync(join(root, 'src', 'sources.ts'), renderSources());
