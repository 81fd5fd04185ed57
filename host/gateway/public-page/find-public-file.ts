import { realpath, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

export type PublicFile =
  | { readonly kind: 'file'; readonly root: string; readonly path: string }
  /** A folder that was asked for without its last slash: relative links in its page would point beside it. */
  | { readonly kind: 'folder' }
  | { readonly kind: 'absent' };

const absent: PublicFile = { kind: 'absent' };

/**
 * The file of the public folder that an address names; `index.html` for a folder. Hidden files are not there, and neither is
 * what a link leads to outside of the folder: the agent writes into it, and the whole world reads it.
 */
export async function findPublicFile(folder: string, address: string): Promise<PublicFile> {
  if (address.includes('\0') || address.includes('\\')) return absent;
  const segments = address.split('/').filter((segment) => segment !== '');
  if (segments.some((segment) => segment.startsWith('.'))) return absent;
  try {
    const root = await realpath(folder);
    const named = join(root, ...segments);
    const isFolder = (await stat(named)).isDirectory();
    if (isFolder && address !== '' && !address.endsWith('/')) return { kind: 'folder' };
    const file = await realpath(isFolder ? join(named, 'index.html') : named);
    const path = relative(root, file);
    if (path.split(sep).some((segment) => segment.startsWith('.'))) return absent;
    return (await stat(file)).isFile() ? { kind: 'file', root, path } : absent;
  } catch (error) {
    if (isMissing(error as NodeJS.ErrnoException)) return absent;
    throw error;
  }
}

function isMissing({ code }: NodeJS.ErrnoException): boolean {
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP' || code === 'ENAMETOOLONG';
}
