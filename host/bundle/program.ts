import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BuildOptions, build } from 'esbuild';
import { plainHttp } from './plain-http.ts';

/** CommonJS packages inside an ES bundle still call require(). */
export const requireBanner =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

/** What every bundle of ours has in common. */
export const common = {
  outExtension: { '.js': '.mjs' },
  bundle: true,
  format: 'esm',
  platform: 'node',
  // Some packages have a CommonJS main that hides its requires from a bundler.
  mainFields: ['module', 'main'],
  target: 'node26',
  minifySyntax: true,
  minifyWhitespace: true,
  sourcemap: 'linked',
  sourcesContent: false,
  legalComments: 'none',
  logLevel: 'warning',
  plugins: [plainHttp],
} satisfies BuildOptions;

/**
 * Makes a plugin a program that stands alone, in a folder of its own: with its packages and the SDK's runtime. What it
 * imports only when it needs it lies in files of its own, so that it starts without. `main.sha256` tells one build from
 * another, so that nobody has to read it for that.
 */
export async function bundleProgram(root: string, source: string, outdir: string): Promise<void> {
  await build({
    ...common,
    absWorkingDir: root,
    stdin: {
      contents: `import { runInProcess } from '@clay/sdk/runtime';\nawait runInProcess(() => import(${JSON.stringify(source)}));\n`,
      resolveDir: join(root, 'host'),
      sourcefile: 'main.ts',
    },
    // A source that lies elsewhere finds the SDK all the same.
    nodePaths: [join(root, 'node_modules')],
    outdir,
    entryNames: 'main',
    splitting: true,
    banner: { js: requireBanner },
  });
  const hash = createHash('sha256');
  const files = readdirSync(outdir).filter((name) => name.endsWith('.mjs'));
  for (const name of files.sort()) hash.update(name).update(readFileSync(join(outdir, name)));
  writeFileSync(join(outdir, 'main.sha256'), hash.digest('hex'));
}
