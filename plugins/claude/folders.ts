import { mkdirSync, rmSync } from 'node:fs';
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

  /** Once nothing runs: what runs have left for a while is nobody's any more. */
  clean(): void {
    // At once, so that the next run, which makes the folder again, does not lose it.
    rmSync(join(this.home, 'tmp'), { recursive: true, force: true });
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
    const isAllowed = (path: string) =>
      [...this.#roots, ...roots].some((root) => path === root || path.startsWith(root + sep));
    const asked = this.#absolute(wanted, own, isAllowed);
    const list = this.#roots.join(', ');
    const real = isAllowed(asked) ? await realFolder(asked) : asked;
    if (real === null) {
      throw new ClayError('NOT_FOUND', `The folder ${asked} does not exist. Claude Code works in ${list}.`);
    }
    // Again, for where a link leads.
    if (!isAllowed(real)) {
      const message = `${wanted} lies outside of the folders that Claude Code works in: ${list}. The operator can add one to "roots" of the claude plugin in clay.json.`;
      throw new ClayError('REFUSED', message);
    }
    return [real, ...roots.filter((root) => root !== real)];
  }

  /** As paths of the claw are written, where such a one is allowed; else below its own folder. */
  #absolute(wanted: string, own: string, isAllowed: (path: string) => boolean): string {
    if (isAbsolute(wanted)) return resolve(wanted);
    const inClaw = resolve(this.#root, wanted);
    return isAllowed(inClaw) ? inClaw : resolve(own, wanted);
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
