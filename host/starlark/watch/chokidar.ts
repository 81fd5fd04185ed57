import { basename, dirname, relative, resolve } from 'node:path';
import { watch } from 'chokidar';

/** `polling` where the system tells of no changes, or has no watch left to give. */
export type WatchBackend = 'native' | 'polling';

export interface FolderEvents {
  /** Something happened to a file of the folder. */
  readonly onTouch: (file: string) => void;
  /** From now on every change is told. */
  readonly onReady: () => void;
  /** What is told from now on may be incomplete. */
  readonly onError: (error: Error) => void;
}

/** Opens the ears for the files right in a folder; gives the release. */
export type OpenFolderEvents = (folder: string, backend: WatchBackend, events: FolderEvents) => () => Promise<void>;

export const pollMs = 100;

export const openFolderEvents: OpenFolderEvents = (folder, backend, { onTouch, ...events }) => {
  const root = resolve(folder);
  const onPath = (path: string) => {
    if (dirname(path) === root) onTouch(basename(path));
  };
  return open(root, backend, { depth: 0, ignored: () => false }, { onTouch: onPath, ...events });
};

/** The same for a folder with all that lies below it; tells paths relative to it, folders as well. */
export const openTreeEvents: OpenFolderEvents = (folder, backend, { onTouch, ...events }) => {
  const root = resolve(folder);
  const ignored = (path: string) => /(^|[\\/])(node_modules|\.[^\\/]*)([\\/]|$)/.test(relative(root, path));
  const onPath = (path: string) => {
    if (path !== root) onTouch(relative(root, path));
  };
  return open(root, backend, { depth: treeDepth, ignored }, { onTouch: onPath, ...events });
};

/** Deeper than any plugin may be. */
const treeDepth = 16;

function open(
  root: string,
  backend: WatchBackend,
  { depth, ignored }: { readonly depth: number; readonly ignored: (path: string) => boolean },
  { onTouch, onReady, onError }: FolderEvents,
): () => Promise<void> {
  const watcher = watch(root, {
    backend,
    pollingInterval: pollMs,
    ignoreInitial: true,
    // What a link leads to is looked at by whoever reads it.
    followSymlinks: false,
    depth,
    ignored,
    // Files are settled by their bytes; a second patience would only add to it.
    atomic: false,
    persistent: false,
  });
  watcher.on('all', (_event, path) => onTouch(resolve(path)));
  watcher.on('ready', onReady);
  watcher.on('error', (error) => onError(error instanceof Error ? error : new Error(String(error))));
  return () => watcher.close();
}
