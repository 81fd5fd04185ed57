import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { declareProgram } from './declare.ts';
import { leanAdk } from './lean-adk.ts';
import { leanFastify } from './lean-fastify.ts';
import { bundleProgram, common, requireBanner } from './program.ts';

/** Native, or with programs of their own, or optional: resolved at run time from `node_modules`, if at all. */
const external = [
  'better-sqlite3',
  'esbuild',
  'typescript',
  '@google-cloud/*',
  '@mikro-orm/*',
  '@modelcontextprotocol/*',
  '@a2a-js/*',
];

/**
 * Bundles the host and every shipped plugin into `outdir`: `clay.mjs`, `plugins/<name>/` with its manifest and
 * `index.mjs`, and the chunks that they share. What is a process of its own stands alone: `medic.mjs`, `lane.mjs`, and
 * `main.mjs` of a plugin that is placed in one or may be.
 */
export async function bundle(root: string, outdir: string): Promise<void> {
  const plugins = shippedPlugins(join(root, 'plugins'));
  const manifests = new Map(plugins.map((name) => [name, manifestOf(join(root, 'plugins', name))]));
  const programs = plugins.filter((name) => isProgram(manifests.get(name)!));
  const inline = plugins.filter((name) => manifests.get(name)?.placement !== 'process');
  await build({
    ...common,
    absWorkingDir: root,
    outdir,
    entryPoints: { medic: 'host/medic/supervisor/main.ts', lane: 'host/starlark/lane/main.ts' },
  });
  await build({
    ...common,
    absWorkingDir: root,
    outdir,
    entryPoints: {
      clay: 'host/cli/bin.ts',
      ...Object.fromEntries(inline.map((name) => [`plugins/${name}/index`, `plugins/${name}/index.ts`])),
    },
    splitting: true,
    external,
    plugins: [...common.plugins, leanFastify, ...leanAdk(root)],
    banner: { js: requireBanner },
  });
  for (const name of plugins) {
    const [source, made] = [join(root, 'plugins', name), join(outdir, 'plugins', name)];
    if (programs.includes(name)) await bundleProgram(root, join(source, 'index.ts'), made);
    cpSync(join(source, 'plugin.json'), join(made, 'plugin.json'));
    if (programs.includes(name)) await declareProgram(made, join(made, 'plugin.json'));
  }
}

function shippedPlugins(folder: string): string[] {
  return readdirSync(folder).filter((name) => existsSync(join(folder, name, 'plugin.json')));
}

interface PluginJson {
  readonly placement?: string;
  readonly permissions?: readonly string[];
}

function manifestOf(folder: string): PluginJson {
  return JSON.parse(readFileSync(join(folder, 'plugin.json'), 'utf8'));
}

/** What may start programs is a process too where a second user is to run them. */
function isProgram({ placement, permissions = [] }: PluginJson): boolean {
  return placement === 'process' || permissions.includes('shell');
}
