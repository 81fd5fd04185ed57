import { accessSync, constants, existsSync, mkdtempSync, rmSync, statfsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { tokenFile } from '../../../gateway/token-file.ts';
import { type Finding, failure, ok, warning } from './check.ts';

const lowBytes = 100 * 1024 * 1024;

export interface VolumePlaces {
  readonly root: string;
  /** Every other folder that the claw writes to. */
  readonly folders: readonly string[];
  /** Files that it writes in place. */
  readonly files: readonly string[];
}

/** Whether the claw's folders, or the nearest ones that exist above them, can be written and have room. */
export function checkVolume({ root, folders, files }: VolumePlaces): Finding {
  const folder = nearestFolder(root);
  const closed = findClosed(new Set([root, ...folders].map(nearestFolder)), files);
  if (closed !== null) {
    const remedy = `Give this user (uid ${process.getuid?.() ?? 'unknown'}) the right to write ${closed.path}, or set CLAY_ROOT to a folder that it may write.`;
    return failure('volume', `${closed.path} cannot be written: ${closed.reason}`, remedy);
  }
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  const found = `${root}, ${formatBytes(free)} free${folder === root ? '' : ' (the folder will be made at the first start)'}`;
  if (free >= lowBytes) return ok('volume', found);
  return warning(
    'volume',
    found,
    'Make room: old backups are in data/backups, and a full volume stops the claw from remembering.',
  );
}

function findClosed(
  folders: ReadonlySet<string>,
  files: readonly string[],
): { readonly path: string; readonly reason: string } | null {
  const tries = [
    ...[...folders].map((path) => ({
      path,
      attempt: () => rmSync(mkdtempSync(join(path, '.clay-doctor-')), { recursive: true }),
    })),
    ...files
      .filter((path) => existsSync(path))
      .map((path) => ({ path, attempt: () => accessSync(path, constants.W_OK) })),
  ];
  for (const { path, attempt } of tries) {
    try {
      attempt();
    } catch (error) {
      return { path, reason: (error as Error).message };
    }
  }
  return null;
}

function nearestFolder(path: string): string {
  const parent = dirname(path);
  return existsSync(path) || parent === path ? path : nearestFolder(parent);
}

function formatBytes(bytes: number): string {
  return bytes >= 1024 ** 3 ? `${(bytes / 1024 ** 3).toFixed(1)} GiB` : `${Math.floor(bytes / 1024 ** 2)} MiB`;
}

/** The token must be readable by nobody else. */
export function checkTokenFile(data: string, isFromEnvironment: boolean): Finding {
  if (isFromEnvironment) return ok('token', 'from CLAY_TOKEN');
  const file = tokenFile(data);
  if (!existsSync(file)) return ok('token', 'none yet: made at the first start');
  const mode = statSync(file).mode & 0o777;
  if ((mode & 0o077) === 0) return ok('token', file);
  const remedy = `Run "chmod 600 ${file}", or start the claw, which does it. If others use this machine, delete the file: a new token is made.`;
  return warning('token', `${file} has mode ${mode.toString(8)}: others can read it`, remedy);
}
