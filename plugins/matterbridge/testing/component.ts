import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

export interface Component {
  readonly name: string;
  readonly path: string | null;
}

/** A program that some tests want: named by a variable, or a command on the PATH or where Debian puts servers. */
export function findComponent(name: string, variable: string): Component {
  const told = process.env[variable];
  if (told !== undefined && told !== '') return { name, path: isExecutable(told) ? told : null };
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin'];
  return { name, path: folders.map((folder) => join(folder, name)).find(isExecutable) ?? null };
}

/** For a test's `skip`; `REQUIRE_COMPONENTS=1` turns it into a failure, but for what is wanted only where possible. */
export function skipWithout(...components: readonly Component[]): string | false {
  const missing = components.filter(({ path }) => path === null).map(({ name }) => name);
  if (missing.length === 0) return false;
  if (process.env.REQUIRE_COMPONENTS === '1' && missing.some(isRequired))
    throw new Error(`REQUIRE_COMPONENTS=1, but ${missing.join(' and ')} is missing.`);
  return `skipped: ${missing.join(' and ')} not found`;
}

const list = new URL('../../../.ci/components.json', import.meta.url);

function isRequired(name: string): boolean {
  if (!existsSync(list)) return true;
  const components: Record<string, { readonly want: string }> = JSON.parse(readFileSync(list, 'utf8'));
  return components[name]?.want === 'required';
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
