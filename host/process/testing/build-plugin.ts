import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '..', '..', '..');

/** Builds a plugin's entry module into `folder` as a generation is laid out: one file with its runtime, and its map. */
export async function buildPlugin(source: string, folder: string): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const entry = join(folder, 'main.mjs');
  await build({
    stdin: {
      contents: `import { runInProcess } from '@clay/sdk/runtime';\nawait runInProcess(() => import(${JSON.stringify(source)}));\n`,
      resolveDir: join(root, 'host'),
      sourcefile: 'main.ts',
    },
    outfile: entry,
    // A source that lies elsewhere finds the SDK all the same.
    nodePaths: [join(root, 'node_modules')],
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node26',
    sourcemap: 'linked',
    logLevel: 'error',
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
  });
  return entry;
}
