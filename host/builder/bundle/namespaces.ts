import type { RuleCode } from '../diagnostic.ts';

/** The compiler puts these before the paths of the files that it has from us. */
export const sourceNamespace = 'plugin';
export const libraryNamespace = 'library';
/** The module that a generation's process begins with. */
export const startNamespace = 'start';

/** Goes through the compiler with a refused import, and comes back with its place. */
export interface RefusalDetail {
  readonly code: RuleCode;
  readonly advice: string;
}

/** The path in the plugin's folder; null for a file that is not the plugin's. */
export function sourcePath(path: string): string | null {
  return path.startsWith(`${sourceNamespace}:`) ? path.slice(sourceNamespace.length + 1) : null;
}
