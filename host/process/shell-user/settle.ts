import { mkdirSync } from 'node:fs';
import { join, sep } from 'node:path';
import type { Paths } from '@clay/sdk';
import type { ShellUser } from './find-shell-user.ts';
import { giveFolder } from './give-folder.ts';
import { lendBuild } from './prepare-folders.ts';

/** All that programs need of the host's environment; the rest may be a secret. */
const passedVariables = ['PATH', 'LANG', 'LANGUAGE', 'TZ', 'TERM'];

/**
 * Makes ready what a plugin's process needs as the second user: its build can be read, its own folder, `data/files/<plugin>`,
 * is its home. Gives its environment.
 */
export function settle(
  user: ShellUser,
  plugin: string,
  build: string,
  { data }: Pick<Paths, 'data'>,
): Readonly<Record<string, string>> {
  if (build.startsWith(data + sep)) lendBuild(build, data);
  const home = join(data, 'files', plugin);
  mkdirSync(home, { recursive: true });
  giveFolder(home, user);
  const passed = Object.entries(process.env).filter(
    ([name]) => passedVariables.includes(name) || name.startsWith('LC_'),
  );
  return { ...(Object.fromEntries(passed) as Record<string, string>), HOME: home };
}
