import { existsSync, realpathSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { defaultLimits } from '../../builder/limits.ts';
import { readSources } from '../../builder/source/read-sources.ts';
import type { Environment } from '../../config/load.ts';
import { CliError } from '../cli-error.ts';
import { defaultRoot } from '../client/find-claw.ts';

/** A plugin's folder, its one `.ts` file, or a `.star` file, as somebody named it. */
export interface PluginPlace {
  readonly name: string;
  readonly path: string;
  readonly isFolder: boolean;
  /** It lies where the running claw reads it itself, so that nothing has to be sent. */
  readonly isInClaw: boolean;
}

/** What the claw is asked to build; null: what lies in its own folder. */
export type SentFiles = Readonly<Record<string, string>> | null;

const namePattern = /^[a-z][a-z0-9-]{0,47}$/;

export async function findPlugin(text: string, env: Environment): Promise<PluginPlace> {
  const path = existsSync(resolve(text)) ? resolve(text) : (inClaw(text, env) ?? resolve(text));
  if (!existsSync(path)) throw new CliError(`There is no ${path}. Make one with "clay new plugin NAME".`);
  const isFolder = statSync(path).isDirectory();
  if (!isFolder && !/\.(star|m?ts|m?js)$/.test(path)) {
    throw new CliError(`${path} is no plugin: name its folder, its .ts file, or a .star file.`);
  }
  const name = (isFolder ? await manifestName(path) : null) ?? basename(path).replace(/\.(star|m?ts|m?js)$/, '');
  if (!namePattern.test(name)) {
    throw new CliError(
      `${JSON.stringify(name)} is no name of a plugin: use small letters, digits and "-", and begin with a letter. Rename ${path}.`,
    );
  }
  const own = join(resolve(env.CLAY_ROOT || defaultRoot), 'data', 'plugins', isFolder ? name : basename(path));
  const isInClaw = !env.CLAY_URL && existsSync(own) && realpathSync(own) === realpathSync(path);
  return { name, path, isFolder, isInClaw };
}

/** A plugin or extension of this claw, named by its name alone. */
function inClaw(name: string, env: Environment): string | null {
  if (!namePattern.test(name)) return null;
  const data = join(resolve(env.CLAY_ROOT || defaultRoot), 'data');
  const places = [
    ['plugins', name],
    ['plugins', `${name}.ts`],
    ['extensions', `${name}.star`],
  ] as const;
  return places.map(([folder, file]) => join(data, folder, file)).find((path) => existsSync(path)) ?? null;
}

/** Reads what would be built; the fingerprint changes with it. */
export async function readPlugin(
  place: PluginPlace,
): Promise<{ readonly files: SentFiles; readonly fingerprint: string }> {
  const { files } = await readSources(place.path, defaultLimits);
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const texts: Record<string, string> = {};
  for (const [path, bytes] of files) {
    try {
      texts[path] = decoder.decode(bytes);
    } catch {
      throw new CliError(`${join(place.path, path)} is not UTF-8 text, and only text can be sent to a claw.`);
    }
  }
  return { files: place.isInClaw ? null : texts, fingerprint: JSON.stringify(texts) };
}

/** The plugin's own word; a broken manifest is told by whoever builds it. */
async function manifestName(folder: string): Promise<string | null> {
  const { files } = await readSources(folder, defaultLimits);
  const manifest = files.get('plugin.json');
  if (manifest === undefined) return null;
  try {
    const { name } = JSON.parse(Buffer.from(manifest).toString('utf8')) as { readonly name?: unknown };
    return typeof name === 'string' ? name : null;
  } catch {
    return null;
  }
}
