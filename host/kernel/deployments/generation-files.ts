import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ClayError } from '@clay/sdk';
import type { DataKeeper } from '../../medic/generations/medic-options.ts';
import type { PluginStorage } from '../../store/plugin-storage.ts';
import { folderOf } from './volume-build.ts';

/** Copies of what plugins store, one for each generation on probation, beside its folder. */
export function createDataKeeper(generations: string, storage: PluginStorage): DataKeeper {
  const fileOf = (plugin: string, generation: number) => join(generations, plugin, `${generation}.data.db`);
  return {
    take({ plugin, manifest }, generation) {
      mkdirSync(join(generations, plugin), { recursive: true });
      storage.snapshot(plugin, manifest.tables, fileOf(plugin, generation));
    },
    restore({ plugin, manifest }, generation) {
      const file = fileOf(plugin, generation);
      if (!existsSync(file)) {
        throw new ClayError(
          'NOT_FOUND',
          `Of the data of "${plugin}" before generation ${generation} no copy is kept: there is one from the swap to the commit.`,
        );
      }
      storage.restore(plugin, manifest.tables, file);
    },
    drop(plugin, generation) {
      const folder = join(generations, plugin);
      if (!existsSync(folder)) return;
      for (const name of readdirSync(folder)) {
        const number = /^(\d+)\.data\.db$/.exec(name)?.[1];
        if (number !== undefined && Number(number) <= generation) rmSync(join(folder, name), { force: true });
      }
    },
  };
}

/** Removes what was kept of generations that nobody returns to. */
export function removeGenerations(generations: string, plugin: string, numbers: readonly number[]): void {
  for (const number of numbers) {
    const folder = folderOf(generations, plugin, number);
    for (const path of [folder, `${folder}.base`, `${folder}.data.db`]) rmSync(path, { recursive: true, force: true });
  }
}

/** Removes what a host that was killed had begun to write. Before anything is built. */
export function removeUnfinished(generations: string): void {
  for (const plugin of readdirSync(generations, { withFileTypes: true })) {
    if (!plugin.isDirectory()) continue;
    const folder = join(generations, plugin.name);
    for (const name of readdirSync(folder))
      if (/^\.\d+\./.test(name) || name.endsWith('.unfinished'))
        rmSync(join(folder, name), { recursive: true, force: true });
  }
}
