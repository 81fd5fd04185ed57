import { mkdirSync, realpathSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { findPackage } from '../../../builder/bundle/sources.ts';

/** What a plugin's tests and an editor look for. */
const wanted = ['@clay/sdk', '@types/node'];

/**
 * Lets Node and editors find the SDK from a plugin's folder that lies outside of Clay's own. Builds do not look at these
 * links: they bring the SDK themselves.
 */
export function linkSdk(folder: string): void {
  const real = realpathSync(folder);
  for (const name of wanted) {
    if (isFound(name, real)) continue;
    const link = join(real, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(findPackage(name, import.meta.dirname), link, 'junction');
  }
}

function isFound(name: string, from: string): boolean {
  const paths = createRequire(join(from, 'index.ts')).resolve.paths(name) ?? [];
  try {
    findPackage(name, from);
    return paths.length > 0;
  } catch {
    return false;
  }
}
