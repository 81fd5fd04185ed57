import { constants } from 'node:fs';
import { type FileHandle, lstat, open, readdir, realpath, stat } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import { ClayError } from '@clay/sdk';
import type { BuildLimits } from '../limits.ts';
import { isIgnored, refused, SourceCollector, show } from './source-collector.ts';
import { manifestPath, type SourceTree } from './source-tree.ts';

/** Reads a plugin's folder, or a plugin of one file, named by its path. */
export async function readSources(path: string, limits: BuildLimits): Promise<SourceTree> {
  const root = await realpath(path).catch((cause: NodeJS.ErrnoException) => {
    throw new ClayError('NOT_FOUND', `The plugin's sources ${show(path)} cannot be read: ${cause.message}`, {
      cause,
      phase: 'read',
    });
  });
  const reader = new Reader(root, limits);
  const isFolder = (await stat(root)).isDirectory();
  if (isFolder) await reader.readFolder('');
  else await reader.readFile(root, basename(path));
  const { files } = reader.collector;
  const name = basename(path).replace(/\.(m?ts|m?js)$/, '');
  return { name: isFolder && files.has(manifestPath) ? null : name, files };
}

class Reader {
  readonly collector: SourceCollector;
  readonly #root: string;

  constructor(root: string, limits: BuildLimits) {
    this.#root = root;
    this.collector = new SourceCollector(limits);
  }

  async readFolder(folder: string): Promise<void> {
    const entries = await readdir(join(this.#root, folder), { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (isIgnored(path)) continue;
      if (entry.isDirectory()) await this.readFolder(path);
      else if (entry.isFile()) await this.readFile(join(this.#root, path), path);
      else if (entry.isSymbolicLink()) await this.readFile(await this.#resolveLink(path), path);
      else throw refused(`${show(path)} is neither a file nor a folder. Remove it.`);
    }
  }

  /** A link may name a file of the same folder; anything else would let a build read what the plugin may not. */
  async #resolveLink(path: string): Promise<string> {
    const target = await realpath(join(this.#root, path)).catch(() => null);
    if (target === null) throw refused(`${show(path)} is a link to nothing. Remove it.`);
    const inside = relative(this.#root, target).split(sep).join('/');
    if (inside.startsWith('../') || inside === '..')
      throw refused(`${show(path)} is a link out of the plugin's folder. Copy the file into the folder instead.`);
    if (!(await lstat(target)).isFile() || isIgnored(inside))
      throw refused(`${show(path)} is a link to something that is not a source file. Remove it.`);
    return target;
  }

  async readFile(place: string, path: string): Promise<void> {
    // Not through a link that took the file's place meanwhile, and without waiting for the writer of a FIFO.
    const file = await open(place, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const stats = await file.stat();
      if (!stats.isFile()) throw refused(`${show(path)} is not a regular file. Remove it.`);
      this.collector.announce(path, stats.size);
      this.collector.add(path, await readExactly(file, stats.size));
    } finally {
      await file.close();
    }
  }
}

/** No more than was announced, although the file may grow. */
async function readExactly(file: FileHandle, size: number): Promise<Uint8Array> {
  const bytes = Buffer.alloc(size);
  let done = 0;
  while (done < size) {
    const { bytesRead } = await file.read(bytes, done, size - done, done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return bytes.subarray(0, done);
}
