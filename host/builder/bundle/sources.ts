import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ClayError } from '@clay/sdk';

/** Where everything that may go into a bundle stands, beside the plugin itself. */
export interface BundleSources {
  /** The folder of `@clay/sdk`. */
  readonly sdk: string;
  /** Its modules by what its `exports` call them: `.`, `./testing`. */
  readonly sdkModules: ReadonlyMap<string, string>;
  /** What may be imported of packages: `zod`, `zod/mini`. */
  readonly packageModules: readonly string[];
  /** Real folders of these packages, and of those that the SDK is made with, by name. */
  readonly packageFolders: ReadonlyMap<string, string>;
}

/** Looks everything up once; throws when it is not installed. */
export function findSources(sdkFolder: string, packageModules: readonly string[]): BundleSources {
  const sdk = realpathSync(sdkFolder);
  const manifest: {
    readonly exports: Readonly<Record<string, string>>;
    readonly dependencies?: Readonly<Record<string, string>>;
  } = JSON.parse(readFileSync(join(sdk, 'package.json'), 'utf8'));
  const sdkModules = new Map(Object.entries(manifest.exports).map(([name, file]) => [name, join(sdk, file)]));
  const names = new Set([...packageModules.map(packageName), ...Object.keys(manifest.dependencies ?? {})]);
  const packageFolders = new Map([...names].map((name) => [name, findPackage(name, sdk)]));
  return { sdk, sdkModules, packageModules, packageFolders };
}

/** `@scope/name` of `@scope/name/deep/module`. */
export function packageName(specifier: string): string {
  return specifier.match(/^(@[^/]+\/)?[^/]+/)?.[0] ?? specifier;
}

/** The folder of an installed package, seen from a folder, as Node looks for it. */
export function findPackage(name: string, from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if (existsSync(join(candidate, 'package.json'))) return realpathSync(candidate);
    if (dirname(folder) === folder)
      throw new ClayError(
        'UNAVAILABLE',
        `The package ${name} is not installed beside ${from}; builds need it. Run npm ci.`,
      );
  }
}
