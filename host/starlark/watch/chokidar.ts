import { basename, dirname, resolve } from 'node:path';
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

export const openFolderEvents: OpenFolderEvents = (folder, backend, { onTouch, onReady, onError }) => {
  const root = resolve(folder);
  const watcher = watch(root, {
    backend,
    pollingInterval: pollMs,
    ignoreInitial: true,
    // What a link leads to is looked at by whoever reads it.
    followSymlinks: false,
    depth: 0,
    // Files are settled by their bytes; a second patience would only add to it.
    atomic: false,
    persistent: false,
  });
  watcher.on('all', (_event, path) => {
    if (dirname(resolve(path)) === root) onTouch(basename(path));
  });
  watcher.on('ready', onReady);
  watcher.on('error', (error) => onError(error instanceof Error ? error : new Error(String(error))));
  return () => watcher.close();
};
