import { existsSync, rmSync, writeFileSync } from 'node:fs';

const markOf = (file: string) => `${file}.suspect`;

/**
 * Remembers, beside the file, that damage was met in it, so that the next opening reads every page however this process
 * ends. A check at every start would cost large claws seconds.
 */
export function markSuspect(file: string): void {
  try {
    writeFileSync(markOf(file), '');
  } catch {
    // The damage itself is thrown and matters more; without the mark only a start after a kill checks.
  }
}

export function isSuspect(file: string): boolean {
  return existsSync(markOf(file));
}

/** The file was found sound, or was set aside. */
export function clearSuspicion(file: string): void {
  rmSync(markOf(file), { force: true });
}
