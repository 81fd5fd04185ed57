import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Log } from '@clay/sdk';
import { parsePluginMessage, type Ready, type Setup } from '@clay/sdk/wire';

/** What plugins have declared, on disk: for a later start without a process. */
export interface KeptDeclarations {
  /** Null: this build has not been set up so before. */
  find(plugin: string, hash: string, setup: Setup): Ready | null;
  keep(plugin: string, hash: string, setup: Setup, ready: Ready): void;
  forget(plugin: string): void;
}

/**
 * Opens them in `folder`, a file for each plugin. A file that cannot be read or written is as good as none: the plugin
 * is asked again.
 */
export function openKeptDeclarations(folder: string, log: Log): KeptDeclarations {
  const fileOf = (plugin: string) => join(folder, `${plugin}.json`);
  const failed = (plugin: string, error: unknown) => log.warn('declarations.unkept', { plugin, error: String(error) });
  return {
    find(plugin, hash, setup) {
      try {
        const file = fileOf(plugin);
        if (!existsSync(file)) return null;
        const { key, ready } = JSON.parse(readFileSync(file, 'utf8'));
        if (key !== keyOf(hash, setup)) return null;
        return parsePluginMessage({ json: ready, blobs: [] }) as Ready;
      } catch (error) {
        failed(plugin, error);
        return null;
      }
    },
    keep(plugin, hash, setup, ready) {
      try {
        mkdirSync(folder, { recursive: true });
        const file = fileOf(plugin);
        writeFileSync(`${file}.new`, JSON.stringify({ key: keyOf(hash, setup), ready }));
        renameSync(`${file}.new`, file);
      } catch (error) {
        failed(plugin, error);
      }
    },
    forget: (plugin) => rmSync(fileOf(plugin), { force: true }),
  };
}

/** A configuration may hold a secret: only its digest is kept. */
function keyOf(hash: string, { config, paths, secrets }: Setup): string {
  return createHash('sha256')
    .update(JSON.stringify([hash, config, paths, secrets]))
    .digest('hex');
}
