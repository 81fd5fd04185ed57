import { mkdirSync } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, resolve, sep } from 'node:path';
import { ClayError, type Paths } from '@clay/sdk';
import { foldersIn } from './program/environment.ts';

/** Where the program works, and what it keeps. */
export class Folders {
  /** The plugin's own: below it the program's settings, and `work`, where tasks go that name no other place. */
  readonly home: string;
  readonly #root: string;
  readonly #roots: readonly string[];

  constructor(paths: Pick<Paths, 'root' | 'data'>, roots: readonly string[]) {
    this.home = join(paths.data, 'files', 'claude');
    this.#root = paths.root;
    this.#roots = [join(this.home, 'work'), ...roots.map((root) => resolve(paths.root, root))];
  }

  prepare(): void {
    for (const folder of [...foldersIn(this.home), join(this.home, 'work')]) mkdirSync(folder, { recursive: true });
  }

  /**
   * The working folder first, then every other that exists; real paths.
   *
   * @throws ClayError `REFUSED` for a folder outside of the roots, `NOT_FOUND` for one that is not there
   */
  async choose(wanted: string | undefined): Promise<readonly string[]> {
    const roots = (await Promise.all(this.#roots.map(realFolder))).filter((root) => root !== null);
    const [own = ''] = roots;
    if (wanted === undefined || wanted.trim() === '') return roots;
    const asked = isAbsolute(wanted) ? resolve(wanted) : await this.#relative(wanted, own);
    const real = await realFolder(asked);
    const list = this.#roots.join(', ');
    if (real === null)
      throw new ClayError('NOT_FOUND', `The folder ${asked} does not exist. Claude Code works in ${list}.`);
    if (!roots.some((root) => real === root || real.startsWith(root + sep))) {
      const message = `${wanted} lies outside of the folders that Claude Code works in: ${list}. The operator can add one to "roots" of the claude plugin in clay.json.`;
      throw new ClayError('REFUSED', message);
    }
    return [real, ...roots.filter((root) => root !== real)];
  }

  /** Below its own folder, where such a one is; else as paths of the claw are written. */
  async #relative(wanted: string, own: string): Promise<string> {
    const inside = resolve(own, wanted);
    return (await realFolder(inside)) === null ? resolve(this.#root, wanted) : inside;
  }
}

/** Null when it is no folder, or none that may be looked at. */
async function realFolder(path: string): Promise<string | null> {
  try {
    const real = await realpath(path);
    return (await stat(real)).isDirectory() ? real : null;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP' || code === 'ERR_ACCESS_DENIED') return null;
    throw error;
  }
}
