import { realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { ClayError, type Paths, parsePermission } from '@clay/sdk';
import { clawPath } from '@clay/sdk/wire';

/** Who asks, and what for. */
export interface FileRequest {
  readonly plugin: string;
  /** Effective permissions of the plugin. */
  readonly permissions: readonly string[];
  readonly path: string;
}

export type FilePermission = 'fs.read' | 'fs.write';

export interface GrantedPath {
  /** Without links, down to the deepest part that exists. */
  readonly real: string;
  /** It is a granted folder itself, not something below one. */
  readonly isGrant: boolean;
}

/** What no plugin may touch, wherever it lies: databases and what belongs to them, tokens, environments, the operator's file. */
const protectedName = /^(clay\.json|token|identity\.pem|\.env.*|.*\.(db|sqlite)([-.].*)?)$/i;
/** What below `data/` plugins may have at all. The rest is the host's state, whatever its name. */
const openDataFolders = ['extensions', 'plugins', 'files', 'skills', 'ops', 'build-failures'];
/** Pages of the claw's own origin, whose scripts would hold the rights of whoever is logged in. */
const servedFolder = 'dev-ui';
const maxPathLength = 1024;

/**
 * Where a path leads that the permissions allow.
 *
 * @throws ClayError `BAD_ARGUMENTS` for what is no path, `REFUSED` when it leads out of what was granted
 */
export async function grantedPath(
  { path, plugin, permissions }: FileRequest,
  wanted: FilePermission,
  paths: Paths,
): Promise<GrantedPath> {
  checkSpelling(path);
  const real = await realPathOf(clawPath(path, paths));
  const folders = await grantedFolders(permissions, wanted, paths);
  const grants = folders.filter((folder) => isWithin(folder, real));
  if (grants.length === 0) throw refusal(path, plugin, permissions, wanted, paths);
  const below = grants.map((folder) => relative(folder, real).split(sep));
  const isHidden = [...below.flat(), basename(real), ...path.split('/')].some((name) => protectedName.test(name));
  if (isHidden || (await isHostState(real, paths))) {
    throw new ClayError(
      'REFUSED',
      `${path} holds the claw's own state or secrets, which no plugin may touch whatever it was granted.`,
    );
  }
  return { real, isGrant: folders.includes(real) };
}

/** What must not be told by a listing either. */
export function isProtectedName(name: string): boolean {
  return protectedName.test(name);
}

function checkSpelling(path: string): void {
  if (path === '' || path.includes('\0') || path.length > maxPathLength) {
    const shown = path.length > 80 ? `${path.slice(0, 80)}…` : path;
    throw new ClayError(
      'BAD_ARGUMENTS',
      `${JSON.stringify(shown)} is no path: it must have 1 to ${maxPathLength} characters and no NUL.`,
    );
  }
  if (path.split('/').includes('..'))
    throw new ClayError('REFUSED', `${path} contains "..": write the path from the root of the claw.`);
}

async function grantedFolders(permissions: readonly string[], wanted: FilePermission, paths: Paths): Promise<string[]> {
  const granted = permissions
    .map(parsePermission)
    .filter((one) => typeof one !== 'string')
    .filter(({ name }) => name === wanted);
  return Promise.all(granted.map(({ argument }) => realFolder(clawPath(argument, paths), paths)));
}

/** Links among the claw's own folders are the operator's; below them a link proves nothing. */
async function realFolder(folder: string, paths: Paths): Promise<string> {
  const tops = [paths.extensions, paths.soul, paths.public, join(paths.data, 'files'), paths.data, paths.root];
  const top = tops.map((one) => resolve(one)).find((one) => isWithin(one, folder));
  return top === undefined ? folder : join(await realPathOf(top), relative(top, folder));
}

async function isHostState(real: string, paths: Paths): Promise<boolean> {
  const [root, data] = await Promise.all([realPathOf(paths.root), realPathOf(paths.data)]);
  if (isWithin(join(root, servedFolder), real)) return true;
  const open = [await realPathOf(paths.extensions), ...openDataFolders.map((name) => join(data, name))];
  return isWithin(data, real) && !open.some((folder) => isWithin(folder, real));
}

function refusal(
  path: string,
  plugin: string,
  permissions: readonly string[],
  wanted: FilePermission,
  paths: Paths,
): ClayError {
  const held = permissions.filter((one) => one.startsWith(`${wanted}:`)).map((one) => one.slice(wanted.length + 1));
  const has = held.length === 0 ? 'none' : held.join(', ');
  const verb = wanted === 'fs.read' ? 'read' : 'write';
  const start = `The plugin "${plugin}" may not ${verb} ${path}`;
  const outside = isAbsolute(path) && !isWithin(resolve(paths.root), resolve(path));
  if (outside)
    return new ClayError('REFUSED', `${start}: it lies outside of the claw. Folders that it may ${verb}: ${has}.`);
  const folder = isAbsolute(path) ? relative(paths.root, path) : path;
  const ask = folder.includes('/') ? dirname(folder) : folder;
  return new ClayError(
    'REFUSED',
    `${start}, or it leads there by a link. Folders that it may ${verb}: ${has}. Declare "${wanted}:${ask}" (in a .star file: allow(${verb}=["${ask}"])); what is declared and still refused, the operator withholds by "ceilings" in clay.json.`,
    { data: { permission: `${wanted}:${ask}` } },
  );
}

/** The real path of the part that exists, and the rest as it was given. */
async function realPathOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code === 'ELOOP') throw new ClayError('REFUSED', `${path} is a symbolic link that leads to itself.`);
    if (code === 'ENAMETOOLONG')
      throw new ClayError('BAD_ARGUMENTS', `${path} has a name that is too long for a file.`);
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error;
    const parent = dirname(path);
    return parent === path ? path : join(await realPathOf(parent), basename(path));
  }
}

function isWithin(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}
