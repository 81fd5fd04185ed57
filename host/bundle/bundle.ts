import { cpSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type BuildOptions, build } from 'esbuild';
import { leanAdk } from './lean-adk.ts';

/** Native, or with programs of their own, or optional: resolved at run time from `node_modules`, if at all. */
const external = [
  'better-sqlite3',
  'esbuild',
  'typescript',
  '@google-cloud/*',
  '@opentelemetry/*',
  '@mikro-orm/*',
  '@modelcontextprotocol/*',
  '@a2a-js/*',
];

/**
 * Bundles the host and every shipped plugin into `outdir`: `clay.mjs`, `plugins/<name>/index.mjs` with its manifest,
 * and the chunks that they share; `medic.mjs` and `lane.mjs` stand alone, as their processes do.
 */
export async function bundle(root: string, outdir: string): Promise<void> {
  const plugins = shippedPlugins(join(root, 'plugins'));
  const common = {
    absWorkingDir: root,
    outdir,
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
  } satisfies BuildOptions;
  await build({
    ...common,
    entryPoints: { medic: 'host/medic/supervisor/main.ts', lane: 'host/starlark/lane/main.ts' },
  });
  await build({
    ...common,
    entryPoints: {
      clay: 'host/cli/bin.ts',
      ...Object.fromEntries(plugins.map((name) => [`plugins/${name}/index`, `plugins/${name}/index.ts`])),
    },
    splitting: true,
    external,
    plugins: [leanAdk(root)],
    // CommonJS packages inside an ES bundle still call require().
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
  });
  for (const name of plugins)
    cpSync(join(root, 'plugins', name, 'plugin.json'), join(outdir, 'plugins', name, 'plugin.json'));
}

function shippedPlugins(folder: string): string[] {
  return readdirSync(folder).filter((name) => existsSync(join(folder, name, 'plugin.json')));
}
