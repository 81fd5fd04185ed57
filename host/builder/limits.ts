/** What one build may cost. Each limit's name is told when it is exceeded. */
export interface BuildLimits {
  /** Files of a plugin. */
  readonly files: number;
  /** One file, in bytes. */
  readonly fileBytes: number;
  /** All files, in bytes. */
  readonly bytes: number;
  /** Folders in each other. */
  readonly depth: number;
  /** An archive as it arrives, in bytes. */
  readonly archiveBytes: number;
  /** The bundle, in bytes. */
  readonly bundleBytes: number;
  /** Bundling, in milliseconds. */
  readonly buildMs: number;
  /** The type check, in milliseconds. */
  readonly checkMs: number;
  /** The compiler's resident memory, in megabytes. */
  readonly checkMemoryMb: number;
}

export const defaultLimits: BuildLimits = {
  files: 1000,
  fileBytes: 2_000_000,
  bytes: 10_000_000,
  depth: 12,
  archiveBytes: 5_000_000,
  bundleBytes: 10_000_000,
  buildMs: 10_000,
  checkMs: 30_000,
  checkMemoryMb: 1024,
};
