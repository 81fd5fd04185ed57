import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ClayError } from '@clay/sdk';
import { checkPath, isIgnored } from '../../builder/source/source-collector.ts';

/** A plugin's sources: a folder, or one file. */
export interface SourcePlace {
  readonly plugin: string;
  readonly path: string;
}

/** What stood there before, and what is to stand there, while the one takes the other's place. */
const asidePattern = /^\.([a-z][a-z0-9-]*)\.(old|new)$/;

/** `data/plugins`: the sources that people and the agent edit. */
export class SourceFolder {
  readonly folder: string;
  /** False: it has just been made, so that nothing tells of a plugin being deleted that is not in it. */
  readonly wasThere: boolean;

  constructor(folder: string) {
    this.folder = folder;
    this.wasThere = existsSync(folder);
    mkdirSync(folder, { recursive: true });
    this.#recover();
  }

  /** Sorted by name; whatever looks like sources, also under a name that no plugin can have. */
  list(): readonly SourcePlace[] {
    const places = readdirSync(this.folder, { withFileTypes: true })
      .filter(({ name }) => !isIgnored(name))
      .filter((entry) => isFolder(join(this.folder, entry.name)) || entry.name.endsWith('.ts'))
      .map(({ name }): [string, string] => [name.replace(/\.ts$/, ''), join(this.folder, name)]);
    return [...new Map(places)]
      .map(([plugin, path]) => ({ plugin, path }))
      .sort((a, b) => (a.plugin < b.plugin ? -1 : 1));
  }

  has(plugin: string): boolean {
    return this.#candidates(plugin).length > 0;
  }

  /** Throws `NOT_FOUND` when there are none, and `CONFLICT` when there are two. */
  pathOf(plugin: string): string {
    const [path, other] = this.#candidates(plugin);
    if (other !== undefined)
      throw new ClayError(
        'CONFLICT',
        `There are both a folder data/plugins/${plugin} and a file data/plugins/${plugin}.ts: delete the one that is not meant.`,
      );
    if (path !== undefined) return path;
    const known = this.list().map((one) => one.plugin);
    throw new ClayError(
      'NOT_FOUND',
      `There is neither a folder data/plugins/${plugin} nor a file data/plugins/${plugin}.ts. There are: ${known.join(', ') || 'none'}.`,
    );
  }

  /** Where a plugin of several files lies. */
  folderOf(plugin: string): string {
    return join(this.folder, plugin);
  }

  /** Changes whenever a file of the plugin does, comes or goes; null when it has no sources. */
  stampOf(plugin: string): string | null {
    const candidates = this.#candidates(plugin);
    if (candidates.length === 0) return null;
    const hash = createHash('sha256');
    for (const path of candidates) for (const line of linesOf(path, '')) hash.update(`${line}\n`);
    return hash.digest('hex');
  }

  /** Puts these files in the place of whatever is there: whole or not at all. */
  replace(plugin: string, files: ReadonlyMap<string, string>): void {
    requireFiles(plugin, files);
    const { next, old } = this.#aside(plugin);
    for (const path of [next, old]) rmSync(path, { recursive: true, force: true });
    for (const [path, text] of files) {
      const place = join(next, path);
      mkdirSync(dirname(place), { recursive: true });
      writeFileSync(place, text);
    }
    const target = this.folderOf(plugin);
    if (existsSync(target)) renameSync(target, old);
    renameSync(next, target);
    rmSync(`${target}.ts`, { force: true });
    rmSync(old, { recursive: true, force: true });
  }

  /** A host that died in the middle of a replacement has left what was there before, aside. */
  #recover(): void {
    for (const name of readdirSync(this.folder)) {
      const plugin = asidePattern.exec(name)?.[1];
      if (plugin === undefined) continue;
      const { next, old } = this.#aside(plugin);
      const target = join(this.folder, plugin);
      if (existsSync(old) && !existsSync(target)) renameSync(old, target);
      for (const path of [next, old]) rmSync(path, { recursive: true, force: true });
    }
  }

  #aside(plugin: string): { readonly next: string; readonly old: string } {
    return { next: join(this.folder, `.${plugin}.new`), old: join(this.folder, `.${plugin}.old`) };
  }

  #candidates(plugin: string): readonly string[] {
    return [join(this.folder, plugin), join(this.folder, `${plugin}.ts`)].filter((path) => existsSync(path));
  }
}

/** Throws `BAD_ARGUMENTS` or `REFUSED` for files that cannot be a plugin's. */
export function requireFiles(plugin: string, files: ReadonlyMap<string, string>): void {
  if (files.size === 0) throw new ClayError('BAD_ARGUMENTS', `No file of the plugin "${plugin}" was sent.`);
  const paths = new Set(files.keys());
  for (const path of paths) checkPath(path);
  for (const path of paths) {
    const parts = path.split('/');
    const file = parts.map((_, index) => parts.slice(0, index).join('/')).find((above) => paths.has(above));
    if (file === undefined) continue;
    const text = `${JSON.stringify(file)} is sent as a file, and as the folder of ${JSON.stringify(path)}.`;
    throw new ClayError('BAD_ARGUMENTS', text);
  }
}

function* linesOf(path: string, name: string): Generator<string> {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) yield `${name} nothing`;
  else if (!stats.isDirectory()) yield `${name} ${stats.size} ${stats.mtimeMs}`;
  else
    for (const child of readdirSync(path).sort())
      if (!isIgnored(child)) yield* linesOf(join(path, child), `${name}/${child}`);
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
