import { lstat, mkdir, readdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import type { Paths } from '../context.ts';
import { ClayError } from '../errors.ts';
import type { FileEntry } from '../files.ts';
import type { JsonObject } from '../json.ts';
import { clawPath } from '../wire/claw-path.ts';
import type { ServedAnswer } from '../wire/host-connection.ts';

/** `ctx.files` over real files below the test host's root. Permissions are the host's to check. */
export async function serveTestFiles(
  method: string,
  args: JsonObject,
  text: Uint8Array | undefined,
  paths: Paths,
): Promise<ServedAnswer> {
  const path = String(args.path);
  const place = clawPath(path, paths);
  const inside = relative(paths.root, place);
  if (inside === '..' || inside.startsWith(`..${sep}`) || path.split('/').includes('..'))
    throw new ClayError('REFUSED', `${path} lies outside of the claw.`);
  try {
    switch (method) {
      case 'fs.read':
        return { value: null, blobs: [new Uint8Array(await readFile(place))] };
      case 'fs.write': {
        const bytes = text ?? new Uint8Array();
        await mkdir(dirname(place), { recursive: true });
        await writeFile(place, bytes);
        return { value: bytes.length };
      }
      case 'fs.list':
        return { value: (await listFolder(place)).map((entry) => ({ ...entry })) };
      default:
        return { value: await remove(place) };
    }
  } catch (error) {
    if (isMissing(error)) throw new ClayError('NOT_FOUND', `${path} does not exist.`, { cause: error });
    throw error;
  }
}

async function listFolder(place: string): Promise<readonly FileEntry[]> {
  const names = await readdir(place).catch((error) => (isMissing(error) ? [] : Promise.reject(error)));
  return Promise.all(names.sort().map((name) => entryOf(place, name)));
}

async function entryOf(folder: string, name: string): Promise<FileEntry> {
  const found = await lstat(join(folder, name));
  return {
    name,
    kind: found.isFile() ? 'file' : found.isDirectory() ? 'folder' : 'other',
    bytes: found.isFile() ? found.size : 0,
  };
}

async function remove(place: string): Promise<boolean> {
  const found = await lstat(place).catch((error) => (isMissing(error) ? null : Promise.reject(error)));
  if (found === null) return false;
  await (found.isDirectory() ? rmdir(place) : rm(place));
  return true;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
