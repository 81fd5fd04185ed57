import { randomUUID } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ClayError, type ErrorCode, type FileEntry, type Paths } from '@clay/sdk';
import { type FileRequest, grantedPath, isProtectedName } from './granted-path.ts';
import { withFolder } from './open-folder.ts';

/** Files of the claw, for plugins and scripts. */
export interface FileAccess {
  read(request: FileRequest): Promise<Uint8Array>;
  /** The number of bytes. */
  write(request: FileRequest, text: Uint8Array): Promise<number>;
  list(request: FileRequest): Promise<readonly FileEntry[]>;
  /** Whether there was one. */
  remove(request: FileRequest): Promise<boolean>;
}

/** A file rides in one message, so it stays below the frame's cap. */
export const maxFileBytes = 6 * 1024 * 1024;
/** Names of one folder that are listed. */
const maxEntries = 10_000;

const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK } = constants;

/** Makes the guard between plugins and the claw's files: each path is checked anew, by what it leads to. */
export function createFileAccess({ paths }: { readonly paths: Paths }): FileAccess {
  return {
    read: (request) =>
      telling(request.path, async () => {
        const { real } = await grantedPath(request, 'fs.read', paths);
        return withFolder(dirname(real), (folder) => readWhole(join(folder, basename(real)), request.path));
      }),
    write: (request, text) =>
      telling(request.path, async () => {
        checkSize(request.path, text.length);
        const { real } = await grantedPath(request, 'fs.write', paths);
        await mkdir(dirname(real), { recursive: true });
        await withFolder(dirname(real), (folder) => replace(join(folder, basename(real)), text, request.path));
        return text.length;
      }),
    list: (request) =>
      telling(request.path, async () => {
        const { real, isGrant } = await grantedPath(request, 'fs.read', paths);
        if (isGrant && (await find(real)) === null) return [];
        return withFolder(real, (folder) => entriesOf(folder, request.path));
      }),
    remove: (request) =>
      telling(request.path, async () => {
        const { real, isGrant } = await grantedPath(request, 'fs.write', paths);
        const found = await find(real);
        if (found === null) return false;
        if (isGrant && found.isDirectory())
          throw new ClayError('REFUSED', `${request.path} is the granted folder itself: remove what lies in it.`);
        await withFolder(dirname(real), async (folder) => {
          const place = join(folder, basename(real));
          await (found.isDirectory() ? rmdir(place) : rm(place));
        });
        return true;
      }),
  };
}

async function readWhole(place: string, path: string): Promise<Uint8Array> {
  // Looked at before it is opened, because opening some devices does something; and after, because it may have changed.
  requireFile(await lstat(place), path);
  const handle = await open(place, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const found = await handle.stat();
    requireFile(found, path);
    checkSize(path, found.size);
    return await readAtMost(handle, path);
  } finally {
    await handle.close();
  }
}

/** A file may grow while it is read, and some of /proc say that they are empty. */
async function readAtMost(handle: FileHandle, path: string): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of handle.createReadStream({ autoClose: false })) {
    length += chunk.length;
    checkSize(path, length);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

/** A reader, and a machine that stops at any moment, sees the old text or the new one whole. */
async function replace(place: string, text: Uint8Array, path: string): Promise<void> {
  const found = await find(place);
  if (found !== null) requireFile(found, path);
  const temporary = join(dirname(place), `.${randomUUID()}.tmp`);
  try {
    const handle = await open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o644);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, place);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function entriesOf(folder: string, path: string): Promise<readonly FileEntry[]> {
  const names = (await readdir(folder)).filter((name) => !isProtectedName(name));
  if (names.length > maxEntries) {
    throw new ClayError('TOO_LARGE', `${path} holds ${names.length} names; at most ${maxEntries} are listed.`);
  }
  const entries = await Promise.all(
    names.sort().map(async (name): Promise<FileEntry | null> => {
      const found = await find(join(folder, name));
      if (found === null) return null;
      const kind = found.isFile() ? 'file' : found.isDirectory() ? 'folder' : 'other';
      return { name, kind, bytes: kind === 'file' ? found.size : 0 };
    }),
  );
  return entries.filter((entry) => entry !== null);
}

async function find(place: string): Promise<Stats | null> {
  try {
    return await lstat(place);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

function requireFile(found: Stats, path: string): void {
  if (found.isFile()) return;
  const what = found.isDirectory()
    ? 'a folder'
    : found.isSymbolicLink()
      ? 'a link that leads nowhere'
      : found.isFIFO()
        ? 'a pipe'
        : found.isSocket()
          ? 'a socket'
          : 'a device';
  throw new ClayError('REFUSED', `${path} is ${what}, not a file.`);
}

function checkSize(path: string, bytes: number): void {
  if (bytes <= maxFileBytes) return;
  throw new ClayError(
    'TOO_LARGE',
    `${path} has ${bytes} bytes; at most ${maxFileBytes} can be read or written at once.`,
  );
}

const problems: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  ENOENT: ['NOT_FOUND', 'does not exist'],
  ENOTDIR: ['BAD_ARGUMENTS', 'lies below something that is no folder'],
  EISDIR: ['BAD_ARGUMENTS', 'is a folder'],
  EEXIST: ['BAD_ARGUMENTS', 'lies below something that is no folder'],
  ENOTEMPTY: ['CONFLICT', 'is a folder that is not empty'],
  ENAMETOOLONG: ['BAD_ARGUMENTS', 'has a name that is too long for a file'],
  ELOOP: ['REFUSED', 'is a link'],
  EACCES: ['REFUSED', 'is closed to the host by the rights of its file'],
  EPERM: ['REFUSED', 'is closed to the host by the rights of its file'],
  EROFS: ['UNAVAILABLE', 'lies on a volume that cannot be written'],
  ENOSPC: ['UNAVAILABLE', 'was not written: the volume is full'],
  EDQUOT: ['UNAVAILABLE', 'was not written: the quota of the volume is used up'],
};

/** What the file system says, in words for an author. */
async function telling<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const [code, problem] = problems[codeOf(cause)] ?? [];
    if (code === undefined || cause instanceof ClayError) throw cause;
    throw new ClayError(code, `${path} ${problem}.`, { cause });
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
