import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { type BigIntStats, constants, lstatSync, statSync } from 'node:fs';
import { lstat, open, realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** What was found under a name at one moment. */
export type Sight =
  | { readonly kind: 'gone' }
  /** It changed while it was read. */
  | { readonly kind: 'moving' }
  | { readonly kind: 'script'; readonly stamp: string; readonly source: string; readonly hash: string }
  | { readonly kind: 'refused'; readonly stamp: string; readonly problem: string };

/** A script is written by hand or by a model; this is a hundred times a long one. */
export const maxSourceBytes = 1024 * 1024;

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
const newline = 10;

/** Reads a file of the folder as it is now. */
export async function look(folder: string, file: string): Promise<Sight> {
  const stamp = stampOf(folder, file);
  try {
    const found = await examine(folder, file);
    if (stampOf(folder, file) !== stamp) return { kind: 'moving' };
    if ('problem' in found) return { kind: 'refused', stamp, ...found };
    const hash = createHash('sha256').update(found.bytes).digest('hex');
    return { kind: 'script', stamp, source: found.bytes.toString('utf8'), hash };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    // Also a link that leads nowhere: there is nothing to run.
    if (code === 'ENOENT') return { kind: 'gone' };
    return { kind: 'refused', stamp, problem: `${file} cannot be read: ${messageOf(error)}.` };
  }
}

/** Changes whenever the file does, or what it leads to; empty when there is none. */
export function stampOf(folder: string, file: string): string {
  const place = join(folder, file);
  const options = { bigint: true, throwIfNoEntry: false } as const;
  let stamp = '';
  try {
    const found = lstatSync(place, options);
    if (found === undefined) return '';
    stamp = toStamp(found);
    if (!found.isSymbolicLink()) return stamp;
    const target = statSync(place, options);
    return target === undefined ? stamp : `${stamp} ${toStamp(target)}`;
  } catch (error) {
    // Not to be looked at is a state too, such as of a link that leads to itself.
    return `${stamp} ${messageOf(error)}`;
  }
}

async function examine(
  folder: string,
  file: string,
): Promise<{ readonly bytes: Buffer } | { readonly problem: string }> {
  const place = join(folder, file);
  const isLink = (await lstat(place)).isSymbolicLink();
  const real = isLink ? await realpath(place) : place;
  if (isLink && dirname(real) !== (await realpath(folder)))
    return { problem: `${file} is a link to ${real}, out of the folder of extensions. Copy the file instead.` };
  // Before it is opened: opening some devices does something.
  const problem = problemOf(file, await stat(real, { bigint: true }));
  if (problem !== null) return { problem };
  const handle = await open(real, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const now = problemOf(file, await handle.stat({ bigint: true }));
    if (now !== null) return { problem: now };
    const bytes = await handle.readFile();
    return isUtf8(bytes) ? { bytes } : { problem: `${file} is not UTF-8 text: see its line ${brokenLine(bytes)}.` };
  } finally {
    await handle.close();
  }
}

function problemOf(file: string, found: BigIntStats): string | null {
  if (found.isDirectory()) return `${file} is a folder, not a script.`;
  if (!found.isFile()) return `${file} is no regular file.`;
  if (found.size <= maxSourceBytes) return null;
  return `${file} has ${found.size} bytes; a script has at most ${maxSourceBytes}. Keep data in files of its own and read them with read_file.`;
}

function brokenLine(bytes: Buffer): number {
  let start = 0;
  for (let line = 1; ; line++) {
    const end = bytes.indexOf(newline, start);
    if (end < 0 || !isUtf8(bytes.subarray(start, end))) return line;
    start = end + 1;
  }
}

function toStamp({ ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return `${ino} ${size} ${mtimeNs} ${ctimeNs}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
