import { realpathSync } from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { ClayError } from '@clay/sdk';
import { bundleOnce, type Metafile } from './esbuild.ts';
import type { BundleSources } from './sources.ts';

/** The SDK and the listed packages, bundled once and held in memory: what plugins may import beside their own files. */
export interface Library {
  /** File by what a plugin writes: `@clay/sdk`, `zod`. */
  readonly modules: ReadonlyMap<string, string>;
  readonly files: ReadonlyMap<string, LibraryFile>;
}

export interface LibraryFile {
  readonly contents: Uint8Array;
  /** `@clay/sdk`, or the name of a package. */
  readonly owner: string;
}

const sdkName = '@clay/sdk';
/** What a generation's process is made of beside the plugin. */
export const runtimeModule = '@clay/sdk/runtime';
/** Error texts in forty languages, which zod would drag into every plugin. */
const zodLocales = /\/zod\/v4\/locales\/index\.c?js$/;

export async function buildLibrary(sources: BundleSources): Promise<Library> {
  const root = dirname(sources.sdk);
  const entries = new Map([
    ...[...sources.sdkModules].map(([name, file]): [string, string] => [join(sdkName, name), file]),
    ...sources.packageModules.map((specifier): [string, string] => [specifier, specifier]),
  ]);
  const { outputFiles, metafile } = await bundleOnce({
    absWorkingDir: root,
    entryPoints: [...entries].map(([specifier, file]) => ({ in: file, out: outputName(specifier) })),
    outdir: root,
    chunkNames: 'chunk.[hash]',
    write: false,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node26',
    mainFields: ['module', 'main'],
    metafile: true,
    legalComments: 'none',
    logLevel: 'silent',
    tsconfigRaw: { compilerOptions: { target: 'esnext' } },
    plugins: [
      {
        name: 'clay-library',
        setup(build) {
          // An entry point would be resolved as if nobody imported it, which gives some packages' CommonJS form.
          build.onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
            kind === 'entry-point' ? build.resolve(path, { kind: 'import-statement', resolveDir: root }) : null,
          );
          build.onLoad({ filter: zodLocales }, () => ({ contents: 'export {};' }));
        },
      },
    ],
  });
  const files = outputFiles!.map(({ path, contents }): [string, LibraryFile] => {
    const name = basename(path);
    return [name, { contents, owner: ownerOf(name, metafile!, root, sources) }];
  });
  const modules = new Map([...entries.keys()].map((specifier) => [specifier, `${outputName(specifier)}.js`]));
  return { modules, files: new Map(files) };
}

const outputName = (specifier: string) => specifier.replaceAll('/', '.');

/** Every file that went in lies, by its real path, in the SDK or in a listed package; a package's own dependency does not. */
function ownerOf(name: string, metafile: Metafile, root: string, sources: BundleSources): string {
  const owners = Object.keys(metafile.outputs[name]?.inputs ?? {}).map((input) => {
    const file = realpathSync(resolve(root, input));
    if (file.startsWith(join(sources.sdk, 'src') + sep)) return sdkName;
    for (const [owner, folder] of sources.packageFolders) if (file.startsWith(folder + sep)) return owner;
    const importer = Object.entries(metafile.inputs).find(([, { imports }]) =>
      imports.some(({ path }) => path === input),
    );
    throw new ClayError(
      'UNAVAILABLE',
      `A listed package needs ${input} (imported by ${importer?.[0] ?? 'an entry'}), which no listed package holds. List that package too.`,
      { phase: 'build' },
    );
  });
  return owners.find((owner) => owner !== sdkName) ?? sdkName;
}
