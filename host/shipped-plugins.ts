import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { PluginDefinition } from '@clay/sdk';
import type { PluginSource } from './kernel/plugin-source.ts';

/** The plugins that came with this host: bundled beside it, or as sources in a checkout. Found by looking, named by nobody. */
export function findShippedPlugins(folder = shippedFolder()): readonly PluginSource[] {
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, 'plugin.json')))
    .sort()
    .map((name) => source(name, join(folder, name)));
}

function shippedFolder(): string {
  const bundled = join(import.meta.dirname, 'plugins');
  return existsSync(bundled) ? bundled : join(dirname(import.meta.dirname), 'plugins');
}

function source(name: string, folder: string): PluginSource {
  const bundled = join(folder, 'index.mjs');
  const entry = existsSync(bundled) ? bundled : join(folder, 'index.ts');
  return {
    name,
    origin: 'image',
    manifest: JSON.parse(readFileSync(join(folder, 'plugin.json'), 'utf8')),
    load: async () => {
      const module: { readonly default: PluginDefinition } = await import(pathToFileURL(entry).href);
      return module.default;
    },
  };
}
