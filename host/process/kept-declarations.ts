import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Log } from '@clay/sdk';
import { parsePluginMessage, type Ready, type Setup } from '@clay/sdk/wire';

/** What plugins have declared, on disk: for a later start without a process. */
export interface KeptDeclarations {
  /** Null: this build has not been set up so before. */
  find(plugin: string, hash: string, setup: Setup): Ready | null;
  keep(plugin: string, hash: string, setup: Setup, ready: Ready): void;
}

/** Beside a program that ships: what it declares where nothing is configured. */
export const shippedDeclarations = 'declarations.json';

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
        return readDeclarations(fileOf(plugin), keyOf(hash, setup));
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
  };
}

/** What came with a program; null when it is configured otherwise, or nothing came. */
export function findShipped(folder: string, setup: Setup): Ready | null {
  return readDeclarations(join(folder, shippedDeclarations), shippedKey(setup));
}

/** Of a setup without the places of a claw, which no two have in common. */
export function shippedKey({ config, secrets }: Pick<Setup, 'config' | 'secrets'>): string {
  return digest([config, secrets]);
}

function readDeclarations(file: string, wanted: string): Ready | null {
  if (!existsSync(file)) return null;
  const { key, ready } = JSON.parse(readFileSync(file, 'utf8'));
  return key === wanted ? (parsePluginMessage({ json: ready, blobs: [] }) as Ready) : null;
}

/** A configuration may hold a secret: only its digest is kept. */
function keyOf(hash: string, { config, paths, secrets }: Setup): string {
  return digest([hash, config, paths, secrets]);
}

function digest(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
