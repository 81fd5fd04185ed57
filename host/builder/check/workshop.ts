import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ClayError, type Clock } from '@clay/sdk';
import { type BundleSources, findPackage } from '../bundle/sources.ts';
import type { SourceTree } from '../source/source-tree.ts';
import type { Compiler } from './compiler.ts';

/** Where the plugin's files stand in a check's folder. */
export const pluginFolder = 'plugin';
/** Types of Node, and what they need themselves. */
const typePackages = ['@types/node', 'undici-types'];
/** Settings of others must not reach the check. */
const unwanted = /(^|\/)(package|tsconfig[^/]*|jsconfig)\.json$/;

const checkPrefix = 'check-';
/** No check lasts so long. */
const staleMs = 3_600_000;

const checkOptions = {
  target: 'esnext',
  module: 'esnext',
  moduleResolution: 'bundler',
  lib: ['esnext'],
  types: ['node'],
  strict: true,
  skipLibCheck: true,
  allowJs: true,
  isolatedModules: true,
  resolveJsonModule: true,
  allowImportingTsExtensions: true,
  noEmit: true,
};

/**
 * The folder where checks are done: once, the SDK's types are made from its sources; each check gets a folder beside
 * them, in which it finds the SDK and the listed packages as if they were installed.
 */
export class Workshop {
  readonly #folder: string;
  readonly #sources: BundleSources;
  readonly #compiler: Compiler;
  readonly #clock: Clock;
  #base: Promise<string> | null = null;

  constructor(folder: string, sources: BundleSources, compiler: Compiler, clock: Clock) {
    this.#folder = folder;
    this.#sources = sources;
    this.#compiler = compiler;
    this.#clock = clock;
  }

  /** Folders whose files a check may read, beside the plugin's own. */
  async allowedFolders(): Promise<readonly string[]> {
    const base = await this.#prepared();
    const types = typePackages.map((name) => findPackage(name, this.#sources.sdk));
    return [join(base, 'sdk'), this.#compiler.library, ...types, ...this.#sources.packageFolders.values()];
  }

  /** A folder that holds the plugin and is removed after use. */
  async layOut(tree: SourceTree): Promise<{ readonly folder: string; readonly remove: () => Promise<void> }> {
    const folder = join(await this.#prepared(), `${checkPrefix}${randomUUID()}`);
    const remove = () => rm(folder, { recursive: true, force: true });
    try {
      await mkdir(join(folder, pluginFolder), { recursive: true, mode: 0o700 });
      const options = { compilerOptions: checkOptions, include: [pluginFolder] };
      await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(options));
      await writeFile(join(folder, pluginFolder, 'package.json'), '{"type":"module"}');
      for (const [path, bytes] of tree.files) {
        if (unwanted.test(path)) continue;
        const file = join(folder, pluginFolder, path);
        await mkdir(dirname(file), { recursive: true });
        await writeFile(file, bytes, { flag: 'wx' });
      }
      return { folder, remove };
    } catch (error) {
      await remove();
      throw error;
    }
  }

  #prepared(): Promise<string> {
    this.#base ??= this.#prepare().catch((error: unknown) => {
      this.#base = null;
      throw error;
    });
    return this.#base;
  }

  async #prepare(): Promise<string> {
    const base = join(this.#folder, `types-${await digestFolder(this.#sources.sdk)}`);
    if (existsSync(base)) {
      await this.#sweep(base);
      return base;
    }
    const making = `${base}.${randomUUID()}`;
    await this.#makeSdkTypes(making);
    const links: [string, string][] = [
      ['@clay/sdk', join(base, 'sdk')],
      ...typePackages.map((name): [string, string] => [name, findPackage(name, this.#sources.sdk)]),
      ...this.#sources.packageFolders,
    ];
    for (const [name, target] of links) {
      const link = join(making, 'node_modules', name);
      await mkdir(dirname(link), { recursive: true });
      await symlink(target, link, 'junction');
    }
    await rename(making, base).catch(async (error: NodeJS.ErrnoException) => {
      // Another process has made the same meanwhile.
      if (!existsSync(base)) throw error;
      await rm(making, { recursive: true, force: true });
    });
    return base;
  }

  /** Checks whose process died with them. */
  async #sweep(base: string): Promise<void> {
    for (const name of await readdir(base)) {
      if (!name.startsWith(checkPrefix)) continue;
      const stats = await stat(join(base, name)).catch(() => null);
      if (stats !== null && this.#clock.now() - stats.mtimeMs > staleMs)
        await rm(join(base, name), { recursive: true, force: true });
    }
  }

  async #makeSdkTypes(folder: string): Promise<void> {
    const { sdk, sdkModules } = this.#sources;
    await mkdir(join(folder, 'sdk'), { recursive: true, mode: 0o700 });
    const config = {
      compilerOptions: {
        ...checkOptions,
        types: [findPackage('@types/node', sdk)],
        noEmit: false,
        declaration: true,
        emitDeclarationOnly: true,
        noCheck: true,
        rootDir: sdk,
        outDir: join(folder, 'sdk'),
      },
      files: [...sdkModules.values()],
    };
    await writeFile(join(folder, 'tsconfig.sdk.json'), JSON.stringify(config));
    const args = ['-p', 'tsconfig.sdk.json', '--pretty', 'false'];
    const output = await this.#compiler.run({ plugin: '@clay/sdk', folder, args, signal: undefined });
    const exports = [...sdkModules].map(([name, file]) => [
      name,
      `.${file.slice(sdk.length).replace(/\.ts$/, '.d.ts')}`,
    ]);
    const missing = exports.find(([, file]) => !existsSync(join(folder, 'sdk', file!)));
    if (missing !== undefined)
      throw new ClayError('UNAVAILABLE', `The SDK's types could not be made (${missing[0]}).`, {
        output,
        phase: 'check',
      });
    const manifest = { name: '@clay/sdk', type: 'module', exports: Object.fromEntries(exports) };
    await writeFile(join(folder, 'sdk', 'package.json'), JSON.stringify(manifest));
  }
}

async function digestFolder(folder: string): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(checkOptions)).update(folder);
  const entries = await readdir(join(folder, 'src'), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  for (const file of files.sort()) hash.update(file).update(await readFile(file));
  return hash.digest('hex').slice(0, 16);
}
