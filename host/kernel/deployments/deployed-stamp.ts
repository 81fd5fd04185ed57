import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** How the sources of a plugin stood when they were deployed last, also by an earlier host; null: never. */
export function readDeployedStamp(generations: string, plugin: string): string | null {
  try {
    return readFileSync(fileOf(generations, plugin), 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

export function writeDeployedStamp(generations: string, plugin: string, stamp: string | null): void {
  const file = fileOf(generations, plugin);
  mkdirSync(join(generations, plugin), { recursive: true });
  if (stamp === null) rmSync(file, { force: true });
  else writeFileSync(file, `${stamp}\n`);
}

/** Beside the folders of its generations, whose names are numbers. */
function fileOf(generations: string, plugin: string): string {
  return join(generations, plugin, 'sources.stamp');
}
