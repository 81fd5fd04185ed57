import type { Build } from '../../generations/build.ts';
import type { Lanes } from '../lanes.ts';
import { type Extension, keepExtension, readExtension } from './kept-extension.ts';

export interface ExtensionBuildOptions {
  readonly lanes: Pick<Lanes, 'transport'>;
  /** `data/generations`. */
  readonly generations: string;
}

/** An extension as a build like any other: its lives are lines to a lane. */
export function extensionBuild(extension: Extension, { lanes, generations }: ExtensionBuildOptions): Build {
  const { script, manifest, hash } = extension;
  return {
    plugin: script.name,
    hash,
    manifest,
    origin: 'extension',
    keep: (generation) => keepExtension(generations, extension, generation),
    transport: (life) => lanes.transport(script, life),
  };
}

/**
 * A generation that an earlier host, or this one, has kept.
 *
 * @throws ClayError `NOT_FOUND` when it is gone, `CONFLICT` when it is not what was kept
 */
export async function loadExtension(
  options: ExtensionBuildOptions,
  plugin: string,
  generation: number,
): Promise<Build> {
  return extensionBuild(await readExtension(options.generations, plugin, generation), options);
}
