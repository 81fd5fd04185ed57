/**
 * Runs before `npm pack`: builds `dist/` and lets package.json point to it. In the repository the package is its
 * TypeScript sources; in the tarball it is one JavaScript module, one command, and their declarations.
 * `postpack.ts` undoes what this did to package.json.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { saveManifest } from './manifest.ts';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');

rmSync(dist, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: { index: 'src/index.ts', cli: 'src/cli/main.ts' },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  legalComments: 'none',
});
declare();
copyFileSync(join(root, '../LICENSE'), join(root, 'LICENSE'));
saveManifest(root, {
  exports: { '.': { types: './dist/types/index.d.ts', default: './dist/index.js' } },
  bin: { starlark: './dist/cli.js' },
  types: './dist/types/index.d.ts',
  scripts: undefined,
});

/** Writes the declarations. They import each other by the name that the published file has. */
function declare(): void {
  const compiler = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
  execFileSync(process.execPath, [compiler, '-p', join(root, 'packaging/tsconfig.json')], { stdio: 'inherit' });
  const types = join(dist, 'types');
  for (const name of readdirSync(types, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.d.ts')) continue;
    const file = join(types, name);
    writeFileSync(
      file,
      readFileSync(file, 'utf8').replaceAll(/((?:from|import\()\s*['"]\.[^'"]*)\.ts(['"])/g, '$1.js$2'),
    );
  }
}
