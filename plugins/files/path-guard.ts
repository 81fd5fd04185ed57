import { realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { ClayError } from '@clay/sdk';

/** What no tool may touch, wherever it lies: databases and what belongs to them, tokens, environments, the operator's file. */
const protectedName = /^(clay\.json|token|\.env.*|host\.(lock|running\.json)|.*\.(db|sqlite)([-.].*)?)$/i;

/** Keeps paths below the roots, also behind symbolic links. */
export class PathGuard {
  /** Where relative paths begin. */
  readonly base: string;
  readonly #roots: readonly string[];

  constructor(roots: readonly string[], clawRoot: string) {
    this.#roots = roots.map((root) => resolve(clawRoot, root));
    this.base = this.#roots[0] ?? clawRoot;
  }

  /**
   * The real path that a given one leads to; it need not exist.
   *
   * @throws ClayError `REFUSED` when it lies outside of the roots or names what is protected
   */
  async resolve(path: string): Promise<string> {
    if (path === '' || path.includes('\0')) throw new ClayError('BAD_ARGUMENTS', `${JSON.stringify(path)} is no path.`);
    const wanted = isAbsolute(path) ? resolve(path) : resolve(this.base, path);
    const real = await realPathOf(wanted);
    const roots = await Promise.all(this.#roots.map(realPathOf));
    if (!roots.some((root) => isWithin(root, real))) {
      throw new ClayError(
        'REFUSED',
        `${path} lies outside of the folders that the agent may work in: ${this.#roots.join(', ')}. The operator can add one to "roots" of the files plugin in clay.json.`,
      );
    }
    if (this.isProtected(wanted) || this.isProtected(real)) {
      throw new ClayError(
        'REFUSED',
        `${path} holds the claw's own data or secrets and cannot be read or written by tools.`,
      );
    }
    return real;
  }

  isProtected(path: string): boolean {
    return protectedName.test(basename(path));
  }

  /** As the agent would write it: relative where that is possible. */
  display(real: string, base: string): string {
    const shown = relative(base, real);
    return shown === '' ? '.' : shown.startsWith('..') ? real : shown;
  }
}

/** The real path of the part that exists, and the rest as it was given. */
async function realPathOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ELOOP') throw new ClayError('BAD_ARGUMENTS', `${path} is a symbolic link that leads to itself.`);
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error;
    const parent = dirname(path);
    return parent === path ? path : join(await realPathOf(parent), basename(path));
  }
}

function isWithin(root: string, path: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);
}
