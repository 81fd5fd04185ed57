import { realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { ClayError, type Paths } from '@clay/sdk';

/** What no tool may touch, wherever it lies: databases and what belongs to them, tokens, environments, the operator's file. */
const protectedName = /^(clay\.json|token|identity\.pem|\.env.*|.*\.(db|sqlite)([-.].*)?)$/i;

/**
 * All of the claw's data that is the agent's to read and write. The rest is the host's state, whatever its name: the command
 * line sends the token to the address in one of those files, and a database may be called anything.
 */
const openDataFolders = ['extensions', 'plugins', 'files', 'skills', 'ops', 'build-failures'];

/** Pages that are served from the claw's own origin: a script in them would hold the rights of whoever is logged in. */
const servedFolder = 'dev-ui';

/** Keeps paths below the roots, also behind symbolic links. */
export class PathGuard {
  /** Where relative paths begin. */
  readonly base: string;
  readonly #roots: readonly string[];
  readonly #claw: Pick<Paths, 'root' | 'data'>;

  constructor(roots: readonly string[], claw: Pick<Paths, 'root' | 'data'>) {
    this.#roots = roots.map((root) => resolve(claw.root, root));
    this.base = this.#roots[0] ?? claw.root;
    this.#claw = claw;
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
    const isProtected = await this.protection();
    if (isProtected(wanted) || isProtected(real)) {
      throw new ClayError(
        'REFUSED',
        `${path} holds the claw's own data or secrets and cannot be read or written by tools. Below data/ only ${openDataFolders.join('/, ')}/ are open to them.`,
      );
    }
    return real;
  }

  /** Tells of absolute paths whether no tool may touch them, as the folders lie now. */
  async protection(): Promise<(path: string) => boolean> {
    const data = await realPathOf(this.#claw.data);
    const served = join(await realPathOf(this.#claw.root), servedFolder);
    const open = openDataFolders.map((name) => join(data, name));
    return (path) => {
      if (protectedName.test(basename(path)) || isWithin(served, path)) return true;
      // The folder itself may be listed.
      return path !== data && isWithin(data, path) && !open.some((folder) => isWithin(folder, path));
    };
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
    // In a process without a grant for it: Node refuses whatever lies there, wherever it leads.
    if (code === 'ERR_ACCESS_DENIED') return path;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error;
    const parent = dirname(path);
    return parent === path ? path : join(await realPathOf(parent), basename(path));
  }
}

function isWithin(root: string, path: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);
}
