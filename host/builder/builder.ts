import type { BuiltPlugin } from './built-plugin.ts';

/** Sources on disk: a plugin's folder, or its one file. */
export interface FolderSources {
  readonly folder: string;
}

/** Sources in memory, by path. */
export interface FileSources {
  readonly files: ReadonlyMap<string, Uint8Array>;
}

export type BuildRequest = (FolderSources | FileSources) & {
  /** The plugin's name; left out: its manifest or the name of its folder or file. */
  readonly name?: string;
  /** Who asks: tenants take turns, and each waits only for itself. */
  readonly tenant?: string;
};

export interface CheckedPlugin {
  readonly name: string;
  readonly sourceDigest: string;
}

/**
 * Makes a plugin out of sources, here or at a build service. Both methods throw a `ClayError` whose message is a
 * summary, whose `details.output` is the whole text for the author, and whose diagnostics `diagnosticsOf` gives as
 * fields: `BAD_ARGUMENTS` for what the author wrote, `REFUSED` and `TOO_LARGE` for sources that are not even read,
 * `TIMEOUT`, `CANCELLED`, `CONFLICT` when newer sources took the place, `UNAVAILABLE` when the queue is full or a
 * compiler is not there.
 */
export interface Builder {
  build(request: BuildRequest, signal?: AbortSignal): Promise<BuiltPlugin>;
  /** The type check, which runs beside staging and gates the commit. */
  check(request: BuildRequest, signal?: AbortSignal): Promise<CheckedPlugin>;
  /** Ends the compilers. */
  close(): Promise<void>;
}
