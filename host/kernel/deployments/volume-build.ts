import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Manifest } from '@clay/sdk';
import type { BuiltPlugin } from '../../builder/built-plugin.ts';
import { writeGeneration } from '../../builder/generation/generation-folder.ts';
import { verifyGeneration } from '../../builder/generation/verify-generation.ts';
import type { Build, CheckVerdict } from '../../generations/build.ts';
import { createProcessTransport } from '../../process/process-transport.ts';
import { toDeath } from '../../process/to-death.ts';
import type { ProcessSurroundings } from '../shipped-build.ts';
import type { Shipped } from './overrides.ts';
import { placeSources } from './place-sources.ts';

/** What a plugin of the volume is started with. */
export interface VolumeOptions extends ProcessSurroundings {
  /** `data/generations`. */
  readonly generations: string;
}

/** A fresh build of sources on the volume: of a folder, or of one file. */
export function volumeBuild(
  built: BuiltPlugin,
  sources: string,
  check: Promise<CheckVerdict | null>,
  shipped: Shipped | null,
  options: VolumeOptions,
): Build {
  const { generations, clock } = options;
  const { name: plugin, hash, manifest } = built;
  return {
    plugin,
    hash,
    manifest,
    origin: 'volume',
    check,
    ...(shipped === null ? {} : { replaces: shipped.manifest }),
    async keep(generation) {
      // A host that died between this and the journal's row left a folder that nobody knows of.
      const folder = folderOf(generations, plugin, generation);
      rmSync(folder, { recursive: true, force: true });
      const map = placeSources(built.map, sources, folder);
      await writeGeneration(generations, generation, { ...built, map }, clock.now());
      if (shipped !== null) rememberBase(generations, plugin, generation, shipped);
    },
    transport: (life) => transportOf(plugin, hash, manifest, life, options),
  };
}

/**
 * A build that an earlier host has kept.
 *
 * @param known the hash that the journal has of it
 * @throws ClayError `REFUSED` when it is not what was built
 */
export async function keptBuild(
  plugin: string,
  generation: number,
  known: string,
  shipped: Shipped | null,
  options: VolumeOptions,
): Promise<Build> {
  const { hash, manifest } = await verifyGeneration(folderOf(options.generations, plugin, generation), known);
  return {
    plugin,
    hash,
    manifest,
    origin: 'volume',
    ...(shipped === null ? {} : { replaces: shipped.manifest }),
    transport: (life) => transportOf(plugin, hash, manifest, life, options),
  };
}

/** The build of what ships that a kept override was based on; null when it is none. */
export function baseOf(generations: string, plugin: string, generation: number): string | null {
  const file = baseFile(generations, plugin, generation);
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : null;
}

export function rememberBase(generations: string, plugin: string, generation: number, { hash }: Shipped): void {
  writeFileSync(baseFile(generations, plugin, generation), hash);
}

export function folderOf(generations: string, plugin: string, generation: number): string {
  return join(generations, plugin, String(generation));
}

/** Beside the folder of the generation, which never changes. */
function baseFile(generations: string, plugin: string, generation: number): string {
  return join(generations, plugin, `${generation}.base`);
}

function transportOf(
  plugin: string,
  hash: string,
  manifest: Manifest,
  { generation, permissions, onDeath }: Parameters<Build['transport']>[0],
  { generations, ...processes }: VolumeOptions,
): ReturnType<Build['transport']> {
  const folder = folderOf(generations, plugin, generation);
  return createProcessTransport({
    ...processes,
    entry: join(folder, 'main.mjs'),
    manifest,
    generation,
    hash,
    permissions,
    async verify() {
      await verifyGeneration(folder, hash);
    },
    onDeath(death) {
      if (death.reason !== 'requested') onDeath(toDeath(death));
    },
  });
}
