import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { declareProgram } from './declare.ts';
import { bundleProgram } from './program.ts';

const root = dirname(dirname(import.meta.dirname));
const programs = join(root, 'host', 'dist', 'programs');
/** Of each plugin. */
const keptPrograms = 3;

/**
 * The folder of the program of a plugin that lies in a checkout as sources: made when it is first asked for, and again
 * when its sources, the SDK or the packages have changed.
 */
export async function sourceProgram(plugin: string): Promise<string> {
  const name = basename(plugin);
  const folder = join(programs, `${name}-${digestOf(plugin).slice(0, 16)}`);
  if (existsSync(folder)) return folder;
  // Two hosts may make it at once: each makes its own, and the first to finish gives it its name.
  const made = `${folder}.${process.pid}`;
  await bundleProgram(root, join(plugin, 'index.ts'), made);
  await declareProgram(made, join(plugin, 'plugin.json'));
  try {
    renameSync(made, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
    rmSync(made, { recursive: true });
  }
  removeOld(name);
  return folder;
}

/** A host that runs loads parts of its programs only when it needs them: the latest stay. */
function removeOld(name: string): void {
  const builds = readdirSync(programs)
    .filter((folder) => folder.replace(/-[0-9a-f]{16}$/, '') === name)
    .map((folder) => join(programs, folder));
  const byAge = builds.sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  for (const old of byAge.slice(keptPrograms)) rmSync(old, { recursive: true, force: true });
}

function digestOf(plugin: string): string {
  const hash = createHash('sha256');
  const files = [join(root, 'package-lock.json'), ...sources(join(root, 'sdk', 'src')), ...sources(plugin)];
  for (const file of files.sort()) hash.update(file).update(readFileSync(file));
  return hash.digest('hex');
}

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('node_modules') && !entry.name.endsWith('.test.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
}
